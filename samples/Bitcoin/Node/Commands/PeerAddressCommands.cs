using System.Text.Json.Nodes;
using Bitcoin.Interfaces;
using Bitcoin.Node.Net;
using Bitcoin.Rpc;

namespace Bitcoin.Node.Commands;

/// <summary>Methods about the known addresses of other nodes.</summary>
internal sealed class PeerAddressCommands(NodeContext node)
{
    private PeerGroup Peers => PeerErrors.Required(node);

    internal void Register()
    {
        CommandGroup group = new(node.Rpc, "Network");
        group.Add(
            "getnodeaddresses",
            "count:number? network:text?",
            "Return known addresses, after filtering for quality and recency.\nThese can potentially be used to find "
                + "new peers in the network.",
            NodeAddresses);
        group.Add(
            "getaddrmaninfo",
            "",
            "Provides information about the node's address manager by returning the number of addresses in the `new` "
                + "and `tried` tables and their sum for all networks.",
            _ => AddressCounts());
        group.Add(
            "exportasmap",
            "path:text",
            "Export the embedded ASMap data to a file. Any existing file at the path will be overwritten.",
            static _ => throw Inputs.Error(RpcErrorCode.Misc, "No embedded ASMap data available"));
        CommandGroup hidden = new(node.Rpc, RpcHelp.HiddenCategory);
        hidden.Add(
            "addpeeraddress",
            "address:text port:number tried:bool?",
            "Add the address of a potential peer to an address manager table. This RPC is for testing only.",
            AddPeerAddress);
        hidden.Add(
            "getrawaddrman",
            "",
            "EXPERIMENTAL warning: this call may be changed in future releases.\n\nReturns information on all address "
                + "manager entries for the new and tried tables.",
            _ => RawAddresses());
    }

    private JsonArray NodeAddresses(RpcCall call)
    {
        long count = call.Number(0, 1);
        if (count < 0)
        {
            throw Inputs.Error(RpcErrorCode.InvalidParameter, "Address count out of range");
        }

        string network = call.Text(1);
        if (network.Length > 0 && network is not ("ipv4" or "ipv6" or "onion" or "i2p" or "cjdns"))
        {
            throw Inputs.Error(RpcErrorCode.InvalidParameter, $"Network not recognized: {network}");
        }

        return Values.Array(Peers.Addresses
            .Sample((int)Math.Min(count, int.MaxValue), percent: 0, network.Length == 0 ? null : network)
            .Select(static one => (JsonNode)new JsonObject
            {
                ["time"] = one.Time,
                ["services"] = one.Services,
                ["address"] = one.Address.Host,
                ["port"] = one.Address.Port,
                ["network"] = one.Address.Network,
            }));
    }

    private JsonObject AddressCounts()
    {
        JsonObject Counts(string? network)
        {
            (int fresh, int tried) = Peers.Addresses.Counts(network);
            return new JsonObject { ["new"] = fresh, ["tried"] = tried, ["total"] = fresh + tried };
        }

        JsonObject result = new(
            NetworkNames.All.Select(network => KeyValuePair.Create(network, (JsonNode?)Counts(network))));
        result["all_networks"] = Counts(null);
        return result;
    }

    private JsonObject RawAddresses()
    {
        JsonObject Table(bool isTried) => new(
            Peers.Addresses.Table(isTried).Select(place => KeyValuePair.Create(
                $"{place.Bucket}/{place.Position}", (JsonNode?)RawAddress(place.Entry))));
        return new JsonObject { ["new"] = Table(isTried: false), ["tried"] = Table(isTried: true) };
    }

    private JsonObject RawAddress(AddressEntry entry)
    {
        JsonObject value = new() { ["address"] = entry.Address.Host };
        if (Peers.Groups.OperatorOf(entry.Address) is not 0 and uint number)
        {
            value["mapped_as"] = (long)number;
        }

        value["port"] = entry.Address.Port;
        value["network"] = entry.Address.Network;
        value["services"] = entry.Services;
        value["time"] = entry.Time;
        value["source"] = entry.Source.Host;
        value["source_network"] = entry.Source.Network;
        if (Peers.Groups.OperatorOf(entry.Source) is not 0 and uint source)
        {
            value["source_mapped_as"] = (long)source;
        }

        return value;
    }

    private JsonNode AddPeerAddress(RpcCall call)
    {
        long port = call.Number(1);
        if (port is < 0 or > ushort.MaxValue)
        {
            throw Inputs.Error(RpcErrorCode.Misc, "JSON integer out of range");
        }

        if (!NetAddress.TryParse(call.Text(0), (int)port, Peers.Options.Reach.HasCjdns, out NetAddress? address))
        {
            throw Inputs.Error(PeerErrors.InvalidIpOrSubnet, "Invalid IP address");
        }

        // The source of the address is the address itself.
        long now = node.Clock.GetUtcNow().ToUnixTimeSeconds();
        string? error = Peers.Addresses.Add(
            [(address, PeerMessages.NodeNetwork | PeerMessages.NodeWitness, now)],
            address) == 0 ? "failed-adding-to-new"
            : call.Bool(2) && !Peers.Addresses.Good(address) ? "failed-adding-to-tried"
            : null;
        return error is null ? new JsonObject { ["success"] = true } : new JsonObject
        {
            ["success"] = false,
            ["error"] = error,
        };
    }
}
