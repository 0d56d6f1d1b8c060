using System.Diagnostics.CodeAnalysis;
using Multiprocess.Protocols;
using Multiprocess.Transports;

namespace Multiprocess.Framing;

/// <summary>Splits the bytes of a transport into frames.</summary>
/// <remarks>
/// Small frames are received many at a time into one buffer and copied out of it. The rest of a large frame is received
/// directly into its message. A <see cref="System.IO.Pipelines.Pipe"/> was measured here: it took 0.4 µs more per
/// frame, a tenth of a call on two cores, so pipes begin at the transport. Only the thread that reads may use this
/// class.
/// </remarks>
internal sealed class FrameReader
{
    // The buffer is small until one receive fills it: most connections never send that much at once.
    private const int SmallBufferBytes = 4 * 1024;
    private const int BufferBytes = 64 * 1024;

    // A frame larger than this that does not fit into the rest of the buffer is received directly into its message.
    private const int CopiedBytes = 16 * 1024;

    // A frame that has not arrived yet gets room for its first bytes, and 16 times as much whenever that room is full:
    // a peer that announces large frames and does not send them takes little memory. About a sixteenth of a large frame
    // is copied.
    private const int FirstBytes = 1024 * 1024 + CopiedBytes;
    private const int FirstBytesWhenScarce = 64 * 1024;
    private const int Growth = 16;

    private readonly Transport _transport;
    private readonly WireProtocol _protocol;
    private readonly MessagePool _pool;

    // Pinned, so that the garbage collector leaves no copies of a secret behind.
    private byte[] _buffer = GC.AllocateArray<byte>(SmallBufferBytes, pinned: true);
    private int _start;
    private int _end;

    // A large frame that is partly received, and the number of its bytes received.
    private Message? _partial;
    private int _partialBytes;

    private long _bytes;
    private long _framesTaken;

    public FrameReader(Transport transport, WireProtocol protocol, MessagePool pool)
    {
        _transport = transport;
        _protocol = protocol;
        _pool = pool;
    }

    /// <summary>Number of bytes received. Written by the reading thread, read by any.</summary>
    public long Bytes => Volatile.Read(ref _bytes);

    /// <summary>The buffer, for inspection. Read only while no thread receives.</summary>
    public ReadOnlySpan<byte> Buffer => _buffer;

    /// <summary>Number of complete frames taken. Written by the reading thread, read by any.</summary>
    public long Frames => Volatile.Read(ref _framesTaken);

    /// <summary>Most bytes received at once. Reading thread only.</summary>
    public int MaxFillBytes { get; set; } = int.MaxValue;

    /// <summary>Number of received bytes of an incomplete large frame. Reading thread only.</summary>
    public int PartialBytes => _partial is null ? 0 : _partialBytes;

    /// <summary>Memory, in bytes, that an incomplete large frame takes. Reading thread only.</summary>
    public int PartialMemory => _partial?.HeldBytes ?? 0;

    /// <summary>True when the next bytes of an incomplete large frame need more memory. Reading thread only.</summary>
    public bool PartialIsFull => _partial is not null && _partialBytes == _partial.Room.Length;

    /// <summary>Tells whether there is memory for so many more bytes. Called by the reading thread.</summary>
    public Func<int, bool> HasRoomFor { get; set; } = static _ => true;

    /// <summary>
    /// Largest frame accepted, in bytes, without the length in front of its message. Small until the handshake is over.
    /// </summary>
    public int MaxFrameBytes { get; set; }

    /// <summary>The name of the limit of an open connection, in words that are right on both sides.</summary>
    public const string LimitOfReceiver = "the receiver's IpcLimits.MaxFrameBytes";

    /// <summary>The name of the current limit, in words that are right on both sides.</summary>
    public string LimitName { get; set; } = "that of a handshake";

    /// <summary>True in the middle of a frame: the stream ending here means that the peer was cut off.</summary>
    public bool IsInsideFrame => _end > _start || _partial is not null;

    /// <summary>Receives available bytes without waiting.</summary>
    /// <returns>As <see cref="Transport.TryReceive"/>.</returns>
    public int TryFill() => Received(_transport.TryReceive(Next()));

    /// <summary>True while <see cref="SpinToFill"/> can find bytes.</summary>
    public bool CanSpin => _transport.CanSpin;

    /// <summary>Looks for bytes a number of times, without a system call, and receives them.</summary>
    /// <returns>As <see cref="Transport.TryReceive"/>.</returns>
    public int SpinToFill(int spins) => Received(_transport.SpinToReceive(Next(), spins));

    /// <summary>
    /// Receives bytes that have arrived, but that no poll would report. They must be routed before the reading thread
    /// stops reading.
    /// </summary>
    /// <returns>False when there are none.</returns>
    public bool FillUnseen() => _transport.Unseen > 0 && TryFill() > 0;

