using System.Collections.Concurrent;
using System.Diagnostics.CodeAnalysis;
using System.Net;
using System.Net.Sockets;
using Bitcoin.Chain;
using Bitcoin.Hosting;
using Bitcoin.Node.Net.Transport;
using NBitcoin;

namespace Bitcoin.Node.Net;

/// <summary>All peers: takes, opens and ends their connections, and reads their messages.</summary>
internal sealed class PeerGroup : IChainSubscriber, IDisposable
{
    private const int MaxFullOutbound = 8;

    private static readonly TimeSpan s_firstI2pPause = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan s_longestI2pPause = TimeSpan.FromMinutes(5);

    private readonly NodeContext _node;
    private readonly NetOptions _options;
    private readonly DebugLog _log;
    private readonly ConcurrentDictionary<long, Peer> _peers = new();
    private readonly PeerMessages _messages;
    private readonly PeerListener _listener;
    private readonly PeerConnector _connector;
    private readonly PeerUpkeep _upkeep;
    private readonly I2pSession? _i2p;
    private readonly string? _directory;
    private readonly MessageCapture? _capture;
    private readonly ulong _evictionSalt = (ulong)Random.Shared.NextInt64();

    private readonly CancellationTokenSource _stop = new();

    private ChainSubscription? _subscription;
    private TorControl? _tor;
    private ITimer? _health;
    private long _lastId = -1;
    private volatile bool _isActive;

    internal PeerGroup(NodeContext node, NetOptions options)
    {
        _node = node;
        _options = options;
        _log = node.Log;
        _isActive = options.IsActive;
        Added = new AddedNodes(options.AddNodes, node.Tree.Network.Port, options.Encrypts);
        _directory = node.Settings?.Directory;
        Upload = new UploadLimit(options.MaxUploadBytes, node.Clock);
        Bans = new BanList(_directory is null ? null : Path.Combine(_directory, "banlist.json"), node.Clock, _log);

        Groups = node.Settings is null ? NetGroups.ByPrefix : NetGroups.From(node.Settings, _log);

        // In tests, the positions in the book must be the same each time.
        uint256? key = node.Settings?.All("test").Contains("addrman") == true ? uint256.One : null;
        Addresses = _directory is null
            ? new AddressBook(node.Clock, static _ => { }, key)
            : AddressFile.Load(
                Path.Combine(_directory, AddressFile.Name),
                node.Tree.Network,
                node.Clock,
                _log,
                key,
                Groups,
                options.AddressChecks);
        Local = node.Settings is null ? LocalAddresses.None : LocalAddresses.From(node.Settings, options);
        News = new TransactionNews(node, this, options.SendRate);
        _messages = new PeerMessages(node, this, options);
        _listener = new PeerListener(options, _log, Accept);
        if (_directory is not null && options.Reach.ProxyOf(NetworkNames.I2p) is { } router)
        {
            string? keyFile = options.AcceptsI2p ? Path.Combine(_directory, "i2p_private_key") : null;
            _i2p = new I2pSession(router, keyFile, _log);
        }

        _connector = new PeerConnector(options, node.Settings?.IsOn("dns", byDefault: true) != false, _i2p, _log);
        Private = node.Settings?.IsOn("privatebroadcast") == true
            ? new PrivateBroadcast(node, this, _stop.Token)
            : null;
        _upkeep = new PeerUpkeep(this, _messages, options, node.Clock, _log, _stop.Token);
        _capture = options.CaptureDirectory is null
            ? null
            : new MessageCapture(options.CaptureDirectory, node.Clock, _log);
    }

    /// <summary>
    /// Guards what is known about the peers' chains and transactions. Never held while waiting for the chain's gate.
    /// </summary>
    internal Lock Gate { get; } = new();

    internal NetOptions Options => _options;

    internal BanList Bans { get; }

    internal UploadLimit Upload { get; }

    internal AddressBook Addresses { get; }

    /// <summary>The groups of addresses that probably have one owner.</summary>
    internal NetGroups Groups { get; }

    /// <summary>This node's own addresses.</summary>
    internal LocalAddresses Local { get; }

    internal int Count => _peers.Count;

