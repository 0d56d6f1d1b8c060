using System.Buffers;
using Multiprocess.CapnProto.Rpc.Wire;

namespace Multiprocess.CapnProto.Rpc.Sockets;

/// <summary>Received messages that are used again, so that warm calls allocate nothing.</summary>
/// <remarks>Any thread. Nested calls have several messages at the same time.</remarks>
internal sealed class IncomingPool(CapnpLimits limits)
{
    private readonly IncomingMessage?[] _free = new IncomingMessage?[8];

    /// <summary>Copies a whole frame into a message.</summary>
    /// <exception cref="IpcProtocolException">The segment table is malformed.</exception>
    public IncomingMessage Take(ReadOnlySpan<byte> frame)
    {
        byte[] copy = ArrayPool<byte>.Shared.Rent(frame.Length);
        frame.CopyTo(copy);
        return TakeOver(copy, frame.Length);
    }

    /// <summary>Makes a rented array with a whole frame a message.</summary>
    /// <exception cref="IpcProtocolException">The segment table is malformed.</exception>
    public IncomingMessage TakeOver(byte[] frame, int length)
    {
        for (int i = 0; i < _free.Length; i++)
        {
            if (Volatile.Read(ref _free[i]) is not null
                && Interlocked.Exchange(ref _free[i], null) is { } message)
            {
                message.Load(frame, length);
                return message;
            }
        }

        return new IncomingMessage(frame, length, limits, this);
    }

    /// <summary>Takes back a message that nobody refers to any more.</summary>
    public void Return(IncomingMessage message)
    {
        for (int i = 0; i < _free.Length; i++)
        {
            if (Interlocked.CompareExchange(ref _free[i], message, null) is null)
            {
                return;
            }
        }
    }
}
