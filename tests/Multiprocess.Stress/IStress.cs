using System.Text.Json.Nodes;

namespace Multiprocess.Stress;

/// <summary>What the stress program calls across the cut: one method per way in which a call can behave.</summary>
[IpcInterface]
public interface IStress
{
    int Add(int a, int b);

    byte[] Reverse(byte[] bytes);

    /// <summary>Calls back and forth until <paramref name="depth"/> is used up; the answer counts the levels.</summary>
    int Nest(int depth, Func<int, int> back);

    /// <summary>As <see cref="Nest"/>, but at the far end of a child of the callee's own.</summary>
    int NestThroughChild(int depth, Func<int, int> back);

    INode MakeNode(int value);

    int Sum(IReadOnlyList<INode> nodes);

    /// <summary>Asks a node that is lent for this call.</summary>
    int Ask([IpcBorrowed] INode node);

    Task<int> AddAsync(int a, int b, CancellationToken cancellationToken = default);

    /// <summary>Asks back without holding a thread on either side.</summary>
    Task<int> AskAsync(int value, Func<int, Task<int>> ask);

    /// <summary>Waits until the caller gives up.</summary>
    int WaitForCancel(CancellationToken cancellationToken);

    /// <summary>Waits for ever, whatever its caller and its host want.</summary>
    void Hang();

    /// <summary>Waits until the caller's time is up.</summary>
    [IpcMethod(TimeoutMilliseconds = 10)]
    int WaitTooLong();

    /// <summary>Ignores that its caller has given up, and calls back when it has.</summary>
    int Linger([IpcBorrowed] Func<int, int> back, CancellationToken cancellationToken);

    /// <summary>Calls back from a thread that is in no call.</summary>
    int CallFromAnotherThread(int value, Func<int, int> back);

    /// <summary>Keeps a callback for this thread of the caller.</summary>
    void Keep(Func<int, int>? callback);

    /// <summary>Calls what was kept for this thread of the caller.</summary>
    int CallKept(int value);

    [IpcOneWay]
    void Note(int value);

    /// <summary>How often <see cref="Note"/> was called by this thread's worker.</summary>
    int Notes();

    /// <summary>Takes a secret, wipes it, and says how long it was.</summary>
    int Confide(SecretString secret);

    /// <summary>Takes a secret that nobody can wipe.</summary>
    int ConfideText([IpcSensitive] string secret);

    /// <inheritdoc cref="ConfideText"/>
    int ConfideJson([IpcSensitive] JsonNode secret);

    void Throw(string message);

    event Action<int> Raised;

    void Raise(int value);

    int ThreadId();

    /// <summary>The trace under which the call runs.</summary>
    string? Trace();

    /// <summary>Collects what the other side no longer uses, so that it releases it.</summary>
    void Collect();

    /// <summary>What the callee's side holds.</summary>
    StressState State();
}

/// <summary>An object that lives on either side, and knows another.</summary>
[IpcInterface]
public interface INode : IDisposable
{
    int Value { get; set; }

    INode Self();

    void Connect(INode? next);

    /// <summary>The values of so many nodes from here, each asked by the one before it.</summary>
    int SumPath(int steps);
}