    /// <summary>Whether a peer announces transactions by the hash with the witness.</summary>
    internal bool HasWitnessPeer
        => _peers.Values.Any(static peer => peer is { IsEstablished: true, AnnouncesByWitness: true, HasEnded: false });

    internal IEnumerable<Peer> All => _peers.Values.OrderBy(static peer => peer.Id);

    internal long BytesSent { get; private set; }

    internal long BytesReceived { get; private set; }

    internal bool IsActive
    {
        get => _isActive;
        set
        {
            _isActive = value;
            _log.Write($"SetNetworkActive: {(value ? "true" : "false")}");
            if (!value)
            {
                foreach (Peer peer in _peers.Values)
                {
                    peer.Dispose();
                }
            }
        }
    }

    internal PeerMessages Messages => _messages;

    /// <summary>The nodes to stay connected to.</summary>
    internal AddedNodes Added { get; }

    /// <summary>Announces transactions to peers.</summary>
    internal TransactionNews News { get; }

    /// <summary>Gives own transactions to single peers; null if they are announced to all.</summary>
    internal PrivateBroadcast? Private { get; }

    internal void Start()
    {
        if (_options.WantedConnections > _options.MaxConnections)
        {
            _log.Warn(
                $"Reducing -maxconnections from {_options.WantedConnections} to {_options.MaxConnections}, because of "
                    + $"system limitations.");
        }

        if (_options.Listens)
        {
            _listener.Start(
                isDefault: _node.Settings?.Last("bind") is null && _node.Settings?.Last("whitebind") is null);
        }

        if (_options.Listens && _node.Settings is { } settings && settings.IsOn("listenonion", byDefault: true))
        {
            _tor = new TorControl(
                settings,
                _options.Reach,
                _options.OnionTarget,
                _node.Tree.Network.Port,
                address => Local.Add(address, _options),
                _log);
            _tor.Start();
        }

        _subscription = _node.Tree.Subscribe(this);
        News.Start();
        _log.Write($"SetNetworkActive: {(_isActive ? "true" : "false")}");
        if (_options.HasEmptyAddNode)
        {
            _log.Warn("Ignoring empty -addnode value");
        }

        if (_options.Connect.Any(static name => name != "0") && _options.SeedNodes.Count > 0)
        {
            _log.Write("-seednode is ignored when -connect is used");
        }

        if (!_options.Searches && _options.AsksNameServers && _node.Settings?.Last("proxy") is not null)
        {
            _log.Write("-dnsseed is ignored when -connect is used and -proxy is specified");
        }

        IReadOnlyList<(NetAddress, ulong)> anchors = _directory is not null && _options.Searches
            ? AnchorFile.Take(Path.Combine(_directory, AnchorFile.Name), _node.Tree.Network, _log)
            : [];
        if (_i2p is { } session && _options.AcceptsI2p)
        {
            _ = Task.Run(() => AcceptI2p(session));
        }

        if (Groups.HasMap)
        {
            _health = _node.Clock.CreateTimer(
                _ => Groups.LogHealth(Addresses, _log), null, TimeSpan.Zero, TimeSpan.FromDays(1));
        }

        _upkeep.Start();
        Private?.Start();
        new PeerFinder(_node, this, _options, anchors, _stop.Token).Start();
    }

    /// <summary>How an inbound peer's transport is found.</summary>
    private TransportKind InboundTransport => _options.Encrypts ? TransportKind.Detecting : TransportKind.Plain;

