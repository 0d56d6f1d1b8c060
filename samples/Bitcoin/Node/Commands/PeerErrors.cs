using Bitcoin.Node.Net;

namespace Bitcoin.Node.Commands;

/// <summary>Errors of the methods about peers. The codes are Bitcoin Core's.</summary>
internal static class PeerErrors
{
    internal const int AlreadyAdded = -23;
    internal const int InvalidIpOrSubnet = -30;

    private const int Disabled = -31;

    /// <summary>The peers of a node.</summary>
    /// <exception cref="Interfaces.RpcException">The node has none.</exception>
    internal static PeerGroup Required(NodeContext node)
        => node.Peers ?? throw Inputs.Error(Disabled, "Error: Peer-to-peer functionality missing or disabled");
}
