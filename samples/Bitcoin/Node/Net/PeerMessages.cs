using System.Net;
using System.Text.RegularExpressions;
using Bitcoin.Chain;
using Bitcoin.Chain.Rules;
using Bitcoin.Hosting;
using Bitcoin.Primitives;
using NBitcoin;

namespace Bitcoin.Node.Net;

/// <summary>The messages between nodes: the handshake, pings, and the dispatch of all others.</summary>
internal sealed partial class PeerMessages
{
    internal const ulong NodeNetwork = 1;
    internal const ulong NodeBloom = 4;
    internal const ulong NodeWitness = 8;
    internal const ulong NodeFilters = 64;
    internal const ulong NodeLimited = 1024;
    internal const ulong NodeEncrypted = 2048;

    private const int LeastVersion = 31800;
    private const int MaxUserAgent = 256;
    private const int WitnessIdVersion = 70016;

    private readonly NodeContext _node;
    private readonly PeerGroup _group;
    private readonly NetOptions _options;
    private readonly DebugLog _log;
    private readonly OrphanPool _orphans = new();
    private readonly HashSet<ulong> _ownNonces = [];

    internal PeerMessages(NodeContext node, PeerGroup group, NetOptions options)
    {
        _node = node;
        _group = group;
        _options = options;
        _log = node.Log;
        node.Tree.BlockFailed = (block, refusal) => _failed.Enqueue((block.Hash, refusal));
    }

    /// <summary>The names of all messages.</summary>
    internal static IReadOnlySet<string> Known { get; } = new HashSet<string>(StringComparer.Ordinal)
    {
        "version", "verack", "addr", "addrv2", "sendaddrv2", "inv", "getdata", "merkleblock", "getblocks", "getheaders",
        "tx", "headers", "block", "getaddr", "mempool", "ping", "pong",
        "notfound", "filterload", "filteradd", "filterclear", "sendheaders", "feefilter", "sendcmpct", "cmpctblock",
        "getblocktxn", "blocktxn", "getcfilters", "cfilter", "getcfheaders",
        "cfheaders", "getcfcheckpt", "cfcheckpt", "wtxidrelay", "sendtxrcncl", "feature",
    };

    internal ulong Services => (_node.Tree.Prunes
        ? 0
        : NodeNetwork) | NodeWitness | NodeLimited | (_node.Settings?.IsOn("peerbloomfilters") == true ? NodeBloom : 0)
        | (_node.Settings?.IsOn("peerblockfilters") == true ? NodeFilters : 0)
        | (_options.Encrypts ? NodeEncrypted : 0);

    internal OrphanPool Orphans => _orphans;

    internal void SendVersion(Peer peer)
    {
        ulong nonce = (ulong)Random.Shared.NextInt64(1, long.MaxValue);
        lock (_group.Gate)
        {
            _ownNonces.Add(nonce);
        }

        if (peer.IsPrivate)
        {
            peer.Send("version", PrivateVersionMessage(nonce));
            return;
        }

        bool wantsTransactions = !RefusesTransactions(peer);
        WireWriter writer = new WireWriter()
            .UInt32(NetOptions.ProtocolVersion)
            .UInt64(Services)
            .Int64(_node.Clock.GetUtcNow().ToUnixTimeSeconds());
        WriteAddress(writer, peer.Remote, peer.Services);
        WriteAddress(writer, new IPEndPoint(IPAddress.IPv6Any, 0), Services);
        writer
            .UInt64(nonce)
            .Text(_options.UserAgent)
            .UInt32((uint)_node.Tree.Tip.Height)
            .Byte(wantsTransactions ? (byte)1 : (byte)0);
        peer.Send("version", writer.ToArray());
        _log.Write(
            "net",
            $"send version message: version {NetOptions.ProtocolVersion}, blocks={_node.Tree.Tip.Height}, "
                + $"txrelay={(wantsTransactions ? 1 : 0)}, peer={peer.Id}");
    }

