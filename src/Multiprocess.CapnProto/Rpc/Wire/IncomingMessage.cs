using System.Buffers;
using Multiprocess.CapnProto.Messages;

namespace Multiprocess.CapnProto.Rpc.Wire;

/// <summary>A received message and its memory.</summary>
internal sealed class IncomingMessage
{
    private readonly CapnpMessage _message;
    private byte[]? _frame;

    /// <param name="frame">A rented array. Given back by <see cref="Release"/>, also when the message is
    /// malformed.</param>
    /// <param name="length">The bytes of the message in it.</param>
    /// <param name="limits">The limits.</param>
    /// <exception cref="IpcProtocolException">The segment table is malformed.</exception>
    public IncomingMessage(byte[] frame, int length, CapnpLimits limits)
    {
        _frame = frame;
        _message = new(limits);
        Bytes = length;
        _message.Load(frame.AsMemory(0, length));
    }

    public int Bytes { get; }

    public CapnpPointerReader Root => _message.Root;

    /// <summary>Gives the memory back. Readers that somebody has kept find nothing any more, and not another
    /// message.</summary>
    public void Release()
    {
        if (Interlocked.Exchange(ref _frame, null) is { } frame)
        {
            _message.Arena.Unload();
            frame.AsSpan(0, Bytes).Clear(); // The next one who rents it is not to see it.
            ArrayPool<byte>.Shared.Return(frame);
        }
    }
}
