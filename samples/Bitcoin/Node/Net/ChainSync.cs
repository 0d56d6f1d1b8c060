using Bitcoin.Chain;

namespace Bitcoin.Node.Net;

/// <summary>
/// Whether an outbound peer keeps up with the chain. Under the group's gate. States: fine; behind, until a time; asked
/// for its headers, until a time.
/// </summary>
internal sealed class ChainSync
{
    /// <summary>Until when the peer has time to catch up; null where it is not behind.</summary>
    internal DateTimeOffset? Until { get; set; }

    /// <summary>The tip when it was found to be behind.</summary>
    internal ChainBlock? Benchmark { get; set; }

    internal bool WasAsked { get; set; }

    /// <summary>
    /// Whether the peer stays whatever it does: a few that had good chains do, lest all be lost at once.
    /// </summary>
    internal bool IsProtected { get; set; }
}
