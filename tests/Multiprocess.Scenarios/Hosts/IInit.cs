namespace Multiprocess.Scenarios.Hosts;

/// <summary>
/// What a node gives out first: the interfaces of a node and its wallet, of the shapes that are hard to carry.
/// </summary>
[IpcInterface]
public interface IInit
{
    IChain Chain { get; }

    INode Node { get; }

    IMining Mining { get; }
}

/// <summary>Ends what it was returned for.</summary>
[IpcInterface]
public interface IHandler : IDisposable
{
    void Disconnect();
}

public sealed class Init : IInit
{
    public IChain Chain { get; } = new Chain();

    public INode Node { get; } = new Node();

    public IMining Mining { get; } = new Mining();
}

internal sealed class Handler(Action end) : IHandler
{
    private Action? _end = end;

    public void Disconnect() => Interlocked.Exchange(ref _end, null)?.Invoke();

    public void Dispose() => Disconnect();
}
