using System.Globalization;
using System.Text.Json.Nodes;
using Bitcoin.Interfaces;
using Bitcoin.Node.Net;
using Bitcoin.Rpc;
using NBitcoin;

namespace Bitcoin.Node.Commands;

/// <summary>Methods about the network and the peers.</summary>
internal sealed class NetworkCommands(NodeContext node)
{
    private const int ClientNotConnected = -29;
    private const int NodeNotAdded = -24;

    private PeerGroup Peers => PeerErrors.Required(node);

    internal void Register()
    {
        CommandGroup group = new(node.Rpc, "Network");
        group.Add(
            "getnetworkinfo",
            "",
            $"Returns an object containing various state info regarding P2P networking.\nThe networks are "
                + $"({string.Join(", ", NetworkNames.All)}).",
            _ => Info());
        group.Add(
            "getpeerinfo",
            "",
            $"Returns data about each connected network peer as a json array of objects.\nThe network is one of "
                + $"({string.Join(", ", NetworkNames.All)}, {NetworkNames.Unroutable}).",
            _ => Values.Array(Peers.All.Where(static peer => !peer.HasEnded).Select(
                peer => PeerDescription.Of(peer, Peers, node))));
        group.Add("getconnectioncount", "", "Returns the number of connections to other nodes.", _ => Peers.Count);
        group.Add(
            "ping",
            "",
            "Requests that a ping be sent to all other nodes, to measure ping time.\nResults are provided in "
                + "getpeerinfo.\nPing command is handled in queue with all other commands, so it measures processing "
                + "backlog, not just network ping.",
            _ => Ping());
        group.Add(
            "addnode",
            "node:text command:text v2transport:bool?",
            "Attempts to add or remove a node from the addnode list.\nOr try a connection to a node once.",
            AddNode,
            waits: true);
        group.Add(
            "disconnectnode",
            "address:text? nodeid:number?",
            "Immediately disconnects from the specified peer node.",
            DisconnectNode);
        group.Add(
            "getaddednodeinfo",
            "node:text?",
            "Returns information about the given added node, or all added nodes\n(note that onetry addnodes are not "
                + "listed here)",
            AddedNodes);
        group.Add(
            "getnettotals",
            "",
            "Returns information about network traffic, including bytes in, bytes out,\nand current system time.",
            _ => Totals());
        group.Add(
            "setnetworkactive",
            "state:bool",
            "Disable/enable all p2p network activity.",
            call => Peers.IsActive = call.Bool(0));
        CommandGroup hidden = new(node.Rpc, RpcHelp.HiddenCategory);
        hidden.Add(
            "addconnection",
            "address:text connection_type:text v2transport:bool?",
            "Open an outbound connection to a specified node. This RPC is for testing only.",
            AddConnection);
        hidden.Add(
            "sendmsgtopeer",
            "peer_id:number msg_type:text msg:text",
            "Send a p2p message to a peer specified by id.\nThe message type and body must be provided, the message "
                + "header will be generated.\nThis RPC is for testing only.",
            SendMessage);
        hidden.Add("getorphantxs", "verbosity:any?", "Shows transactions in the tx orphanage.", Orphans);
    }

