using Bitcoin.Chain;

namespace Bitcoin.Node.Net;

/// <summary>A block that was requested from a peer. Used under the group's gate.</summary>
/// <param name="block">The block.</param>
internal sealed class BlockRequest(ChainBlock block)
{
    private static long s_last;

    internal ChainBlock Block { get; } = block;

    /// <summary>
    /// The order of requests: a block may be requested from several peers, and the lowest number came first.
    /// </summary>
    internal long Sequence { get; } = Interlocked.Increment(ref s_last);

    /// <summary>The parts of the block that are known, if it comes as a compact block.</summary>
    internal PartialBlock? Partial { get; set; }
}
