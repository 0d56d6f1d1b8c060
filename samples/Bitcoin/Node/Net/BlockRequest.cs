using Bitcoin.Chain;

namespace Bitcoin.Node.Net;

/// <summary>A block that a peer was asked for. Under the group's gate.</summary>
/// <param name="block">The block.</param>
internal sealed class BlockRequest(ChainBlock block)
{
    private static long s_last;

    internal ChainBlock Block { get; } = block;

    /// <summary>A block may be asked for from several peers: the lowest is the first of them.</summary>
    internal long Sequence { get; } = Interlocked.Increment(ref s_last);

    /// <summary>What there is of the block where it comes as a compact one.</summary>
    internal PartialBlock? Partial { get; set; }
}