    internal void Handle(Peer peer, string name, byte[] payload)
    {
        _log.Write("net", $"received: {Printable().Replace(name, "")} ({payload.Length} bytes) peer={peer.Id}");
        if (name == "version")
        {
            HandleVersion(peer, payload);
            return;
        }

        if (peer.Version == 0)
        {
            _log.Write("net", $"non-version message before version handshake. Message \"{name}\" from peer={peer.Id}");
            return;
        }

        if (name == "verack")
        {
            HandleVerack(peer);
            return;
        }

        if (name == "feature")
        {
            HandleFeature(peer, payload);
            return;
        }

        if (name == "sendtxrcncl")
        {
            HandleReconciliation(peer, payload);
            return;
        }

        if (!peer.IsEstablished && name is "wtxidrelay" or "sendaddrv2")
        {
            peer.AnnouncesByWitness |= name == "wtxidrelay" && peer.Version >= WitnessIdVersion;
            peer.WantsAddressesV2 |= name == "sendaddrv2";
            return;
        }

        if (name is "wtxidrelay" or "sendaddrv2")
        {
            _group.Disconnect(peer, $"{name} received after verack");
            return;
        }

        if (name == "sendheaders")
        {
            peer.WantsHeaders = true;
            return;
        }

        if (!peer.IsEstablished && name != "sendcmpct")
        {
            _log.Write("net", $"Unsupported message \"{name}\" prior to verack from peer={peer.Id}");
            return;
        }

        try
        {
            if (peer.IsPrivate)
            {
                HandlePrivate(peer, name, payload);
                return;
            }

            HandleEstablished(peer, name, payload);
        }
        catch (FormatException exception)
        {
            _log.Write(
                "net",
                $"ProcessMessages({name}, {payload.Length} bytes): Exception '{Reading(exception)}' (FormatException) "
                    + $"caught, peer={peer.Id}");
        }
    }

    /// <summary>The name of the stream in an error: Bitcoin Core has another one for messages.</summary>
    private static string Reading(FormatException exception)
        => exception.Message.Replace("SpanReader", "DataStream", StringComparison.Ordinal);

    private void HandleEstablished(Peer peer, string name, byte[] payload)
    {
        switch (name)
        {
            case "ping":
                HandlePing(peer, payload);
                break;
            case "pong":
                HandlePong(peer, payload);
                break;
            case "addr":
                HandleAddresses(peer, payload, isSecondVersion: false);
                break;
            case "addrv2":
                HandleAddresses(peer, payload, isSecondVersion: true);
                break;
            case "getaddr":
                HandleGetAddresses(peer);
                break;
            case "inv":
                HandleInventory(peer, payload);
                break;
            case "getdata":
                HandleGetData(peer, payload);
                break;
            case "getheaders":
                HandleGetHeaders(peer, payload);
                break;
            case "getblocks":
                HandleGetBlocks(peer, payload);
                break;
            case "headers":
                HandleHeaders(peer, payload);
                break;
            case "block":
                HandleBlock(peer, payload);
                break;
            case "getcfilters":
                HandleGetFilters(peer, payload);
                break;
            case "getcfheaders":
                HandleGetFilterHeaders(peer, payload);
                break;
            case "getcfcheckpt":
                HandleGetFilterCheckpoints(peer, payload);
                break;
            case "tx":
                HandleTransaction(peer, payload);
                break;
            case "feefilter":
                HandleFeeFilter(peer, payload);
                break;
            case "mempool":
                HandleMempool(peer);
                break;
            case "filterload" or "filteradd" or "filterclear" when (Services & NodeBloom) == 0
                && !peer.May(PeerRights.BloomFilter):
                _group.Disconnect(peer, $"{name} received despite not offering bloom services");
                break;
            case "filterload":
                HandleFilterLoad(peer, payload);
                break;
            case "filteradd":
                HandleFilterAdd(peer, payload);
                break;
            case "filterclear":
                HandleFilterClear(peer);
                break;
            case "notfound":
                HandleNotFound(peer, payload);
                break;
            case "sendcmpct":
                HandleSendCompact(peer, payload);
                break;
            case "cmpctblock":
                HandleCompactBlock(peer, payload);
                break;
            case "getblocktxn":
                HandleGetBlockTransactions(peer, payload);
                break;
            case "blocktxn":
                HandleBlockTransactions(peer, payload);
                break;
            case "merkleblock":
                break;
            default:
                _log.Write("net", $"Unknown message type \"{Printable().Replace(name, "")}\" from peer={peer.Id}");
                break;
        }
    }