    /// <summary>Connects to a node once, through the proxy of its network if it has one.</summary>
    /// <param name="name">The node's address or name.</param>
    /// <param name="type">The type of the connection.</param>
    /// <param name="encrypts">
    /// Whether to encrypt it. If the peer ends such a connection at once, a plain one follows.
    /// </param>
    /// <param name="through">The proxy of another network; null for that of the node's network, if any.</param>
    internal bool TryConnect(string name, string type, bool encrypts, Proxy? through = null)
    {
        if (!_isActive || !HostPort.TrySplit(name, out string host, out int? port))
        {
            return false;
        }

        int toPort = port
            ?? (NetworkNames.Of(host) == NetworkNames.I2p ? I2pSession.Port : _node.Tree.Network.Port);
        NetAddress? address = NetAddress.TryParse(
            host == "localhost" ? "127.0.0.1" : host, toPort, _options.Reach.HasCjdns, out NetAddress? parsed)
            ? parsed
            : null;
        _log.Write(
            "net",
            $"trying {(encrypts ? "v2" : "v1")} connection ({type}) to "
                + $"{(address is null ? name : address.ToString())}, lastseen=0.0hrs");
        if (address is not null && Bans.IsBanned(address) && type != "manual")
        {
            return false;
        }

        try
        {
            using CancellationTokenSource patience = CancellationTokenSource.CreateLinkedTokenSource(_stop.Token);
            patience.CancelAfter(_options.ConnectTimeout);
            Socket socket;
            IDisposable? kept = null;
            if (type == PrivateBroadcast.ConnectionType)
            {
                (socket, kept) = _connector.OpenPrivate(
                    address ?? throw new IOException($"{name}: Expected an address, got a name."),
                    through,
                    patience.Token).GetAwaiter().GetResult();
            }
            else
            {
                (socket, address) = _connector.Open(host, toPort, address, patience.Token).GetAwaiter().GetResult();
            }

            Add(
                socket,
                isInbound: false,
                type,
                name,
                encrypts ? TransportKind.Encrypted : TransportKind.Plain,
                address,
                through,
                kept);
            return true;
        }
        catch (Exception exception) when (exception is SocketException or OperationCanceledException or IOException)
        {
            _log.Write("net", $"connect() to {name} failed: {exception.Message}");
            return false;
        }
    }

    /// <summary>The connected peers, each with the time of its last message. The score is always 0.</summary>
    internal List<(string Address, DateTimeOffset LastSeen, int Score)> Stats()
        => [.. All.Where(static peer => !peer.HasEnded).Select(
            static peer => (peer.Address.ToString(), peer.LastReceive, 0))];

    /// <summary>The peer with a number; null if it is gone.</summary>
    internal Peer? Find(long id) => _peers.TryGetValue(id, out Peer? peer) ? peer : null;

    internal bool IsConnected(string name)
    {
        string full = HostPort.TrySplit(name, out string host, out int? port)
            && NetAddress.TryParse(
                host == "localhost" ? "127.0.0.1" : host,
                port ?? _node.Tree.Network.Port,
                _options.Reach.HasCjdns,
                out NetAddress? address)
                ? address.ToString()
                : name;
        return _peers.Values.Any(
            peer => !peer.HasEnded && (peer.Name == name
                || peer.Address.ToString() == name
                || peer.Address.ToString() == full));
    }

    /// <summary>Disconnects a peer that broke the protocol, unless it has the right to stay.</summary>
    internal void Misbehaving(Peer peer, string why)
    {
        _log.Write("net", $"Misbehaving: {Named(peer)}: {why}");
        if (peer.May(PeerRights.NoBan) || peer.Type == "manual")
        {
            _log.Write(
                $"Warning: not punishing {(peer.Type == "manual" ? "manually connected" : "noban")} peer {peer.Id}!");
            return;
        }

        _log.Write("net", $"disconnecting and discouraging {Named(peer)}");
        peer.Dispose();
    }

    internal void Disconnect(Peer peer, string why)
    {
        _log.Write("net", $"{why}, disconnecting {Named(peer)}");
        peer.Dispose();
    }

    public void BlockConnected(ChainBlock block, Block data) => _messages.BlockConnected(block, data);

    public void BlockDisconnected(ChainBlock block, Block data) => _messages.BlockDisconnected();

    public void TipUpdated(ChainBlock tip) => _messages.AnnounceTip(tip, _peers.Values);

