using System.Collections.Concurrent;
using System.Diagnostics.CodeAnalysis;
using System.Net;
using System.Net.Sockets;
using Bitcoin.Chain;
using Bitcoin.Hosting;
using Bitcoin.Node.Mempool;
using NBitcoin;

namespace Bitcoin.Node.Net;

/// <summary>The other nodes: who listens, who is connected to, who is let go.</summary>
internal sealed class PeerGroup : IChainSubscriber, IDisposable
{
    private const int MaxAddNodes = 8;
    private const int MaxFullOutbound = 8;

    private static readonly TimeSpan s_tick = TimeSpan.FromMilliseconds(100);
    private static readonly TimeSpan s_retry = TimeSpan.FromSeconds(2);
    private static readonly TimeSpan s_pingInterval = TimeSpan.FromMinutes(2);
    private static readonly TimeSpan s_silence = TimeSpan.FromMinutes(20);

    private readonly NodeContext _node;
    private readonly NetOptions _options;
    private readonly DebugLog _log;
    private readonly List<Socket> _listeners = [];
    private readonly ConcurrentDictionary<long, Peer> _peers = new();
    private readonly PeerMessages _messages;
    private readonly List<string> _added;
    private readonly Dictionary<string, DateTime> _lastTry = [];
    private readonly ConcurrentQueue<PoolEntry> _news = new();
    private readonly CancellationTokenSource _stop = new();
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
        Bans = new BanList(node.Settings is null ? null : Path.Combine(node.Settings.Directory, "banlist.json"), node.Clock);
        Addresses = new AddressBook(node.Clock);
        _messages = new PeerMessages(node, this, options);
    }

    /// <summary>Guards what is known of the peers' chains and transactions. Never held while waiting for the chain.</summary>
    internal Lock Gate { get; } = new();

    internal NetOptions Options => _options;

    internal BanList Bans { get; }

    internal AddressBook Addresses { get; }

    internal int Count => _peers.Count;

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
        if (_options.Listens)
        {
            Listen();
        }

        _subscription = _node.Tree.Subscribe(this);
        _node.Pool.Added += OnAdded;
        new Thread(Tick) { IsBackground = true, Name = "b-net" }.Start();
        new Thread(Connect) { IsBackground = true, Name = "b-opencon" }.Start();
    }

    /// <summary>Connects to a node once.</summary>
    internal bool TryConnect(string name, string type)
    {
        IPEndPoint? end = Resolve(name);
        if (end is null || !_isActive || (Bans.IsBanned(end.Address) && type != "manual"))
        {
            return false;
        }

        Socket socket = new(end.AddressFamily, SocketType.Stream, ProtocolType.Tcp);
        try
        {
            using CancellationTokenSource patience = CancellationTokenSource.CreateLinkedTokenSource(_stop.Token);
            patience.CancelAfter(_options.ConnectTimeout);
            socket.ConnectAsync(end, patience.Token).AsTask().GetAwaiter().GetResult();
            Add(socket, isInbound: false, type, name);
            return true;
        }
        catch (Exception exception) when (exception is SocketException or OperationCanceledException)
        {
            socket.Dispose();
            _log.Write("net", $"connect() to {end} failed: {exception.Message}");
            return false;
        }
    }

    internal bool AddNode(string name)
    {
        lock (_added)
        {
            if (_added.Contains(name))
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

    internal bool IsConnected(string name) => _peers.Values.Any(peer => peer.Name == name || peer.Remote.ToString() == name || (Resolve(name) is { } end && !peer.IsInbound && peer.Remote.Equals(end)));

    /// <summary>Lets a peer go that did what no good one does; one that may, stays.</summary>
    internal void Misbehaving(Peer peer, string why)
    {
        _log.Write("net", $"Misbehaving: {Named(peer)}: {why}");
        if (peer.May(PeerRights.NoBan) || peer.Type == "manual")
        {
            _log.Write($"Warning: not punishing {(peer.Type == "manual" ? "manually connected" : "noban")} peer {peer.Id}!");
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

    /// <summary>Tells all peers of a transaction of this node's own.</summary>
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

    /// <summary>Tells peers again of own transactions that none has asked for.</summary>
    internal void AnnounceAgain()
    {
        Transaction[] waiting;
        lock (_node.Tree.Gate)
        {
            waiting = [.. _node.Pool.Unbroadcast.Select(_node.Pool.Find).OfType<PoolEntry>().Select(static entry => entry.Transaction)];
        }

        foreach (Transaction transaction in waiting)
        {
            Announce(transaction);
        }
    }

    public void BlockConnected(ChainBlock block, Block data)
    {
    }

    public void BlockDisconnected(ChainBlock block, Block data)
    {
    }

    public void TipUpdated(ChainBlock tip) => _messages.AnnounceTip(tip, _peers.Values);

    public void Dispose()
    {
        _stop.Cancel();
        _subscription?.Dispose();
        _listeners.ForEach(static listener => listener.Dispose());
        foreach (Peer peer in _peers.Values)
        {
            peer.Dispose();
        }
    }

    private static IPEndPoint? ResolveName(string name, int port)
    {
        if (IPEndPoint.TryParse(name == "localhost" ? "127.0.0.1" : name, out IPEndPoint? end))
        {
            bool hasPort = name.StartsWith('[') ? name.Contains("]:", StringComparison.Ordinal) : name.Count(static letter => letter == ':') == 1;
            return hasPort ? end : new IPEndPoint(end.Address, port);
        }

        string[] parts = name.Split(':');
        try
        {
            IPAddress? address = Dns.GetHostAddresses(parts[0]).FirstOrDefault();
            return address is null ? null : new IPEndPoint(address, parts.Length > 1 && int.TryParse(parts[1], out int given) ? given : port);
        }
        catch (Exception exception) when (exception is SocketException or ArgumentException)
        {
            return null;
        }
    }

    private IPEndPoint? Resolve(string name) => ResolveName(name, _node.Tree.Network.Port);

    private void Listen()
    {
        bool isDefault = _node.Settings?.Last("bind") is null && _node.Settings?.Last("whitebind") is null;
        foreach (IPEndPoint end in _options.Binds)
        {
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
                _ = Task.Run(() => Accept(listener));
            }
            catch (SocketException exception)
            {
                listener.Dispose();
                if (!isDefault || end.AddressFamily == AddressFamily.InterNetwork)
                {
                    throw new HostException(exception.SocketErrorCode == SocketError.AddressAlreadyInUse
                        ? $"Unable to bind to {end} on this computer. Bitcoin Core is probably already running."
                        : $"Unable to bind to {end} on this computer (bind returned error {exception.Message})", exception);
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
            catch (Exception exception) when (exception is SocketException or OperationCanceledException or ObjectDisposedException)
            {
                return;
            }

            IPAddress from = ((IPEndPoint)socket.RemoteEndPoint!).Address;
            PeerRights rights = RightsOf(from, (IPEndPoint?)socket.LocalEndPoint, isInbound: true);
            bool isFull = _peers.Values.Count(static peer => peer.IsInbound) >= Math.Max(0, _options.MaxConnections - MaxFullOutbound - 3) && !TryEvict();
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

    /// <summary>Makes room for somebody new: the one that came last and gave nothing yet.</summary>
    private bool TryEvict()
    {
        Peer? worst = _peers.Values
            .Where(static peer => peer.IsInbound && !peer.May(PeerRights.NoBan) && peer.LastBlock == default && peer.LastTransaction == default)
            .OrderByDescending(static peer => peer.Connected)
            .FirstOrDefault();
        worst?.Dispose();
        return worst is not null;
    }

    /// <summary>A peer in the log: by its number, and with -logips by its address.</summary>
    private string Named(Peer peer) => _options.LogsAddresses ? $"peer={peer.Id}, peeraddr={peer.Remote}" : $"peer={peer.Id}";

    private PeerRights RightsOf(IPAddress address, IPEndPoint? local, bool isInbound)
    {
        address = address.IsIPv4MappedToIPv6 ? address.MapToIPv4() : address;
        return _options.Permissions.Where(permission => permission.Covers(address, local, isInbound)).Aggregate(PeerRights.None, static (rights, permission) => rights | permission.Rights);
    }

    private void Add(Socket socket, bool isInbound, string type, string name)
    {
        Peer peer;
        try
        {
            PeerRights rights = RightsOf(((IPEndPoint)socket.RemoteEndPoint!).Address, (IPEndPoint?)socket.LocalEndPoint, isInbound);
            peer = new Peer(Interlocked.Increment(ref _lastId), socket, isInbound, type, name, _node.Tree.Network.Magic, _node.Clock, _options.MaxSendBytes, rights);
        }
        catch (Exception exception) when (exception is SocketException or IOException or NullReferenceException)
        {
            // Gone before it was looked at.
            socket.Dispose();
            return;
        }

        _peers[peer.Id] = peer;
        _log.Write("net", isInbound ? $"connection from {peer.Remote} accepted, {Named(peer)}" : $"Added connection to {peer.Name} {Named(peer)}");
        _ = Task.Run(() => Serve(peer));
    }

    [SuppressMessage("Design", "CA1031", Justification = "Whatever a message does wrong ends that peer's connection at most.")]
    private async Task Serve(Peer peer)
    {
        try
        {
            if (!peer.IsInbound)
            {
                _messages.SendVersion(peer);
            }

            while (!peer.HasEnded && await peer.Read(text => _log.Write("net", text), PeerMessages.Known).ConfigureAwait(false) is { } message)
            {
                _messages.Handle(peer, message.Name, message.Payload);

                // What has become due goes out before the next message is answered.
                Keep(peer);
            }
        }
        catch (Exception exception)
        {
            _log.Write("net", $"ProcessMessages: Exception '{exception.Message}' caught, {Named(peer)}");
        }

        peer.Dispose();
        _peers.TryRemove(peer.Id, out _);
        lock (Gate)
        {
            BytesSent += peer.BytesSent;
            BytesReceived += peer.BytesReceived;
            peer.InFlight.Clear();
        }

        _log.Write("net", $"disconnecting {Named(peer)}");
        _log.Write("net", $"Cleared nodestate for {Named(peer)}");
    }

    /// <summary>Under the tree's gate, which comes after the group's: so it is only noted here.</summary>
    private void OnAdded(PoolEntry entry) => _news.Enqueue(entry);

    private void Spread()
    {
        while (_news.TryDequeue(out PoolEntry? entry))
        {
            lock (Gate)
            {
                foreach (Peer peer in _peers.Values)
                {
                    bool isWelcome = peer.IsEstablished && peer.WantsTransactions && RelayRate.Of(entry.Fee, entry.Size) >= peer.FeeFilter;
                    if (isWelcome && !peer.KnownTransactions.Contains(peer.AnnouncesByWitness ? entry.WitnessHash : entry.Txid))
                    {
                        peer.ToAnnounce.Add(entry.Txid);
                    }
                }
            }
        }
    }

    [SuppressMessage("Design", "CA1031", Justification = "What goes wrong with one peer must not end the others' time-keeping.")]
    private void Tick()
    {
        while (!_stop.Token.WaitHandle.WaitOne(s_tick))
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

    private void Keep(Peer peer)
    {
        DateTimeOffset now = _node.Clock.GetUtcNow();
        if (!peer.IsEstablished)
        {
            if (now - peer.Connected > _options.PeerTimeout)
            {
                Disconnect(peer, "version handshake timeout");
            }

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

        _messages.AnnounceTransactions(peer);
        _messages.RequestBlocks(peer);
        _messages.LookForStalling(peer);
    }

    /// <summary>Keeps up the connections that were asked for, and looks for some by itself.</summary>
    private void Connect()
    {
        while (!_stop.Token.WaitHandle.WaitOne(s_tick))
        {
            if (!_isActive)
            {
                continue;
            }

            foreach (string name in _options.Connect.Concat(Added.Take(MaxAddNodes)))
            {
                if (name != "0" && !IsConnected(name) && IsDue(name))
                {
                    TryConnect(name, "manual");
                }
            }

            if (_options.Searches && _peers.Values.Count(static peer => peer.Type == "outbound-full-relay") < Math.Min(MaxFullOutbound, _options.MaxConnections) && Addresses.Pick() is { } found && IsDue(found.ToString()) && !IsConnected(found.ToString()))
            {
                TryConnect(found.ToString(), "outbound-full-relay");
            }
        }
    }

    private bool IsDue(string name)
    {
        DateTime now = DateTime.UtcNow;
        if (_lastTry.TryGetValue(name, out DateTime last) && now - last < s_retry)
        {
            return false;
        }

        _lastTry[name] = now;
        return true;
    }
}
