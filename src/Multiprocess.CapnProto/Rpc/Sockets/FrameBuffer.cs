using System.Buffers;
using Multiprocess.CapnProto.Framing;
using Multiprocess.CapnProto.Rpc.Wire;
using Multiprocess.Transports;

namespace Multiprocess.CapnProto.Rpc.Sockets;

/// <summary>The bytes that were received, cut into messages. Only the thread that reads uses it.</summary>
/// <remarks>Memory grows only with the bytes that have arrived, whatever a segment table announces.</remarks>
internal sealed class FrameBuffer(Transport transport, CapnpLimits limits, IncomingPool pool)
{
    private const int UsualBytes = 8 * 1024;

    private readonly byte[] _usual = new byte[UsualBytes];
    private byte[]? _large;
    private int _start;
    private int _end;

    public bool IsInsideFrame => _end > _start;

    public int PartialBytes => _end - _start;

    private byte[] Bytes => _large ?? _usual;

    /// <summary>Receives available bytes without waiting.</summary>
    /// <returns>
    /// Their number; 0 at the end of the stream; <see cref="Transport.WouldBlock"/> if there are none.
    /// </returns>
    public int TryFill()
    {
        MakeRoom();
        int received = transport.TryReceive(Bytes.AsSpan(_end));
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
        if (!SegmentTable.TryRead(received, limits, out SegmentTable table) || received.Length < table.FrameBytes)
        {
            return null;
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

    private void DropLarge()
    {
        if (_large is { } large)
        {
            _large = null;
            ArrayPool<byte>.Shared.Return(large);
        }
    }
}