    /// <summary>Takes the bytes after the last frame of this stream, which belong to another stream.</summary>
    public ReadOnlySpan<byte> TakeRest()
    {
        ReadOnlySpan<byte> rest = _buffer.AsSpan(_start, _end - _start);
        _start = _end = 0;
        return rest;
    }

    /// <summary>
    /// True once the peer may send empty frames to wake this side. Reading thread only.
    /// </summary>
    public bool SkipsEmptyFrames { get; set; }

    /// <summary>Receives bytes, and waits for them if necessary.</summary>
    /// <returns>As <see cref="Transport.Receive"/>.</returns>
    public int Fill() => Received(_transport.Receive(Next()));

    /// <summary>Takes the next complete frame. False when more bytes must be received first.</summary>
    /// <exception cref="IpcProtocolException">The frame exceeds the limit.</exception>
    public bool TryRead([NotNullWhen(true)] out Message? complete)
    {
        complete = null;
        if (_partial is not null)
        {
            if (_partialBytes < _partial.Length)
            {
                return false;
            }

            complete = _partial;
            _partial = null;
            _framesTaken++;
            return true;
        }

        int prefix;
        uint announced;
        while (true)
        {
            if (!_protocol.TryMeasure(_buffer.AsSpan(_start, _end - _start), out prefix, out announced))
            {
                return false;
            }

            if (announced != 0 || !SkipsEmptyFrames)
            {
                break;
            }

            _start += prefix;
        }

        if (announced > (uint)MaxFrameBytes)
        {
            throw new IpcProtocolException(
                $"A frame of {announced:N0} bytes exceeds the limit of {MaxFrameBytes:N0}, which is {LimitName}.");
        }

        int length = (int)announced;
        int there = _end - _start - prefix;
        if (there < length && length <= CopiedBytes)
        {
            return false;
        }

        Message message = _pool.Rent();
        int taken = Math.Min(there, length);
        Span<byte> source = _buffer.AsSpan(_start + prefix, taken);
        bool isThere = there >= length;
        source.CopyTo(
            isThere
                ? message.Prepare(length)
                : message.Prepare(length, HasRoomFor(length) ? FirstBytes : FirstBytesWhenScarce));

        // Only later is it known whether the bytes were sensitive; wiping bytes just read costs almost nothing.
        source.Clear();
        _start += prefix + taken;
        if (taken < length)
        {
            _partial = message;
            _partialBytes = taken;
            return false;
        }

        complete = message;
        _framesTaken++;
        return true;
    }

    /// <summary>Reads the header of a message that <see cref="TryRead"/> took.</summary>
    /// <exception cref="IpcProtocolException">The frame is not a message of the protocol.</exception>
    public void ReadHeader(Message message) => _protocol.ReadHeader(message);

    private Span<byte> Next()
    {
        Span<byte> free = Free();
        return free.Length > MaxFillBytes ? free[..MaxFillBytes] : free;
    }

    /// <summary>Returns the place for the next bytes.</summary>
    private Span<byte> Free()
    {
        if (_partial is not null)
        {
            if (PartialIsFull && _partialBytes < _partial.Length)
            {
                _partial.Grow((int)Math.Min((long)_partialBytes * Growth, int.MaxValue));
            }

            return _partial.Room[_partialBytes..];
        }

        if (_end == SmallBufferBytes && _buffer.Length == SmallBufferBytes)
        {
            MoveRestTo(GC.AllocateArray<byte>(BufferBytes, pinned: true));
        }
        else if (_start == _end)
        {
            _start = _end = 0;
        }
        else if (_end > _buffer.Length - CopiedBytes - _protocol.MaxPrefixBytes)
        {
            // The rest is the beginning of one small frame.
            MoveRestTo(_buffer);
        }

        return _buffer.AsSpan(_end);
    }

    /// <summary>
    /// Moves the beginning of a frame to the front of the same buffer or of a larger one, and wipes the old place.
    /// </summary>
    private void MoveRestTo(byte[] buffer)
    {
        Span<byte> rest = _buffer.AsSpan(_start, _end - _start);
        rest.CopyTo(buffer);
        int kept = buffer == _buffer ? rest.Length : 0;
        _buffer.AsSpan(kept, _end - kept).Clear();
        _buffer = buffer;
        _start = 0;
        _end = rest.Length;
    }

    private int Received(int bytes)
    {
        if (bytes > 0)
        {
            _bytes += bytes;
            if (_partial is not null)
            {
                _partialBytes += bytes;
            }
            else
            {
                _end += bytes;
            }
        }

        return bytes;
    }
}
