using Multiprocess.Locks;
using Multiprocess.Transports.Unix;

namespace Multiprocess.Transports.Rings;

/// <summary>Wakes the peer, which blocks in the socket, with an empty frame.</summary>
/// <remarks>
/// Any thread may ring: the thread that sent, or a thread that received and so made room. Allowed only while this
/// side's stream is in the ring, because a doorbell must not get between the bytes of a frame.
/// </remarks>
internal sealed class SocketDoorbell(UnixSocketTransport socket)
{
    /// <summary>An empty frame: only its length.</summary>
    public const int Bytes = 4;

    // Held while ringing, which never blocks, so that no doorbell is sent after Forbid.
    private readonly Lock _lock = new();
    private bool _isAllowed;

    public void Allow()
    {
        using (Uninterruptible.Enter(_lock))
        {
            _isAllowed = true;
        }
    }

    public void Forbid()
    {
        using (Uninterruptible.Enter(_lock))
        {
            _isAllowed = false;
        }
    }

    /// <summary>Rings, if this is allowed.</summary>
    /// <returns>False when the peer or this side has closed the socket.</returns>
    public bool Ring()
    {
        ReadOnlySpan<byte> bell = [0, 0, 0, 0];
        using (Uninterruptible.Enter(_lock))
        {
            try
            {
                // A full socket already holds more doorbells than the peer needs. The system accepts so few bytes
                // completely or not at all.
                _ = _isAllowed ? socket.TrySend(bell, default) : 0;
                return true;
            }
            catch (IOException)
            {
                return false;
            }
        }
    }
}
