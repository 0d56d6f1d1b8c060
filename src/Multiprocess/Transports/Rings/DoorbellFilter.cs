namespace Multiprocess.Transports.Rings;

/// <summary>
/// Drops the doorbells that a socket brings while the peer's stream is in shared memory, and keeps the bytes after
/// them. Those are the first frames after the stream's return to the socket. They may arrive before this side has read
/// the announcement of the return.
/// </summary>
/// <remarks>Receiving thread only, except <see cref="Kept"/>.</remarks>
internal sealed class DoorbellFilter
{
    /// <summary>Most bytes to add at once.</summary>
    public const int MaxBytes = 64;

    private readonly byte[] _kept = new byte[MaxBytes + SocketDoorbell.Bytes];
    private int _start;
    private int _end;

    // Number of zero bytes of an incomplete doorbell, or of the beginning of a frame's length.
    private int _zeros;

    /// <summary>Number of bytes kept; none of them belongs to a doorbell.</summary>
    public int Kept => Volatile.Read(ref _end) - Volatile.Read(ref _start);

    /// <summary>
    /// Adds bytes that were received after the announcement of the move, or while the stream was in the ring.
    /// </summary>
    /// <exception cref="IpcProtocolException">More bytes follow the doorbells than this class keeps.</exception>
    public void Add(ReadOnlySpan<byte> bytes)
    {
        int doorbells = 0;
        if (Kept == 0)
        {
            int first = bytes.IndexOfAnyExcept((byte)0);
            int zeros = _zeros + (first < 0 ? bytes.Length : first);
            _zeros = zeros % SocketDoorbell.Bytes;
            if (first < 0)
            {
                return;
            }

            // The length of a frame may itself begin with zeros.
            _kept.AsSpan(0, _zeros).Clear();
            _start = 0;
            _end = _zeros;
            _zeros = 0;
            doorbells = first;
        }

        ReadOnlySpan<byte> frames = bytes[doorbells..];
        if (frames.Length > _kept.Length - _end)
        {
            throw new IpcProtocolException(
                "The peer sent on the socket while its stream is in shared memory. Expected empty frames.");
        }

        frames.CopyTo(_kept.AsSpan(_end));
        Volatile.Write(ref _end, _end + frames.Length);
    }

    /// <summary>
    /// Called when the stream is on the socket again: the bytes of an incomplete doorbell then belong to the stream.
    /// </summary>
    public void Release()
    {
        if (Kept == 0)
        {
            _kept.AsSpan(0, _zeros).Clear();
            _start = 0;
            Volatile.Write(ref _end, _zeros);
            _zeros = 0;
        }
    }

    /// <summary>Takes kept bytes.</summary>
    public int Take(Span<byte> buffer)
    {
        int count = Math.Min(Kept, buffer.Length);
        _kept.AsSpan(_start, count).CopyTo(buffer);
        _kept.AsSpan(_start, count).Clear();
        Volatile.Write(ref _start, _start + count);
        return count;
    }
}
