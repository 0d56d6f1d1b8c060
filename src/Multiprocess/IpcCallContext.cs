using Multiprocess.Threads;

namespace Multiprocess;

/// <summary>What a called method can learn about its caller.</summary>
public sealed class IpcCallContext
{
    internal IpcCallContext(IpcConnection connection, CancellationToken cancellationToken)
    {
        Connection = connection;
        CancellationToken = cancellationToken;
    }

    /// <summary>Identifies the call; default when the thread's own call stack already identifies it.</summary>
    internal CallStep Step { get; init; }

    /// <summary>The connection that the call arrived on.</summary>
    public IpcConnection Connection { get; }

    /// <summary>The caller: process id, user id, group id.</summary>
    public IpcPeer Peer => Connection.Peer;

    /// <summary>
    /// Cancelled when the caller cancels, the call times out, or the connection ends. For methods without a token
    /// parameter.
    /// </summary>
    public CancellationToken CancellationToken { get; }
}