    private JsonObject Info()
    {
        PeerGroup? peers = node.Peers;
        ulong services = peers?.Messages.Services ?? 0;
        int inbound = peers?.All.Count(static peer => peer.IsInbound) ?? 0;
        JsonNode Network(string name)
        {
            NetReach? reach = peers?.Options.Reach;
            return new JsonObject
            {
                ["name"] = name,
                ["limited"] = reach?.Reaches(name) != true,
                ["reachable"] = reach?.Reaches(name) == true,
                ["proxy"] = reach?.ProxyOf(name)?.Text ?? "",
                ["proxy_randomize_credentials"] = reach?.ProxyOf(name)?.Randomizes == true,
            };
        }

        JsonObject Budget(bool isInbound)
        {
            (int waiting, double count, double bytes) = peers?.News.Budget(isInbound) ?? default;
            return new JsonObject
            {
                ["backlog"] = waiting,
                ["count_tok"] = JsonText.Real(count),
                ["size_tok"] = JsonText.Real(bytes),
            };
        }

        return new JsonObject
        {
            ["version"] = 10_000,
            ["subversion"] = peers?.Options.UserAgent ?? NetOptions.DefaultUserAgent,
            ["protocolversion"] = NetOptions.ProtocolVersion,
            ["localservices"] = services.ToString("x16", CultureInfo.InvariantCulture),
            ["localservicesnames"] = Values.Strings(PeerDescription.ServiceNames(services)),
            ["localrelay"] = peers is { Options.BlocksOnly: false },
            ["timeoffset"] = 0,
            ["tx_send_rate"] = peers?.News.Rate ?? 0,
            ["inv_buckets"] = new JsonObject { ["inbound"] = Budget(true), ["outbound"] = Budget(false) },
            ["networkactive"] = peers?.IsActive ?? false,
            ["connections"] = peers?.Count ?? 0,
            ["connections_in"] = inbound,
            ["connections_out"] = (peers?.Count ?? 0) - inbound,
            ["networks"] = Values.Array(NetworkNames.All.Select(Network)),
            ["relayfee"] = JsonText.Amount(node.Pool.Options.MinRelay.PerKilobyte),
            ["incrementalfee"] = JsonText.Amount(node.Pool.Options.Incremental.PerKilobyte),
            ["localaddresses"] = Values.Array(
                peers?.Local.All.Select(static one => (JsonNode)new JsonObject
                {
                    ["address"] = one.Address.Host,
                    ["port"] = one.Address.Port,
                    ["score"] = one.Score
                }) ?? []),
            ["warnings"] = node.WarningsValue(),
        };
    }

    private JsonNode? Ping()
    {
        foreach (Peer peer in Peers.All)
        {
            lock (Peers.Gate)
            {
                peer.WantsPing = true;
            }
        }

        return null;
    }

    private JsonNode? AddNode(RpcCall call)
    {
        string name = call.Text(0);
        if (call.Text(1) is "onetry" or "add" or "remove" && string.IsNullOrWhiteSpace(name))
        {
            throw Inputs.Error(RpcErrorCode.InvalidParameter, "Error: Node address cannot be empty");
        }

        bool encrypts = call.IsGiven(2) ? call.Bool(2) : Peers.Options.Encrypts;
        if (encrypts && !Peers.Options.Encrypts)
        {
            throw Inputs.Error(
                RpcErrorCode.InvalidParameter,
                "Error: v2transport requested but not enabled (see -v2transport)");
        }

        switch (call.Text(1))
        {
            case "onetry":
                // As in Bitcoin Core, the answer tells that the attempt is over, not whether it succeeded.
                Peers.TryConnect(name, "manual", encrypts);
                return null;
            case "add":
                return Peers.Added.Add(name, encrypts)
                    ? null
                    : throw Inputs.Error(PeerErrors.AlreadyAdded, "Error: Node already added");
            case "remove":
                return Peers.Added.Remove(name)
                    ? null
                    : throw Inputs.Error(
                        NodeNotAdded, "Error: Node could not be removed. It has not been added previously.");
            default:
                throw Inputs.Error(RpcErrorCode.Misc, RpcHelp.Of(node.Rpc.Find("addnode")!));
        }
    }

    private JsonNode? DisconnectNode(RpcCall call)
    {
        bool hasId = call.IsGiven(1);
        string address = call.Text(0);
        if (hasId == (address.Length > 0))
        {
            throw Inputs.Error(-32602, "Only one of address and nodeid should be provided.");
        }

        Peer? peer = Peers.All.FirstOrDefault(
            peer => hasId ? peer.Id == call.Number(1) : peer.Name == address || peer.Address.ToString() == address);
        if (peer is null)
        {
            throw Inputs.Error(ClientNotConnected, "Node not found in connected nodes");
        }

        peer.Dispose();
        return null;
    }

    private JsonArray AddedNodes(RpcCall call)
    {
        IReadOnlyList<string> added = Peers.Added.All;
        if (call.IsGiven(0) && !added.Contains(call.Text(0)))
        {
            throw Inputs.Error(NodeNotAdded, "Error: Node has not been added.");
        }

        return Values.Array(added.Where(name => !call.IsGiven(0) || name == call.Text(0)).Select(name =>
        {
            Peer? peer = Peers.All.FirstOrDefault(peer => peer.Name == name);
            JsonArray addresses = peer is null
                ? []
                : [
                    (JsonNode)new JsonObject
                    {
                        ["address"] = peer.Address.ToString(),
                        ["connected"] = peer.IsInbound ? "inbound" : "outbound"
                    }
                ];
            return (JsonNode)new JsonObject
            {
                ["addednode"] = name,
                ["connected"] = peer is not null,
                ["addresses"] = addresses,
            };
        }));
    }

