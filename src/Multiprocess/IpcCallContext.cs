using Multiprocess.Threads;

namespace Multiprocess;

/// <summary>What a method that runs for a peer may ask about its caller.</summary>
public sealed class IpcCallContext
{
    internal IpcCallContext(IpcConnection connection, CancellationToken cancellationToken)
    {
        Connection = connection;
        CancellationToken = cancellationToken;
    }

    /// <summary>Which call it is; none where the thread's own stack says so.</summary>
    internal CallStep Step { get; init; }

    /// <summary>The connection the call came on.</summary>
    public IpcConnection Connection { get; }

    /// <summary>Who calls: process id, user id, group id.</summary>
    public IpcPeer Peer => Connection.Peer;

    /// <summary>Cancelled when the caller cancels, its time runs out, or the connection ends. For methods that have no token of their own.</summary>
    public CancellationToken CancellationToken { get; }
}
