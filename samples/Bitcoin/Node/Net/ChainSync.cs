using Bitcoin.Chain;

namespace Bitcoin.Node.Net;

/// <summary>
/// Whether an outbound peer keeps up with the chain. Used under the group's gate. States: up to date; behind, with a
/// deadline; asked for headers, with a deadline.
/// </summary>
internal sealed class ChainSync
{
    /// <summary>The deadline for the peer to catch up; null if it is not behind.</summary>
    internal DateTimeOffset? Until { get; set; }

    /// <summary>The tip of this node when the peer was found to be behind.</summary>
    internal ChainBlock? Benchmark { get; set; }

    internal bool WasAsked { get; set; }

    /// <summary>
    /// Whether the peer is never disconnected for this reason: a few peers with good chains are kept, so that not all
    /// are lost at once.
    /// </summary>
    internal bool IsProtected { get; set; }
}
