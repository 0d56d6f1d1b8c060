namespace Multiprocess.Stress;

/// <summary>What the stress program calls across the cut: one method per way in which a call can behave.</summary>
[IpcInterface]
public interface IStress
{
    int Add(int a, int b);

    byte[] Reverse(byte[] bytes);

    /// <summary>Calls back and forth until <paramref name="depth"/> is used up; the answer counts the levels.</summary>
    int Nest(int depth, Func<int, int> back);

    INode MakeNode(int value);

    int Sum(IReadOnlyList<INode> nodes);

    Task<int> AddAsync(int a, int b, CancellationToken cancellationToken = default);

    /// <summary>Waits until the caller gives up.</summary>
    int WaitForCancel(CancellationToken cancellationToken);

    /// <summary>Waits for ever, whatever its caller and its host want.</summary>
    void Hang();

    [IpcOneWay]
    void Note(int value);

    /// <summary>How often <see cref="Note"/> was called by this thread's worker.</summary>
    int Notes();

    void Throw(string message);

    event Action<int> Raised;

    void Raise(int value);

    int ThreadId();

    /// <summary>Collects what the other side no longer uses, so that it releases it.</summary>
    void Collect();
}

/// <summary>An object that lives on the other side.</summary>
[IpcInterface]
public interface INode : IDisposable
{
    int Value { get; set; }

    INode Self();
}