    public void Dispose()
    {
        if (_stop.IsCancellationRequested)
        {
            return;
        }

        _stop.Cancel();
        _subscription?.Dispose();
        _listener.Dispose();
        _tor?.Dispose();
        _i2p?.Dispose();
        _health?.Dispose();
        Private?.Stop();
        if (_directory is not null)
        {
            AddressFile.TrySave(Addresses, Path.Combine(_directory, AddressFile.Name), _node.Tree.Network, _log);
            (NetAddress, ulong)[] anchors =
                [
                    .. All.Where(static peer => peer is { Type: "block-relay-only", HasEnded: false })
                        .Take(AnchorFile.Most)
                        .Select(static peer => (peer.Address, peer.Services)),
                ];
            if (_options.Searches)
            {
                AnchorFile.TrySave(anchors, Path.Combine(_directory, AnchorFile.Name), _node.Tree.Network, _log);
            }
        }

        foreach (Peer peer in _peers.Values)
        {
            peer.Dispose();
        }
    }

    private void Accept(Socket socket)
    {
        IPAddress from = ((IPEndPoint)socket.RemoteEndPoint!).Address;
        PeerRights rights = RightsOf(from, (IPEndPoint?)socket.LocalEndPoint, isInbound: true);
        string? why = !_isActive ? "not accepting new connections"
            : (rights & PeerRights.NoBan) == 0 && Bans.IsBanned(from) ? "banned"
            : null;
        if (why is not null)
        {
            _log.Write("net", $"connection from {socket.RemoteEndPoint} dropped ({why})");
            socket.Dispose();
            return;
        }

        if (HasRoom((rights & PeerRights.NoBan) != 0))
        {
            Add(socket, isInbound: true, "inbound", socket.RemoteEndPoint!.ToString()!, InboundTransport);
        }
        else
        {
            socket.Dispose();
        }
    }

    /// <summary>Whether an inbound peer has room, after another one made room for it if need be.</summary>
    private bool HasRoom(bool isTrusted)
    {
        bool isFull = _peers.Values.Count(static peer => peer is { IsInbound: true, HasEnded: false }) >= Math.Max(
            0, _options.MaxConnections - MaxFullOutbound - 3);
        if (isFull && !TryEvict() && !isTrusted)
        {
            _log.Write("net", "failed to find an eviction candidate - connection dropped (full)");
            return false;
        }

        return true;
    }

    /// <summary>Accepts peers of the I2P network until the end. If the router is gone, tries again later.</summary>
    private async Task AcceptI2p(I2pSession session)
    {
        TimeSpan pause = s_firstI2pPause;
        while (!_stop.IsCancellationRequested)
        {
            try
            {
                (Socket socket, NetAddress peer) = await session.Accept(_stop.Token).ConfigureAwait(false);
                pause = s_firstI2pPause;
                if (_isActive && !Bans.IsBanned(peer) && HasRoom(isTrusted: false))
                {
                    Add(socket, isInbound: true, "inbound", peer.ToString(), InboundTransport, peer);
                }
                else
                {
                    socket.Dispose();
                }
            }
            catch (IOException)
            {
                await Task.Delay(pause, _stop.Token).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
                pause = pause * 2 < s_longestI2pPause ? pause * 2 : s_longestI2pPause;
            }
            catch (Exception exception) when (exception is OperationCanceledException or ObjectDisposedException)
            {
                return;
            }

            if (session.Own is { } own)
            {
                Local.Add(own, _options);
            }
        }
    }

    /// <summary>Disconnects a peer to make room for a new one.</summary>
    /// <param name="isGood">Which of the inbound peers may be chosen.</param>
    internal bool TryEvict(Func<Peer, bool>? isGood = null)
    {
        Peer? worst;
        lock (Gate)
        {
            worst = PeerEviction.Choose(
                _peers.Values.Where(
                    peer => peer is { IsInbound: true, HasEnded: false } && !peer.May(
                        PeerRights.NoBan) && isGood?.Invoke(peer) != false),
                _evictionSalt);
        }

        if (worst is null)
        {
            return false;
        }

        _log.Write("net", $"selected inbound connection for eviction, disconnecting {Named(worst)}");
        worst.Dispose();
        return true;
    }

    /// <summary>A peer's name for the log: its number, and with -logips its address.</summary>
    private string Named(Peer peer)
        => _options.LogsAddresses ? $"peer={peer.Id}, peeraddr={peer.Address}" : $"peer={peer.Id}";

