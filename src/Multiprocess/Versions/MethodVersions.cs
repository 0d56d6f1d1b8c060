using Multiprocess.Framing;
using Multiprocess.Objects;
using Multiprocess.Threads;

namespace Multiprocess.Versions;

/// <summary>What the two sides of a connection know of each other's methods. Thread-safe.</summary>
internal sealed class MethodVersions(ThreadMap threads, FrameSender sender, ControlMessages control)
{
    /// <summary>The methods of which the peer knows what they carry here.</summary>
    public SentShapes Sent { get; } = new(threads, sender, control);

    /// <summary>Which one-way methods with bodies of their own the peer has.</summary>
    public KnownMethods Known { get; } = new();

    /// <summary>What the peer said of the methods that it calls.</summary>
    public PeerShapes Peer { get; } = new();

    /// <summary>Notes a contract whose fingerprint is the same on both sides. Before the first call.</summary>
    public void AddEqual(ContractBinding contract)
    {
        Sent.AddAll(contract);
        Known.AddAll(contract);
    }
}
