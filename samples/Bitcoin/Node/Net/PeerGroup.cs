using System.Collections.Concurrent;
using System.Diagnostics.CodeAnalysis;
using System.Net;
using System.Net.Sockets;
using Bitcoin.Chain;
using Bitcoin.Hosting;
using Bitcoin.Node.Mempool;
using NBitcoin;

namespace Bitcoin.Node.Net;

/// <summary>All peers: listens, connects, disconnects.</summary>
internal sealed class PeerGroup : IChainSubscriber, IDisposable
{
    private const int MaxFullOutbound = 8;

    private static readonly TimeSpan s_acceptPause = TimeSpan.FromMilliseconds(100);
    private static readonly TimeSpan s_tick = TimeSpan.FromMilliseconds(100);
    private static readonly TimeSpan s_leastTick = TimeSpan.FromMilliseconds(5);
    private static readonly TimeSpan s_fetchPatience = TimeSpan.FromMinutes(5);
    private static readonly TimeSpan s_pingInterval = TimeSpan.FromMinutes(2);
    private static readonly TimeSpan s_silence = TimeSpan.FromMinutes(20);

    private readonly NodeContext _node;
    private readonly NetOptions _options;
    private readonly DebugLog _log;
    private readonly List<Socket> _listeners = [];
    private readonly ConcurrentDictionary<long, Peer> _peers = new();
    private readonly PeerMessages _messages;
    private readonly List<string> _added;
    private readonly HashSet<int> _onionPorts = [];
    private readonly string? _directory;
    private readonly MessageCapture? _capture;
    private readonly ulong _evictionSalt = (ulong)Random.Shared.NextInt64();

    // Each with those who were connected when it came: who comes later asks for the pool if it wants that.
    private readonly ConcurrentQueue<(PoolEntry Entry, IReadOnlyList<Peer> To)> _news = new();
    private readonly CancellationTokenSource _stop = new();

    // Set when a message came. Never disposed: readers of messages may end after the group.
    private readonly AutoResetEvent _wake = new(false);
    private ChainSubscription? _subscription;
    private long _lastId = -1;
    private volatile bool _isActive;

    internal PeerGroup(NodeContext node, NetOptions options)
    {
        _node = node;
        _options = options;
        _log = node.Log;
        _isActive = options.IsActive;
        _added = [.. options.AddNodes];
        _directory = node.Settings?.Directory;
        Upload = new UploadLimit(options.MaxUploadBytes, node.Clock);
        Bans = new BanList(_directory is null ? null : Path.Combine(_directory, "banlist.json"), node.Clock, _log);

        // In tests, the positions in the book must be the same each time.
        uint256? key = node.Settings?.All("test").Contains("addrman") == true ? uint256.One : null;
        Addresses = _directory is null
            ? new AddressBook(node.Clock, static _ => { }, key)
            : AddressFile.Load(Path.Combine(_directory, AddressFile.Name), node.Tree.Network, node.Clock, _log, key);
        Local = node.Settings is null ? LocalAddresses.None : LocalAddresses.From(node.Settings, options);
        _messages = new PeerMessages(node, this, options);
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

    /// <summary>This node's own addresses.</summary>
    internal LocalAddresses Local { get; }

    internal int Count => _peers.Count;

    /// <summary>Whether some peer tells of transactions by the hash with the witness.</summary>
    internal bool HasWitnessPeer
        => _peers.Values.Any(static peer => peer is { IsEstablished: true, AnnouncesByWitness: true, HasEnded: false });

    internal IEnumerable<Peer> All => _peers.Values.OrderBy(static peer => peer.Id);

    internal IReadOnlyList<string> Added
    {
        get
        {
            lock (_added)
            {
                return [.. _added];
            }
        }
    }

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
            Listen();
        }

        _subscription = _node.Tree.Subscribe(this);
        _node.Pool.Added += OnAdded;
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

