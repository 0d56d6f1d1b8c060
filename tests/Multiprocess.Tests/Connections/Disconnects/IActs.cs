namespace Multiprocess.Tests.Connections.Disconnects;

/// <summary>One method for each kind of call that a connection can be lost in.</summary>
[IpcInterface]
public interface IActs
{
    event Action<int> Raised;

    int Add(int a, int b);

    int Nest(int depth, Func<int, int> back);

    void Fail(string message);

    IThing Make(int number);

    int Use(IThing thing);

    void Keep(Func<int, int>? callback);

    int CallKept(int x);

    [IpcOneWay]
    void Post(int x);

    int Posted();

    Task<int> AddAsync(int a, int b, CancellationToken cancellationToken = default);

    Task<int> CallBackAsync(int x, Func<int, int> back);

    Task<IThing> MakeAsync(int number);

    IAsyncEnumerable<int> Count(int upTo);

    Task<int> SumAsync(IAsyncEnumerable<int> numbers);

    Stream Open(int length);

    long Measure(Stream stream);

    void Raise(int x);

    int Wait(CancellationToken cancellationToken);

    Task<int> WaitAsync(CancellationToken cancellationToken);

    int WaitIn(Func<int, int> back);

    /// <summary>Gives this side an object of the caller's, so that it can call too.</summary>
    void Meet(IActs other);
}

/// <summary>An object that is made on one side and owned by the other.</summary>
[IpcInterface]
public interface IThing : IDisposable
{
    int Number();
}