    private JsonObject Totals()
    {
        UploadLimit upload = Peers.Upload;
        (long bytes, long seconds) = upload.Left();
        return new JsonObject
        {
            ["totalbytesrecv"] = Peers.BytesReceived + Peers.All.Sum(static peer => peer.BytesReceived),
            ["totalbytessent"] = Peers.BytesSent + Peers.All.Sum(static peer => peer.BytesSent),
            ["timemillis"] = DateTimeOffset.UtcNow.ToUnixTimeMilliseconds(),
            ["uploadtarget"] = new JsonObject
            {
                ["timeframe"] = 86_400,
                ["target"] = upload.Limit,
                ["target_reached"] = upload.IsReached(forOldBlocks: false),
                ["serve_historical_blocks"] = !upload.IsReached(forOldBlocks: true),
                ["bytes_left_in_cycle"] = bytes,
                ["time_left_in_cycle"] = seconds,
            },
        };
    }

    private JsonNode AddConnection(RpcCall call)
    {
        RequireRegtest("addconnection");
        string type = call.Text(1);
        if (type is not ("outbound-full-relay" or "block-relay-only" or "addr-fetch" or "feeler"))
        {
            throw Inputs.Error(RpcErrorCode.InvalidParameter, RpcHelp.Of(node.Rpc.Find("addconnection")!));
        }

        string address = call.Text(0);
        bool encrypts = call.IsGiven(2) && call.Bool(2);
        if (encrypts && !Peers.Options.Encrypts)
        {
            throw Inputs.Error(
                RpcErrorCode.InvalidParameter,
                "Error: Adding v2transport connections requires -v2transport init flag to be set.");
        }

        return Peers.TryConnect(address, type, encrypts)
            ? new JsonObject { ["address"] = address, ["connection_type"] = type }
            : throw Inputs.Error(-34, "Error: Already at capacity for specified connection type.");
    }

    private JsonNode SendMessage(RpcCall call)
    {
        const int MaxName = 12;
        if (call.Text(1).Length > MaxName)
        {
            throw Inputs.Error(RpcErrorCode.InvalidParameter, $"Error: msg_type too long, max length is {MaxName}");
        }

        if (!Inputs.TryHex(call.Text(2), out byte[] body))
        {
            throw Inputs.Error(RpcErrorCode.InvalidParameter, "Error parsing input for msg");
        }

        Peer peer = Peers.All.FirstOrDefault(peer => peer.Id == call.Number(0))
            ?? throw Inputs.Error(RpcErrorCode.Misc, "Error: Could not send message to peer");
        peer.Send(call.Text(1), body);
        return new JsonObject();
    }

    private JsonArray Orphans(RpcCall call)
    {
        int verbosity = call.Verbosity(0, byDefault: 0, allowsBool: false);
        if (verbosity is < 0 or > 2)
        {
            throw Inputs.Error(RpcErrorCode.InvalidParameter, $"Invalid verbosity value {verbosity}");
        }

        return Values.Array(Peers.Messages.Orphans.All.Select(orphan =>
        {
            Transaction transaction = orphan.Transaction;
            if (verbosity == 0)
            {
                return (JsonNode)transaction.GetHash().ToString();
            }

            JsonObject value = new()
            {
                ["txid"] = transaction.GetHash().ToString(),
                ["wtxid"] = transaction.GetWitHash().ToString(),
                ["bytes"] = Chain.Rules.Sizes.Total(transaction),
                ["vsize"] = Chain.Rules.Sizes.VirtualSize(transaction),
                ["vsize_bip141"] = Chain.Rules.Sizes.VirtualSize(transaction),
                ["weight"] = Chain.Rules.Sizes.Weight(transaction),
                ["from"] = Values.Array(orphan.Peers.Select(static id => (JsonNode)id)),
            };
            if (verbosity == 2)
            {
                value["hex"] = Convert.ToHexStringLower(transaction.ToBytes());
            }

            return value;
        }));
    }

    private void RequireRegtest(string name)
    {
        if (!node.Tree.Network.NeverRetargets)
        {
            throw Inputs.Error(RpcErrorCode.Misc, $"{name} is for regression testing (-regtest mode) only.");
        }
    }
}
