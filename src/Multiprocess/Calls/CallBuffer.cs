using Multiprocess.Buffers;
using Multiprocess.Framing;
using Multiprocess.Incoming;

namespace Multiprocess.Calls;

/// <summary>The resources of one call on one thread: its output buffer and its write and read contexts.</summary>
/// <remarks>
/// Kept per thread and connection, one per nesting level, because a getter that runs while a call is encoded may make a
/// call itself. The buffer is not shared, so no user code runs inside a shared reservation.
/// </remarks>
internal sealed class CallBuffer
{
    private readonly CallChannel _channel;
    private AcceptedCall? _call;
    private CallBuffer? _next;

    private CallBuffer(CallChannel channel)
    {
        _channel = channel;
        Output = new PooledBufferWriter(
            channel.Sender.MaxFrameBytes, channel.Protocol.MaxPrefixBytes, FrameReader.LimitOfReceiver);
        Writing = new ReferenceWriter(channel, Output);
        Reading = new ReferenceReader(channel);
    }

    public PooledBufferWriter Output { get; }

    public ReferenceWriter Writing { get; }

    public ReferenceReader Reading { get; }

    /// <summary>The call of the peer that runs at this level, or was answered from this buffer.</summary>
    public AcceptedCall Call => _call ??= new AcceptedCall(_channel);

    /// <summary>True while the call answered from this buffer counts as in flight: until its answer is sent.</summary>
    public bool IsCounted { get; set; }

    /// <summary>Rents a buffer for one call from the calling thread's own buffers.</summary>
    public static CallBuffer Rent(CallChannel channel, ThreadBinding binding)
    {
        if (binding.Buffers is { } buffer)
        {
            binding.Buffers = buffer._next;
            buffer._next = null;
            return buffer;
        }

        return new CallBuffer(channel);
    }

    /// <summary>Leaves <see cref="Call"/> to the task that will answer it; the next call gets another object.</summary>
    public void LeaveCall() => _call = null;

    /// <summary>Returns the buffer to the thread that rented it.</summary>
    public void Return(ThreadBinding binding)
    {
        _call?.Clear();
        Output.Clear();
        _next = binding.Buffers;
        binding.Buffers = this;
    }
}
