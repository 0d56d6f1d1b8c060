using System.Buffers;
using Multiprocess.CapnProto.Messages;

namespace Multiprocess.CapnProto.Rpc.Wire;

/// <summary>A received message and its memory.</summary>
internal sealed class IncomingMessage
{
    private readonly CapnpMessage _message;
    private byte[]? _frame;

    /// <param name="frame">A rented array. <see cref="Release"/> returns it, also if the message is malformed.</param>
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

    /// <summary>
    /// Returns the memory. Readers that are still in use then find nothing; they never see another message.
    /// </summary>
    public void Release()
    {
        if (Interlocked.Exchange(ref _frame, null) is { } frame)
        {
            _message.Arena.Unload();
            frame.AsSpan(0, Bytes).Clear(); // The next user of the array must not see the message.
            ArrayPool<byte>.Shared.Return(frame);
        }
    }
}
