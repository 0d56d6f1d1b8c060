using Bitcoin.Chain;
using Bitcoin.Hosting;
using Bitcoin.Node.Mempool;
using NBitcoin;

namespace Bitcoin.Node.Net;

/// <summary>
/// Gives own transactions to single peers over Tor and I2P: -privatebroadcast. Each connection carries one transaction,
/// says nothing about this node, and ends then. The transaction enters the pool when the network sends it back.
/// </summary>
internal sealed class PrivateBroadcast
{
    /// <summary>The type of the connections.</summary>
    internal const string ConnectionType = "private-broadcast";

    private const string Category = "privatebroadcast";
    private const int PeersForEach = 3;
    private const int MaxConnections = 64;
    private const int LeastPauseSeconds = 120;
    private const int MostPauseSeconds = 180;

    private static readonly TimeSpan s_step = TimeSpan.FromMilliseconds(100);
    private static readonly TimeSpan s_noNetwork = TimeSpan.FromSeconds(5);

    // All that these connections may send.
    private static readonly HashSet<string> s_sent = ["version", "verack", "inv", "tx", "ping"];

    private readonly NodeContext _node;
    private readonly PeerGroup _group;
    private readonly DebugLog _log;
    private readonly CancellationToken _stop;
    private readonly AutoResetEvent _wake = new(false);
    private readonly ITimer _again;
    private int _toOpen;
    private volatile bool _hasUsedTor;

    internal PrivateBroadcast(NodeContext node, PeerGroup group, CancellationToken stop)
    {
        _node = node;
        _group = group;
        _log = node.Log;
        _stop = stop;
        Queue = new PrivateQueue(node.Clock);
        _again = node.Clock.CreateTimer(
            _ => TryAgain(), null, TimeSpan.Zero, Timeout.InfiniteTimeSpan);
    }

    internal PrivateQueue Queue { get; }

    /// <summary>Whether own transactions can be sent: a network that hides who sends them is reachable.</summary>
    internal bool CanSend
        => _group.Options.Reach.Reaches(NetworkNames.Onion) || _group.Options.Reach.Reaches(NetworkNames.I2p);

    /// <summary>Whether a connection may send a message.</summary>
    internal static bool MaySend(string name) => s_sent.Contains(name);

    internal void Start() => new Thread(Run) { IsBackground = true, Name = "b-privbcast" }.Start();

    internal void Stop() => _again.Dispose();

    /// <summary>Begins to give a transaction away.</summary>
    /// <returns>False if too many wait.</returns>
    internal bool TryAdd(Transaction transaction)
    {
        string text = $"txid={transaction.GetHash()}, wtxid={transaction.GetWitHash()}";
        switch (Queue.Add(transaction))
        {
            case true:
                _log.Write(Category, $"Requesting {PeersForEach} new connections due to {text}");
                Open(PeersForEach);
                return true;
            case false:
                _log.Write(
                    Category, $"Ignoring unnecessary request to schedule an already scheduled transaction: {text}");
                return true;
            default:
                _log.Write(
                    Category, $"Rejecting private broadcast, queue full (cap={PrivateQueue.Most}): {text}");
                return false;
        }
    }

    /// <summary>Ends the attempts for the transactions with an id, with or without the witness.</summary>
    internal IReadOnlyList<Transaction> Abort(uint256 id)
    {
        List<Transaction> removed = [];
        foreach (Transaction transaction in Queue.All.Select(static one => one.Transaction))
        {
            if ((transaction.GetHash() == id || transaction.GetWitHash() == id)
                && Queue.Remove(transaction.GetWitHash()) is { } confirmed)
            {
                removed.Add(transaction);
                Open(-Math.Max(0, PeersForEach - confirmed));
            }
        }

        return removed;
    }

    /// <summary>A peer sent a transaction: if it is an own one, the network has it.</summary>
    internal void Received(Transaction transaction, Peer from)
    {
        if (Queue.Remove(transaction.GetWitHash()) is { } confirmed)
        {
            _log.Write(
                Category,
                $"Received our privately broadcast transaction (txid={transaction.GetHash()}) from the network from "
                    + $"peer={from.Id}; stopping private broadcast attempts");
            Open(-Math.Max(0, PeersForEach - confirmed));
        }
    }

    /// <summary>A handshake was completed over Tor: its proxy can be used for other networks too.</summary>
    internal void NoteTor() => _hasUsedTor = true;

