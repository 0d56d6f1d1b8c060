using System.Buffers;
using Multiprocess.CapnProto.Messages;
using Multiprocess.CapnProto.Rpc.Sockets;

namespace Multiprocess.CapnProto.Rpc.Wire;

/// <summary>A received message and its memory.</summary>
internal sealed class IncomingMessage
{
    private readonly CapnpMessage _message;
    private readonly IncomingPool? _pool;
    private byte[]? _frame;

    /// <param name="frame">A rented array. <see cref="Release"/> returns it, also if the message is malformed.</param>
    /// <param name="length">The bytes of the message in it.</param>
    /// <param name="limits">The limits.</param>
    /// <param name="pool">Where the message is used again; null if it is not.</param>
    /// <exception cref="IpcProtocolException">The segment table is malformed.</exception>
    public IncomingMessage(byte[] frame, int length, CapnpLimits limits, IncomingPool? pool = null)
    {
        _message = new(limits);
        _pool = pool;
        Payload = Payload.Of(this);
        Load(frame, length);
    }

    public int Bytes { get; private set; }

    public CapnpPointerReader Root => _message.Root;

    /// <summary>The parameters or results in the message.</summary>
    public Payload Payload { get; }

    /// <summary>Loads another message, after the earlier one was released.</summary>
    /// <exception cref="IpcProtocolException">The segment table is malformed.</exception>
    public void Load(byte[] frame, int length)
    {
        _frame = frame;
        Bytes = length;
        _message.Load(frame.AsMemory(0, length));
    }

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

    /// <summary>Makes a released message available again. Only if nobody has a reader of it any more.</summary>
    public void Recycle() => _pool?.Return(this);
}