    private void HandleVersion(Peer peer, byte[] payload)
    {
        if (peer.Version != 0)
        {
            _log.Write("net", $"redundant version message from peer={peer.Id}");
            return;
        }

        ulong nonce;
        try
        {
            WireReader reader = new(payload);
            int version = reader.Int32();
            peer.Services = reader.UInt64();
            long time = reader.Int64();
            reader.UInt64();
            peer.SeesUsAs = ReadAddress(ref reader) is { Ip: { } ip, Port: var port } ? new IPEndPoint(ip, port) : null;
            reader.UInt64();
            ReadAddress(ref reader);
            nonce = reader.UInt64();
            peer.UserAgent = reader.Left > 0 ? Printable().Replace(reader.Text(MaxUserAgent), "") : "";
            peer.StartHeight = reader.Left > 0 ? reader.Int32() : -1;
            peer.WantsTransactions = reader.Left == 0 || reader.Bool();
            peer.TimeOffset = time - _node.Clock.GetUtcNow().ToUnixTimeSeconds();
            if (version < LeastVersion)
            {
                _group.Disconnect(peer, $"using obsolete version {version}");
                return;
            }

            peer.Version = Math.Min(version, NetOptions.ProtocolVersion);
            ulong expected = peer.Type is "outbound-full-relay" or "block-relay-only" or "addr-fetch"
                ? ServicesToExpect(peer.Services)
                : 0;
            if ((peer.Services & expected) != expected)
            {
                _group.Disconnect(
                    peer,
                    $"does not offer the expected services ({peer.Services:x8} offered, {expected:x8} expected)");
                return;
            }
        }
        catch (FormatException exception)
        {
            _log.Write(
                "net",
                $"ProcessMessages(version, {payload.Length} bytes): Exception '{exception.Message}' caught, "
                    + $"peer={peer.Id}");
            return;
        }

        bool isSelf;
        lock (_group.Gate)
        {
            isSelf = peer.IsInbound && _ownNonces.Contains(nonce);
        }

        if (isSelf)
        {
            _group.Disconnect(peer, $"connected to self at {peer.Remote}");
            return;
        }

        if (!peer.IsInbound && peer.Network == NetworkNames.Onion)
        {
            _group.Private?.NoteTor();
        }

        if (peer.IsPrivate)
        {
            AnswerPrivateVersion(peer);
            return;
        }

        if (peer.IsInbound)
        {
            if (!HasRelayRoom(peer, "version"))
            {
                return;
            }

            SendVersion(peer);
        }

        if (peer.Version >= WitnessIdVersion)
        {
            peer.Send("wtxidrelay");
            peer.Send("sendaddrv2");
            OfferReconciliation(peer);
        }

        peer.Send("verack");
        _log.Write(
            "net",
            $"receive version message: {peer.UserAgent}: version {peer.Version}, blocks={peer.StartHeight}, "
                + $"us={peer.SeesUsAs}, txrelay={(peer.WantsTransactions ? 1 : 0)}, peer={peer.Id}");
        if (peer.Type == "feeler")
        {
            // A feeler connection only checks whether the node answers.
            Remember(peer);
            _group.Disconnect(peer, "feeler connection completed");
        }
    }

    /// <summary>Notes that a node answered at its announced address.</summary>
    private void Remember(Peer peer)
    {
        _group.Addresses.SetServices(peer.Address, peer.Services);
        _group.Addresses.Good(peer.Address);
    }

    /// <summary>
    /// The services that a chosen node must offer. Its last blocks are enough if this node has the older blocks.
    /// </summary>
    private ulong ServicesToExpect(ulong offered)
    {
        const long NearSeconds = 144 * 600;
        bool isNear = _node.Clock.GetUtcNow().ToUnixTimeSeconds() - (long)_node.Tree.Tip.Time < NearSeconds;
        return NodeWitness | ((offered & NodeLimited) != 0 && isNear ? NodeLimited : NodeNetwork);
    }

