using System.Buffers;
using Multiprocess.CapnProto.Framing;
using Multiprocess.CapnProto.Rpc.Wire;
using Multiprocess.Transports;

namespace Multiprocess.CapnProto.Rpc.Sockets;

/// <summary>The bytes that were received, cut into messages. Only the thread that reads uses it.</summary>
/// <remarks>
/// Memory grows only with the bytes that have arrived, whatever a segment table announces. A large message is received
/// into an array of its own, which then belongs to the message.
/// </remarks>
internal sealed class FrameBuffer(Transport transport, CapnpLimits limits, IncomingPool pool)
{
    private const int UsualBytes = 8 * 1024;

    /// <summary>Most bytes of memory that are allocated before the bytes for them have arrived.</summary>
    private const int AheadBytes = 64 * 1024;

    private readonly byte[] _usual = new byte[UsualBytes];
    private byte[]? _large;
    private int _start;
    private int _end;

    // The length of the incomplete message at the start; 0 if that is not known.
    private int _wanted;

    public int PartialBytes => _end - _start;

    private byte[] Bytes => _large ?? _usual;

    /// <summary>Receives available bytes without waiting.</summary>
    /// <returns>
    /// Their number; 0 at the end of the stream; <see cref="Transport.WouldBlock"/> if there are none.
    /// </returns>
    public int TryFill()
    {
        MakeRoom();
        Span<byte> room = Bytes.AsSpan(_end);
        if (_wanted > UsualBytes)
        {
            room = room[..Math.Min(room.Length, _wanted - _end)]; // The array is for this message alone.
        }

        int received = transport.TryReceive(room);
        if (received > 0)
        {
            _end += received;
        }

        return received;
    }

    /// <summary>Takes the next message; null if it is not complete.</summary>
    /// <exception cref="IpcProtocolException">Its segment table is malformed, or a limit is exceeded.</exception>
    public IncomingMessage? TryTake()
    {
        Span<byte> received = Bytes.AsSpan(_start, _end - _start);
        _wanted = 0;
        if (!SegmentTable.TryRead(received, limits, out SegmentTable table))
        {
            return null;
        }

        if (received.Length < table.FrameBytes)
        {
            _wanted = table.FrameBytes;
            return null;
        }

        if (_large is { } large && _start == 0 && _end == table.FrameBytes)
        {
            _large = null;
            _end = 0;
            return pool.TakeOver(large, table.FrameBytes);
        }

        Span<byte> frame = received[..table.FrameBytes];
        IncomingMessage message = pool.Take(frame);
        frame.Clear(); // No copy stays here: the message may be secret.
        _start += table.FrameBytes;
        if (_start == _end)
        {
            _start = _end = 0;
            DropLarge();
        }

        return message;
    }

    private void MakeRoom()
    {
        if (_wanted > UsualBytes)
        {
            MakeRoomForLarge();
            return;
        }

        byte[] bytes = Bytes;
        int room = bytes.Length - _end;
        if (room >= UsualBytes / 4 || (room > 0 && _start == 0))
        {
            return;
        }

        Span<byte> rest = bytes.AsSpan(_start, _end - _start);
        if (_start > 0)
        {
            rest.CopyTo(bytes);
            bytes.AsSpan(rest.Length, _end - rest.Length).Clear();
        }
        else
        {
            byte[] larger = ArrayPool<byte>.Shared.Rent(bytes.Length * 2);
            rest.CopyTo(larger);
            rest.Clear();
            DropLarge();
            _large = larger;
        }

        _end -= _start;
        _start = 0;
    }

    private void MakeRoomForLarge()
    {
        int received = _end - _start;
        if (_large is not null && _start == 0 && _end < _large.Length)
        {
            return;
        }

        Span<byte> rest = Bytes.AsSpan(_start, received);
        byte[] larger = ArrayPool<byte>.Shared.Rent(Math.Min(_wanted, Math.Max(AheadBytes, 2 * received)));
        rest.CopyTo(larger);
        rest.Clear();
        DropLarge();
        _large = larger;
        _start = 0;
        _end = received;
    }

    private void DropLarge()
    {
        if (_large is { } large)
        {
            _large = null;
            ArrayPool<byte>.Shared.Return(large);
        }
    }
}
