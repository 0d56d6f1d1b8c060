using Multiprocess.Framing;
using Multiprocess.Messages;
using Multiprocess.Objects;
using Multiprocess.Serialization;

namespace Multiprocess.Calls;

/// <summary>What one call needs on one thread: the buffer it is encoded into, and the contexts of writing and reading.</summary>
/// <remarks>
/// Kept per thread and connection, one for each level of nesting, because a getter that runs while a call is encoded may
/// itself call. Nobody else sees the buffer, so a user's getter never runs inside a shared reservation.
/// </remarks>
internal sealed class CallBuffer
{
    private CallBuffer? _next;

    private CallBuffer(CallChannel channel)
    {
        Output = new PooledBufferWriter(channel.Sender.MaxFrameBytes, MessageFormat.LengthPrefix, FrameReader.LimitOfReceiver);
        Writing = new ReferenceWriter(channel, Output);
        Reading = new ReferenceReader(channel);
    }

    public PooledBufferWriter Output { get; }

    public ReferenceWriter Writing { get; }

    public ReferenceReader Reading { get; }

    public RunningCall Running { get; } = new();

    /// <summary>True while the call that is answered from here counts as one in flight: until its answer is sent.</summary>
    public bool IsCounted { get; set; }

    /// <summary>Takes a buffer for one call from the calling thread's own.</summary>
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

    /// <summary>Gives the buffer back to the thread it came from.</summary>
    public void Return(ThreadBinding binding)
    {
        Output.Clear();
        _next = binding.Buffers;
        binding.Buffers = this;
    }
}
