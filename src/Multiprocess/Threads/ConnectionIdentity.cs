using Multiprocess.Transports;

namespace Multiprocess.Threads;

/// <summary>The identity of a connection, as a thread's call stack shows it.</summary>
/// <remarks>One for each connection, compared by reference. Thread-safe.</remarks>
/// <param name="transport">Knows the peer.</param>
/// <param name="time">The clock of the connection's timestamps.</param>
internal sealed class ConnectionIdentity(Transport transport, TimeProvider time)
{
    private long _number;

    public IpcPeer Peer => transport.Peer;

    public TimeProvider Time => time;

    /// <summary>Identifies the connection within the process; 0 until it is open.</summary>
    public long Number
    {
        get => Volatile.Read(ref _number);
        set => Volatile.Write(ref _number, value);
    }
}