    private PeerRights RightsOf(IPAddress address, IPEndPoint? local, bool isInbound)
    {
        address = address.IsIPv4MappedToIPv6 ? address.MapToIPv4() : address;
        return _options.Permissions.Where(permission => permission.Covers(address, local, isInbound)).Aggregate(
            PeerRights.None, static (rights, permission) => rights | permission.Rights);
    }

    private void Add(
        Socket socket,
        bool isInbound,
        string type,
        string name,
        TransportKind start,
        NetAddress? address = null,
        Proxy? through = null,
        IDisposable? kept = null)
    {
        Peer peer;
        try
        {
            IPAddress from = address is null
                ? ((IPEndPoint)socket.RemoteEndPoint!).Address
                : address.Ip ?? IPAddress.IPv6None;
            PeerRights rights = RightsOf(from, socket.LocalEndPoint as IPEndPoint, isInbound);
            peer = new Peer(
                Interlocked.Increment(ref _lastId),
                socket,
                isInbound,
                type,
                name,
                address,
                _node.Tree.Network.Magic,
                _node.Clock,
                _options.MaxSendBytes,
                rights,
                start)
            {
                Observed = Observe,
                Through = through,
                Kept = kept,
                Logged = text => _log.Write("net", text),
                NetGroup = Convert.ToHexStringLower(
                    Groups.Of(address ?? NetAddress.From((IPEndPoint)socket.RemoteEndPoint!))),
            };
        }
        catch (Exception exception) when (exception is SocketException or IOException or NullReferenceException)
        {
            // The peer disconnected before it was handled.
            socket.Dispose();
            kept?.Dispose();
            return;
        }

        peer.IsOnion = isInbound && peer.Local is { } local && _listener.IsOnion(local.Port);
        _peers[peer.Id] = peer;
        if (isInbound)
        {
            _log.Write("net", $"connection from {peer.Address} accepted, {Named(peer)}");
        }

        _log.Write(
            "net", isInbound ? $"Added connection {Named(peer)}" : $"Added connection to {peer.Name} {Named(peer)}");
        _ = Task.Run(() => Serve(peer));
    }

    private void Observe(Peer peer, string name, byte[] payload, bool isIncoming)
    {
        if (!isIncoming)
        {
            _log.Write("net", $"sending {name} ({payload.Length} bytes) peer={peer.Id}");
            Upload.Add(Frame.HeaderBytes + payload.Length);
        }

        _capture?.Write(peer, name, payload, isIncoming);
    }

    [SuppressMessage(
        "Design",
        "CA1031",
        Justification = "Whatever a message does wrong ends that peer's connection at most.")]
    private async Task Serve(Peer peer)
    {
        try
        {
            if (!peer.IsInbound)
            {
                _messages.SendVersion(peer);
            }

            while (!peer.HasEnded
                && await peer.Read(PeerMessages.Known).ConfigureAwait(false) is { } message)
            {
                // Something may be due for other peers too.
                _upkeep.Wake();
                _messages.Handle(peer, message.Name, message.Payload);

                // Data that is due is sent before the next message is answered.
                _upkeep.Keep(peer);
            }
        }
        catch (Exception exception)
        {
            _log.Write("net", $"ProcessMessages: Exception '{exception.Message}' caught, {Named(peer)}");
        }

        peer.Dispose();
        _peers.TryRemove(peer.Id, out _);
        _messages.ForgetTransactions(peer);
        if (peer.IsEstablished && peer.Type is "outbound-full-relay")
        {
            Addresses.Connected(peer.Address);
        }

        lock (Gate)
        {
            BytesSent += peer.BytesSent;
            BytesReceived += peer.BytesReceived;
            peer.InFlight.Clear();
            _messages.ForgetCompact(peer);
        }

        _log.Write("net", $"disconnecting {Named(peer)}");
        if (peer.MayWantPlain && _isActive && !_stop.IsCancellationRequested)
        {
            _log.Write("net", $"retrying with v1 transport protocol for peer={peer.Id}");
            _ = Task.Run(() => TryConnect(peer.Name, peer.Type, encrypts: false, peer.Through));
        }

        if (peer.IsPrivate)
        {
            Private?.Ended(peer);
        }

        _log.Write("net", $"Cleared nodestate for {Named(peer)}");
    }

}
