using Multiprocess.Framing;
using Multiprocess.Objects;
using Multiprocess.Threads;

namespace Multiprocess.Versions;

/// <summary>What the two sides of a connection know about each other's methods. Thread-safe.</summary>
internal sealed class MethodVersions(ThreadMap threads, FrameSender sender, ControlMessages control)
{
    /// <summary>The methods whose shapes this side has sent to the peer.</summary>
    public SentShapes Sent { get; } = new(threads, sender, control);

    /// <summary>Which one-way methods with a default body the peer has.</summary>
    public KnownMethods Known { get; } = new();

    /// <summary>The shapes of the methods that the peer calls.</summary>
    public PeerShapes Peer { get; } = new();

    /// <summary>Records a contract with equal fingerprints on both sides. Call this before the first call.</summary>
    public void AddEqual(ContractBinding contract)
    {
        Sent.AddAll(contract);
        Known.AddAll(contract);
    }
}
