using Multiprocess.Framing;
using Multiprocess.Messages;
using Multiprocess.Objects;
using Multiprocess.Serialization;
using Multiprocess.Threads;

namespace Multiprocess.Calls;

/// <summary>What one call needs on one thread: the buffer it is encoded into, and the contexts of writing and reading.</summary>
/// <remarks>
/// Kept per thread and connection, one for each level of nesting, because a getter that runs while a call is encoded may
/// itself call. Nobody else sees the buffer, so a user's getter never runs inside a shared reservation.
/// </remarks>
internal sealed class CallBuffer
{
    public CallBuffer(CallChannel channel)
    {
        Output = new PooledBufferWriter(channel.MaxSentFrameBytes, MessageFormat.LengthPrefix, FrameReader.LimitOfReceiver);
        Writing = new ReferenceWriter(channel, Output);
        Reading = new ReferenceReader(channel);
    }

    public PooledBufferWriter Output { get; }

    public ReferenceWriter Writing { get; }

    public ReferenceReader Reading { get; }

    public RunningCall Running { get; } = new();

    /// <summary>True while the call that is answered from here counts as one in flight: until its answer is sent.</summary>
    public bool IsCounted { get; set; }

    /// <summary>The buffer kept for the next nesting level, while this one is in use.</summary>
    public CallBuffer? Next { get; set; }
}