    private void HandleVerack(Peer peer)
    {
        if (peer.IsEstablished)
        {
            _log.Write("net", $"ignoring redundant verack message from peer={peer.Id}");
            return;
        }

        if (peer.IsPrivate)
        {
            StartPrivate(peer);
            return;
        }

        SendCompactMode(peer, isHigh: false);
        SettleReconciliation(peer);
        peer.IsEstablished = true;
        if (!peer.IsInbound)
        {
            Remember(peer);
        }

        if (!peer.IsInbound && peer.Type != "block-relay-only")
        {
            peer.Send("getaddr");
            StartAddressRelay(peer);
            lock (_group.Gate)
            {
                peer.HasAskedForAddresses = true;

                // All requested addresses may arrive at once.
                peer.AddAddressTokens(MaxAddresses);
            }
        }

        // Pings may be sent from now on.
        lock (_group.Gate)
        {
            peer.WantsPing = true;
        }
    }

    /// <summary>An extension that a peer supports (BIP434). This node supports none yet.</summary>
    private void HandleFeature(Peer peer, byte[] payload)
    {
        const int FeatureVersion = 70017;
        const int MinName = 4;
        const int MaxName = 80;
        const int MaxData = 512;
        if (peer.IsEstablished || peer.Version < FeatureVersion)
        {
            _group.Disconnect(
                peer,
                peer.IsEstablished
                    ? "feature received after verack"
                    : $"feature received with incompatible version {peer.Version}");
            return;
        }

        try
        {
            WireReader reader = new(payload);
            ulong nameLength = reader.Count();
            string name = nameLength is >= MinName and <= MaxName
                ? System.Text.Encoding.Latin1.GetString(reader.Take((int)nameLength))
                : throw new FormatException("Length of a feature's name");
            ulong length = reader.Count();
            if (length <= MaxData && length == (ulong)reader.Left)
            {
                _log.Write(
                    "net", $"unknown feature advertised: {Printable().Replace(name, "")} peer={peer.Id}");
                return;
            }
        }
        catch (FormatException)
        {
            // Handled like a message that is too long.
        }

        _group.Disconnect(peer, "invalid feature payload");
    }

    private void HandlePing(Peer peer, byte[] payload)
    {
        const int PongVersion = 60000;
        if (peer.Version > PongVersion)
        {
            WireReader reader = new(payload);
            peer.Send("pong", new WireWriter().UInt64(reader.UInt64()).ToArray());
        }
    }

    private void HandlePong(Peer peer, byte[] payload)
    {
        lock (_group.Gate)
        {
            string? problem;
            ulong nonce = 0;
            bool isOver = false;
            if (payload.Length < sizeof(ulong))
            {
                problem = "Short payload";
                isOver = true;
            }
            else
            {
                WireReader reader = new(payload);
                nonce = reader.UInt64();
                problem = peer.PingNonce == 0
                    ? "Unsolicited pong without ping"
                    : nonce == 0
                    ? "Nonce zero"
                    : nonce != peer.PingNonce
                    ? "Nonce mismatch"
                    : null;

                // A nonce of zero comes from peers with a faulty ping: the ping is over too.
                isOver = problem is null || nonce == 0;
            }

            if (problem is not null)
            {
                _log.Write(
                    "net",
                    $"pong peer={peer.Id}: {problem}, {peer.PingNonce:x} expected, {nonce:x} received, "
                        + $"{payload.Length} bytes");
            }
            else
            {
                TimeSpan time = _node.Clock.GetUtcNow() - peer.PingSent;
                peer.LastPing = time < TimeSpan.Zero ? TimeSpan.Zero : time;
                peer.BestPing = peer.BestPing is { } best && best < peer.LastPing ? best : peer.LastPing;
                if (peer.IsPrivate)
                {
                    ConfirmPrivate(peer);
                }
            }

            if (isOver)
            {
                peer.PingNonce = 0;
            }
        }
    }

    private static void WriteAddress(WireWriter writer, IPEndPoint end, ulong services)
    {
        writer.UInt64(services).Bytes(end.Address.MapToIPv6().GetAddressBytes()).UInt16BigEndian((ushort)end.Port);
    }

    [GeneratedRegex("[^ -~]")]
    private static partial Regex Printable();
}
