using Multiprocess.Native;
using Multiprocess.Transports.Unix;

namespace Multiprocess.Transports.Rings;

/// <summary>
/// The socket beside two rings: it carries doorbells, and its end tells that the peer is gone. Both directions use it.
/// </summary>
internal sealed class RingSocket(UnixSocketTransport stream)
{
    private long _uses;
    private volatile bool _isClosed;

    public UnixSocketTransport Stream { get; } = stream;

    public SocketDoorbell Bell { get; } = new(stream);

    /// <summary>True once this side has closed. Set before the socket is closed.</summary>
    public bool IsClosed => _isClosed;

    /// <summary>How often the socket was used while a direction was in its ring.</summary>
    public long Uses => Interlocked.Read(ref _uses);

    /// <summary>Counts a use of the socket for a ring.</summary>
    public void NoteUse() => Interlocked.Increment(ref _uses);

    /// <summary>Wakes the peer.</summary>
    /// <returns>False when either side has closed the socket.</returns>
    public bool Ring()
    {
        NoteUse();
        return Bell.Ring();
    }

    /// <summary>Sets <see cref="IsClosed"/>; the socket is still open.</summary>
    public void BeginToClose() => _isClosed = true;

    public IOException ClosedHere()
        => new($"The connection to {IpcText.Escape(Stream.Description)} was closed by this side.");

    public IOException ClosedByPeer()
        => new($"The peer of {IpcText.Escape(Stream.Description)} closed the connection.");
}
