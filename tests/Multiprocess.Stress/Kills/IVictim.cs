namespace Multiprocess.Stress.Kills;

/// <summary>
/// One method for each kind of call that a process can be killed in. Each rests until its token is cancelled.
/// </summary>
[IpcInterface]
public interface IVictim
{
    event Action<int> Raised;

    /// <summary>Whom to tell, over this connection, that something rests.</summary>
    void Report(Action<string> to);

    int Add(int a, int b);

    int Rest();

    int RestUntil(CancellationToken cancellationToken);

    /// <summary>Calls back until <paramref name="depth"/> is used up; then rests.</summary>
    int Nest(int depth, Func<int, int> back);

    IPart Make();

    /// <summary>Makes a part whose <see cref="IDisposable.Dispose"/> rests.</summary>
    IPart MakeSlow();

    /// <summary>Rests with an object of the caller's.</summary>
    int Hold(IPart part);

    /// <summary>Has an object of the caller's rest.</summary>
    int Ask(IPart part);

    int CallBack(Func<int, int> back);

    Task<int> RestAsync(CancellationToken cancellationToken = default);

    Task<int> CallBackAsync(Func<int, CancellationToken, Task<int>> back);

    IAsyncEnumerable<int> Items(CancellationToken cancellationToken = default);

    Task<int> SumAsync(IAsyncEnumerable<int> items);

    Stream Open();

    int Measure(Stream stream);

    [IpcOneWay]
    void Post();

    void Raise(int value);
}

/// <summary>An object that is made on one side and held by the other.</summary>
[IpcInterface]
public interface IPart : IDisposable
{
    int Number();

    int Rest();
}
