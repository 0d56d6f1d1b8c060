using System.Globalization;
using System.Net;
using System.Text.Json.Nodes;
using Bitcoin.Interfaces;
using Bitcoin.Node.Net;
using Bitcoin.Rpc;
using NBitcoin;

namespace Bitcoin.Node.Commands;

/// <summary>Methods about the network.</summary>
internal sealed class NetworkCommands(NodeContext node)
{
    private const int ClientNotConnected = -29;
    private const int InvalidIpOrSubnet = -30;
    private const int NetworkDisabled = -31;
    private const int NodeAlreadyAdded = -23;
    private const int NodeNotAdded = -24;

    private PeerGroup Peers
        => node.Peers ?? throw Inputs.Error(NetworkDisabled, "Error: Peer-to-peer functionality missing or disabled");

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
            _ => Values.Array(Peers.All.Where(static peer => !peer.HasEnded).Select(Describe)));
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
            AddNode);
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
            "setban",
            "subnet:text command:text bantime:number? absolute:bool?",
            "Attempts to add or remove an IP/Subnet from the banned list.",
            SetBan);
        group.Add("listbanned", "", "List all manually banned IPs/Subnets.", _ => Banned());
        group.Add("clearbanned", "", "Clear all banned IPs.", _ =>
        {
            Peers.Bans.Clear();
            return null;
        });
        group.Add(
            "setnetworkactive",
            "state:bool",
            "Disable/enable all p2p network activity.",
            call => Peers.IsActive = call.Bool(0));
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
        CommandGroup hidden = new(node.Rpc, RpcHelp.HiddenCategory);
        hidden.Add(
            "addconnection",
            "address:text connection_type:text v2transport:bool?",
            "Open an outbound connection to a specified node. This RPC is for testing only.",
            AddConnection);
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
        hidden.Add(
            "sendmsgtopeer",
            "peer_id:number msg_type:text msg:text",
            "Send a p2p message to a peer specified by id.\nThe message type and body must be provided, the message "
                + "header will be generated.\nThis RPC is for testing only.",
            SendMessage);
        hidden.Add("getorphantxs", "verbosity:any?", "Shows transactions in the tx orphanage.", Orphans);
    }

    private static string[] ServiceNames(ulong services)
    {
        (ulong Bit, string Name)[] names =
            [
                (1, "NETWORK"),
                (4, "BLOOM"),
                (8, "WITNESS"),
                (64, "COMPACT_FILTERS"),
                (1024, "NETWORK_LIMITED"),
                (2048, "P2P_V2"),
            ];
        IEnumerable<string> Names()
        {
            for (int bit = 0; bit < 64; bit++)
            {
                if ((services & (1UL << bit)) != 0)
                {
                    yield return names.FirstOrDefault(name => name.Bit == 1UL << bit).Name ?? $"UNKNOWN[2^{bit}]";
                }
            }
        }

        return [.. Names()];
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

        return new JsonObject
        {
            ["version"] = 10_000,
            ["subversion"] = peers?.Options.UserAgent ?? NetOptions.DefaultUserAgent,
            ["protocolversion"] = NetOptions.ProtocolVersion,
            ["localservices"] = services.ToString("x16", CultureInfo.InvariantCulture),
            ["localservicesnames"] = Values.Strings(ServiceNames(services)),
            ["localrelay"] = peers is { Options.BlocksOnly: false },
            ["timeoffset"] = 0,
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
            ["warnings"] = node.Messages.Warning.Length == 0 ? new JsonArray() : new JsonArray(node.Messages.Warning),
        };
    }

    private JsonNode Describe(Peer peer)
    {
        lock (Peers.Gate)
        {
            JsonObject value = new()
            {
                ["id"] = peer.Id,
                ["addr"] = peer.IsInbound ? peer.Address.ToString() : peer.Name,
            };
            if (peer.Local is not null)
            {
                value["addrbind"] = peer.Local.ToString();
            }

            if (peer.SeesUsAs is { Port: > 0 } local)
            {
                value["addrlocal"] = local.ToString();
            }

            value["network"] = peer.Network;
            value["services"] = peer.Services.ToString("x16", CultureInfo.InvariantCulture);
            value["servicesnames"] = Values.Strings(ServiceNames(peer.Services));
            value["relaytxes"] = peer.WantsTransactions;
            value["last_inv_sequence"] = peer.LastSequence;
            value["inv_to_send"] = peer.ToAnnounce.Count;
            value["lastsend"] = Seconds(peer.LastSend);
            value["lastrecv"] = Seconds(peer.LastReceive);
            value["last_transaction"] = Seconds(peer.LastTransaction);
            value["last_block"] = Seconds(peer.LastBlock);
            value["bytessent"] = peer.BytesSent;
            value["bytesrecv"] = peer.BytesReceived;
            value["conntime"] = Seconds(peer.Connected);
            value["timeoffset"] = peer.TimeOffset;
            if (peer.LastPing is { } ping)
            {
                value["pingtime"] = ping.TotalSeconds;
            }

            if (peer.BestPing is { } best)
            {
                value["minping"] = best.TotalSeconds;
            }

            if (peer.PingNonce != 0 && node.Clock.GetUtcNow() - peer.PingSent is { TotalSeconds: > 0 } wait)
            {
                value["pingwait"] = wait.TotalSeconds;
            }

            value["version"] = peer.Version;
            value["subver"] = peer.UserAgent;
            value["inbound"] = peer.IsInbound;
            value["bip152_hb_to"] = peer.IsAskedForCompactBlocks;
            value["bip152_hb_from"] = peer.WantsCompactBlocks;
            value["presynced_headers"] = -1;
            value["synced_headers"] = peer.BestKnown?.Height ?? -1;
            value["synced_blocks"] = peer.BestKnown is { } known
                ? Chain.ChainBlock.Fork(known, node.Tree.Tip).Height
                : -1;
            value["inflight"] = Values.Array(peer.InFlight.Values.Select(static one => (JsonNode)one.Block.Height));
            value["addr_relay_enabled"] = peer.RelaysAddresses;
            value["addr_processed"] = peer.AddressesSeen;
            value["addr_rate_limited"] = peer.AddressesLimited;
            value["permissions"] = Values.Strings(Permissions(peer.Rights));
            value["minfeefilter"] = JsonText.Amount(peer.FeeFilter.PerKilobyte);
            value["bytessent_per_msg"] = new JsonObject(
                peer.SentByMessage.OrderBy(static pair => pair.Key, StringComparer.Ordinal).Select(
                    static pair => KeyValuePair.Create(pair.Key, (JsonNode?)pair.Value)));
            value["bytesrecv_per_msg"] = new JsonObject(
                peer.ReceivedByMessage.OrderBy(static pair => pair.Key, StringComparer.Ordinal).Select(
                    static pair => KeyValuePair.Create(pair.Key, (JsonNode?)pair.Value)));
            value["connection_type"] = peer.Type;
            value["transport_protocol_type"] = "v1";
            value["session_id"] = "";
            return value;
        }
    }

    private static long Seconds(DateTimeOffset time) => time == default ? 0 : time.ToUnixTimeSeconds();

    private static IEnumerable<string> Permissions(PeerRights rights)
    {
        (PeerRights Right, string Name)[] names =
        [
            (PeerRights.BloomFilter, "bloomfilter"), (PeerRights.NoBan, "noban"), (PeerRights.ForceRelay, "forcerelay"),
            (PeerRights.Relay, "relay"),
            (PeerRights.Mempool, "mempool"), (PeerRights.Download, "download"), (PeerRights.Addr, "addr"),
        ];
        return names.Where(name => (rights & name.Right) != 0).Select(static name => name.Name);
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

        switch (call.Text(1))
        {
            case "onetry":
                _ = Task.Run(() => Peers.TryConnect(name, "manual"));
                return null;
            case "add":
                return Peers.AddNode(name) ? null : throw Inputs.Error(NodeAlreadyAdded, "Error: Node already added");
            case "remove":
                return Peers.RemoveNode(name)
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
        IReadOnlyList<string> added = Peers.Added;
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
                    new JsonObject
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

    private JsonNode? SetBan(RpcCall call)
    {
        string command = call.Text(1);
        if (command is not ("add" or "remove"))
        {
            throw Inputs.Error(RpcErrorCode.Misc, RpcHelp.Of(node.Rpc.Find("setban")!));
        }

        string text = call.Text(0);
        bool isSubnet = text.Contains('/', StringComparison.Ordinal);
        if (!BanTarget.TryParse(text, out BanTarget? target))
        {
            throw Inputs.Error(InvalidIpOrSubnet, "Error: Invalid IP/Subnet");
        }

        if (command == "remove")
        {
            return Peers.Bans.Remove(target)
                ? null
                : throw Inputs.Error(
                    InvalidIpOrSubnet,
                    "Error: Unban failed. Requested address/subnet was not previously manually banned.");
        }

        if (isSubnet || target.Network is null
            ? Peers.Bans.Contains(target)
            : Peers.Bans.IsBanned(target.Network.Value.BaseAddress))
        {
            throw Inputs.Error(NodeAlreadyAdded, "Error: IP/Subnet already banned");
        }

        long now = node.Clock.GetUtcNow().ToUnixTimeSeconds();
        long time = call.Number(2);
        bool isAbsolute = call.Bool(3);
        if (isAbsolute && time < now)
        {
            throw Inputs.Error(RpcErrorCode.InvalidParameter, "Error: Absolute timestamp is in the past");
        }

        Peers.Bans.Add(target, isAbsolute ? time : now + (time > 0 ? time : (long)Peers.Options.BanTime.TotalSeconds));
        foreach (Peer peer in Peers.All.Where(peer => Peers.Bans.IsBanned(peer.Address) && !peer.May(PeerRights.NoBan)))
        {
            peer.Dispose();
        }

        return null;
    }

    private JsonArray Banned()
    {
        long now = node.Clock.GetUtcNow().ToUnixTimeSeconds();
        return Values.Array(Peers.Bans.All.Select(ban => (JsonNode)new JsonObject
        {
            ["address"] = ban.Target.ToString(),
            ["ban_created"] = ban.Created,
            ["banned_until"] = ban.Until,
            ["ban_duration"] = ban.Until - ban.Created,
            ["time_remaining"] = ban.Until - now,
        }));
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
            Peers.Addresses.Table(isTried).Select(static place => KeyValuePair.Create(
                $"{place.Bucket}/{place.Position}",
                (JsonNode?)new JsonObject
                {
                    ["address"] = place.Entry.Address.Host,
                    ["port"] = place.Entry.Address.Port,
                    ["network"] = place.Entry.Address.Network,
                    ["services"] = place.Entry.Services,
                    ["time"] = place.Entry.Time,
                    ["source"] = place.Entry.Source.Host,
                    ["source_network"] = place.Entry.Source.Network,
                })));
        return new JsonObject { ["new"] = Table(isTried: false), ["tried"] = Table(isTried: true) };
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
        return Peers.TryConnect(address, type)
            ? new JsonObject { ["address"] = address, ["connection_type"] = type }
            : throw Inputs.Error(-34, "Error: Already at capacity for specified connection type.");
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
            throw Inputs.Error(InvalidIpOrSubnet, "Invalid IP address");
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