    /// <summary>A connection has ended. If its peer has not confirmed, another one takes its place.</summary>
    internal void Ended(Peer peer)
    {
        if (!Queue.HasConfirmed(peer.Id) && Queue.HasPending)
        {
            Open(1);
        }
    }

    /// <summary>Gives transactions away again that the network has not sent back.</summary>
    internal void TryAgain()
    {
        foreach (Transaction transaction in Queue.Stale())
        {
            string text = $"txid={transaction.GetHash()} wtxid={transaction.GetWitHash()}";
            Refusal? refusal;
            lock (_node.Tree.Gate)
            {
                refusal = _node.Pool.Acceptance.Accept(transaction, new AcceptOptions { IsTest = true }).Refusal;
            }

            if (refusal is null)
            {
                _log.Write(Category, $"Reattempting broadcast of stale {text}");
                Open(1);
            }
            else
            {
                _log.Write(Category, $"Giving up broadcast attempts for {text}: {refusal}");
                Queue.Remove(transaction.GetWitHash());
            }
        }

        _again.Change(
            TimeSpan.FromSeconds(Random.Shared.Next(LeastPauseSeconds, MostPauseSeconds)), Timeout.InfiniteTimeSpan);
    }

    /// <summary>Changes how many connections are to be opened.</summary>
    private void Open(int more)
    {
        int before;
        do
        {
            before = Volatile.Read(ref _toOpen);
        }
        while (Interlocked.CompareExchange(ref _toOpen, Math.Max(0, before + more), before) != before);

        _wake.Set();
    }

    private void Run()
    {
        WaitHandle[] reasons = [_stop.WaitHandle, _wake];
        while (!_stop.IsCancellationRequested)
        {
            if (Volatile.Read(ref _toOpen) == 0)
            {
                WaitHandle.WaitAny(reasons);
            }
            else if (!_group.IsActive
                || _group.All.Count(static peer => peer is { IsPrivate: true, HasEnded: false }) >= MaxConnections
                || !OpenOne())
            {
                _stop.WaitHandle.WaitOne(s_step);
            }
        }
    }

    private bool OpenOne()
    {
        if (ChooseNetwork() is not var (network, proxy))
        {
            _log.Warn("Unable to open -privatebroadcast connections: neither Tor nor I2P is reachable");
            _stop.WaitHandle.WaitOne(s_noNetwork);
            return false;
        }

        HashSet<NetAddress> excluded = [.. _group.Local.All.Select(static own => own.Address)];
        excluded.UnionWith(_group.All.Where(static peer => !peer.HasEnded).Select(static peer => peer.Address));
        AddressEntry? chosen = _group.Addresses.Pick(
            address => address.Network == network && !excluded.Contains(address));
        if (chosen is null)
        {
            return false;
        }

        string target = proxy is null ? $"{chosen.Address}" : $"{chosen.Address} through the proxy at {proxy.Text}";
        _group.Addresses.Attempt(chosen.Address, countsFailure: true);
        bool encrypts = _group.Options.Encrypts && (chosen.Services & PeerMessages.NodeEncrypted) != 0;
        if (!_group.TryConnect(chosen.Address.ToString(), ConnectionType, encrypts, proxy))
        {
            _log.Write(
                Category,
                $"Failed to connect to {target}; remaining connections to open: {Volatile.Read(ref _toOpen)}");
            return false;
        }

        Open(-1);
        _log.Write(
            Category, $"Socket connected to {target}; remaining connections to open: {Volatile.Read(ref _toOpen)}");
        return true;
    }

    /// <summary>
    /// A network that hides who sends, or one that is reached through Tor's proxy; with the proxy in the latter case.
    /// </summary>
    private (string Network, Proxy? Proxy)? ChooseNetwork()
    {
        NetReach reach = _group.Options.Reach;
        List<(string, Proxy?)> networks = [];
        if (reach.Reaches(NetworkNames.Onion))
        {
            networks.Add((NetworkNames.Onion, null));

            // Only a proxy that has reached an address of Tor is surely Tor's.
            if (_hasUsedTor && reach.ProxyOf(NetworkNames.Onion) is { } tor)
            {
                networks.AddRange(
                    new[] { NetworkNames.Ipv4, NetworkNames.Ipv6 }.Where(reach.Reaches).Select(
                        name => (name, (Proxy?)tor)));
            }
        }

        if (reach.Reaches(NetworkNames.I2p))
        {
            networks.Add((NetworkNames.I2p, null));
        }

        return networks.Count == 0 ? null : networks[Random.Shared.Next(networks.Count)];
    }
}