        IReadOnlyList<NetAddress> anchors = _directory is not null && _options.Searches
            ? AnchorFile.Take(Path.Combine(_directory, AnchorFile.Name), _node.Tree.Network, _log)
            : [];
        new Thread(Tick) { IsBackground = true, Name = "b-net" }.Start();
        new PeerFinder(_node, this, _options, anchors, _stop.Token).Start();
    }

    /// <summary>Connects to a node once, through the proxy of its network if it has one.</summary>
    internal bool TryConnect(string name, string type)
    {
        if (!_isActive || !HostPort.TrySplit(name, out string host, out int? port))
        {
            return false;
        }

        int toPort = port ?? _node.Tree.Network.Port;
        NetAddress? address = NetAddress.TryParse(
            host == "localhost" ? "127.0.0.1" : host, toPort, _options.Reach.HasCjdns, out NetAddress? parsed)
            ? parsed
            : null;
        _log.Write(
            "net",
            $"trying v1 connection ({type}) to {(address is null ? name : address.ToString())}, lastseen=0.0hrs");
        if (address is not null && Bans.IsBanned(address) && type != "manual")
        {
            return false;
        }

        try
        {
            using CancellationTokenSource patience = CancellationTokenSource.CreateLinkedTokenSource(_stop.Token);
            patience.CancelAfter(_options.ConnectTimeout);
            (Socket socket, address) = Open(host, toPort, address, patience.Token).GetAwaiter().GetResult();
            Add(socket, isInbound: false, type, name, address);
            return true;
        }
        catch (Exception exception) when (exception is SocketException or OperationCanceledException or IOException)
        {
            _log.Write("net", $"connect() to {name} failed: {exception.Message}");
            return false;
        }
    }

    /// <summary>Opens a connection.</summary>
    /// <returns>The socket, and the peer's address; null if it is the socket's remote address.</returns>
    private async Task<(Socket Socket, NetAddress? Address)> Open(
        string host, int port, NetAddress? address, CancellationToken cancelled)
    {
        if (address?.Network == NetworkNames.I2p)
        {
            throw new IOException("I2P is not implemented");
        }

        if (_options.Reach.ProxyFor(address?.Host ?? host) is { } proxy)
        {
            Socket through = await Socks5.Connect(proxy, host, port, cancelled).ConfigureAwait(false);
            return (through, address ?? new NetAddress(NetworkNames.Unroutable, host, port));
        }

        if (address is { Ip: null })
        {
            throw new IOException($"No proxy for network {address.Network}");
        }

        IPAddress? target = address?.Ip
            ?? (_node.Settings?.IsOn("dns", byDefault: true) == false ? null : HostPort.LookUp(host));
        IPEndPoint end = new(target ?? throw new IOException($"The name {host} has no address"), port);
        Socket socket = new(end.AddressFamily, SocketType.Stream, ProtocolType.Tcp);
        try
        {
            await socket.ConnectAsync(end, cancelled).ConfigureAwait(false);
            return (socket, null);
        }
        catch
        {
            socket.Dispose();
            throw;
        }
    }

    /// <summary>The address that a text means, in any notation; null for a name.</summary>
    private IPEndPoint? Numeric(string name)
    {
        return HostPort.TrySplit(name, out string host, out int? port)
            && IPAddress.TryParse(host, out IPAddress? address)
            ? new IPEndPoint(address, port ?? _node.Tree.Network.Port)
            : null;
    }

    /// <summary>The peer with a number; null where it is gone.</summary>
    internal Peer? Find(long id) => _peers.TryGetValue(id, out Peer? peer) ? peer : null;

    internal bool AddNode(string name)
    {
        lock (_added)
        {
            if (_added.Exists(other => other == name || (Numeric(other) is { } end && end.Equals(Numeric(name)))))
            {
                return false;
            }

            _added.Add(name);
            return true;
        }
    }

    internal bool RemoveNode(string name)
    {
        lock (_added)
        {
            return _added.Remove(name);
        }
    }

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

    /// <summary>Announces a transaction of this node's own to all peers.</summary>
    internal void Announce(Transaction transaction)
    {
        lock (Gate)
        {
            uint256 txid = transaction.GetHash();
            uint256 witness = transaction.GetWitHash();
            foreach (Peer peer in _peers.Values.Where(static peer => peer.IsEstablished && peer.WantsTransactions))
            {
                if (!peer.KnownTransactions.Contains(peer.AnnouncesByWitness ? witness : txid))
                {
                    peer.ToAnnounce.Add(txid);
                }
            }
        }
    }

    /// <summary>Announces own transactions that no peer has requested once more.</summary>
    internal void AnnounceAgain()
    {
        Transaction[] waiting;
        lock (_node.Tree.Gate)
        {
            waiting =
                [
                    .. _node.Pool.Unbroadcast.Select(_node.Pool.Find)
                        .OfType<PoolEntry>()
                        .Select(static entry => entry.Transaction),
                ];
        }

        foreach (Transaction transaction in waiting)
        {
            Announce(transaction);
        }
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
        _listeners.ForEach(static listener => listener.Dispose());
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

    private void Listen()
    {
        bool isDefault = _node.Settings?.Last("bind") is null && _node.Settings?.Last("whitebind") is null;
        foreach (IPEndPoint end in _options.Binds.Concat(_options.OnionBinds))
        {
            bool isOnion = _options.OnionBinds.Contains(end);
            Socket listener = new(end.AddressFamily, SocketType.Stream, ProtocolType.Tcp);
            try
            {
                listener.SetSocketOption(SocketOptionLevel.Socket, SocketOptionName.ReuseAddress, true);
                if (end.AddressFamily == AddressFamily.InterNetworkV6)
                {
                    listener.DualMode = false;
                }

                listener.Bind(end);
                listener.Listen(128);
                _log.Write($"Bound to {end}");
                _listeners.Add(listener);
                if (isOnion)
                {
                    _onionPorts.Add(end.Port);
                }

                _ = Task.Run(() => Accept(listener));
            }
            catch (SocketException exception)
            {
                listener.Dispose();
                if (!isDefault || (end.AddressFamily == AddressFamily.InterNetwork && !isOnion))
                {
                    throw new HostException(exception.SocketErrorCode == SocketError.AddressAlreadyInUse
                        ? $"Unable to bind to {end} on this computer. Bitcoin Core is probably already running."
                        : $"Unable to bind to {end} on this computer (bind returned error {exception.Message})",
                        exception);
                }
            }
        }
    }

    private async Task Accept(Socket listener)
    {
        while (!_stop.IsCancellationRequested)
        {
            Socket socket;
            try
            {
                socket = await listener.AcceptAsync(_stop.Token).ConfigureAwait(false);
            }
            catch (Exception exception) when (exception is OperationCanceledException or ObjectDisposedException
                || _stop.IsCancellationRequested)
            {
                return;
            }
            catch (SocketException exception)
            {
                // A client that left too early, or no descriptor for it: the next one may do better.
                _log.Write("net", $"accepting a connection failed: {exception.Message}");
                await Task.Delay(s_acceptPause, CancellationToken.None).ConfigureAwait(false);
                continue;
            }

            IPAddress from = ((IPEndPoint)socket.RemoteEndPoint!).Address;
            PeerRights rights = RightsOf(from, (IPEndPoint?)socket.LocalEndPoint, isInbound: true);
            bool isFull = _peers.Values.Count(static peer => peer is { IsInbound: true, HasEnded: false }) >= Math.Max(
                0, _options.MaxConnections - MaxFullOutbound - 3)
                && !TryEvict();
            string? why = !_isActive ? "not accepting new connections"
                : (rights & PeerRights.NoBan) == 0 && Bans.IsBanned(from) ? "banned"
                : isFull && (rights & PeerRights.NoBan) == 0 ? "connection limit reached"
                : null;
            if (why is not null)
            {
                _log.Write("net", $"connection from {socket.RemoteEndPoint} dropped ({why})");
                socket.Dispose();
                continue;
            }

            Add(socket, isInbound: true, "inbound", socket.RemoteEndPoint!.ToString()!);
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

    private void Add(Socket socket, bool isInbound, string type, string name, NetAddress? address = null)
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
                rights)
            {
                Observed = Observe,
            };
        }
        catch (Exception exception) when (exception is SocketException or IOException or NullReferenceException)
        {
            // The peer disconnected before it was handled.
            socket.Dispose();
            return;
        }

        peer.IsOnion = isInbound && peer.Local is { } local && _onionPorts.Contains(local.Port);
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
                && await peer.Read(
                    text => _log.Write("net", text), PeerMessages.Known).ConfigureAwait(false) is { } message)
            {
                // Others may have something due as well.
                _wake.Set();
                _messages.Handle(peer, message.Name, message.Payload);

                // Data that is due is sent before the next message is answered.
                Keep(peer);
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
        _log.Write("net", $"Cleared nodestate for {Named(peer)}");
    }

    /// <summary>Under the tree's gate, which comes after the group's: so it is only noted here.</summary>
    private void OnAdded(PoolEntry entry)
        => _news.Enqueue(
            (entry, [.. _peers.Values.Where(static peer => peer.IsEstablished && peer.WantsTransactions)]));

    private void Spread()
    {
        while (_news.TryDequeue(out (PoolEntry Entry, IReadOnlyList<Peer> To) news))
        {
            PoolEntry entry = news.Entry;
            lock (Gate)
            {
                foreach (Peer peer in news.To)
                {
                    if (!peer.KnownTransactions.Contains(peer.AnnouncesByWitness ? entry.WitnessHash : entry.Txid))
                    {
                        peer.ToAnnounce.Add(entry.Txid);
                    }
                }
            }
        }
    }

    [SuppressMessage(
        "Design",
        "CA1031",
        Justification = "What goes wrong with one peer must not end the others' time-keeping.")]
    private void Tick()
    {
        WaitHandle[] reasons = [_stop.Token.WaitHandle, _wake];
        while (WaitHandle.WaitAny(reasons, s_tick) != 0 && !_stop.Token.WaitHandle.WaitOne(s_leastTick))
        {
            Spread();
            foreach (Peer peer in _peers.Values)
            {
                try
                {
                    Keep(peer);
                }
                catch (Exception exception)
                {
                    _log.Write("net", $"peer={peer.Id}: {exception.Message}");
                    peer.Dispose();
                }
            }
        }
    }

    /// <summary>What the peer has not done in time; null if nothing is overdue.</summary>
    private string? Overdue(Peer peer, DateTimeOffset now)
    {
        TimeSpan age = now - peer.Connected;
        if (peer.Type == "addr-fetch" && age > s_fetchPatience)
        {
            return "addrfetch connection timeout";
        }

        bool isSilent = peer.LastReceive == default || peer.LastSend == default;
        if (age <= _options.PeerTimeout || (peer.IsEstablished && !isSilent))
        {
            return null;
        }

        string received = peer.LastReceive == default ? "never received from peer" : "";
        string sent = peer.LastSend == default ? "never sent to peer" : "";
        return isSilent
            ? $"socket no message in first {(int)_options.PeerTimeout.TotalSeconds} seconds, "
                + $"{string.Join(", ", new[] { received, sent }.Where(static part => part.Length > 0))}"
            : "version handshake timeout";
    }

    private void Keep(Peer peer)
    {
        DateTimeOffset now = _node.Clock.GetUtcNow();
        if (Overdue(peer, now) is { } overdue)
        {
            Disconnect(peer, overdue);
            return;
        }

        if (!peer.IsEstablished)
        {
            return;
        }

        lock (Gate)
        {
            bool isWaiting = peer.PingNonce != 0;
            if (isWaiting && now - peer.PingSent > s_silence)
            {
                Disconnect(peer, $"ping timeout: {(now - peer.PingSent).TotalSeconds:F6}s");
                return;
            }

            if (peer.WantsPing || (!isWaiting && now - peer.PingSent > s_pingInterval))
            {
                peer.WantsPing = false;
                peer.PingNonce = (ulong)Random.Shared.NextInt64(1, long.MaxValue);
                peer.PingSent = now;
                peer.Send("ping", new WireWriter().UInt64(peer.PingNonce).ToArray());
            }
        }

        _messages.SendAddresses(peer);
        _messages.StartSync(peer);
        _messages.ReconsiderOrphans(peer);
        _messages.RequestTransactions(peer);
        _messages.AnnounceTransactions(peer);
        _messages.RequestBlocks(peer);
        _messages.LookForStalling(peer);
        _messages.LookForLagging(peer);
        _messages.AskForHeaders(peer);
        _messages.SendFeeFilter(peer);
    }
}
