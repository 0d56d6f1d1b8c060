using System.Collections.Concurrent;
using Bitcoin.Hosting;

namespace Bitcoin.Node.Net;

/// <summary>
/// Searches for peers: those that options name, and others from the address book, seed nodes and name servers.
/// </summary>
/// <remarks>
/// Three threads: one connects to chosen peers or to those of -connect; one keeps the added peers connected; one asks
/// the name servers, and ends.
/// </remarks>
internal sealed class PeerFinder
{
    private const int MaxFullOutbound = 8;
    private const int MaxBlockRelay = 2;
    private const int MaxAddNodes = 8;
    private const int EnoughPeers = 2;
    private const int ManyAddresses = 1000;
    private const int FewWaitSeconds = 11;
    private const int ManyWaitSeconds = 300;
    private const int SeedNodeSeconds = 10;
    private const int SeedNodePatienceSeconds = 30;
    private const int FixedSeedSeconds = 60;
    private const int SeedsAtOnce = 3;
    private const int MaxAddressesOfSeed = 32;

    private static readonly TimeSpan s_step = TimeSpan.FromMilliseconds(500);
    private static readonly TimeSpan s_retry = TimeSpan.FromSeconds(2);
    private static readonly TimeSpan s_feelers = TimeSpan.FromMinutes(2);

    private readonly NodeContext _node;
    private readonly PeerGroup _group;
    private readonly NetOptions _options;
    private readonly CancellationToken _stop;
    private readonly DebugLog _log;
    private readonly Queue<(NetAddress Address, ulong Services)> _anchors;
    private readonly ConcurrentQueue<string> _fetches = new();
    private readonly Dictionary<string, DateTime> _lastTry = [];

    internal PeerFinder(
        NodeContext node,
        PeerGroup group,
        NetOptions options,
        IEnumerable<(NetAddress, ulong)> anchors,
        CancellationToken stop)
    {
        _node = node;
        _group = group;
        _options = options;
        _stop = stop;
        _log = node.Log;
        _anchors = new Queue<(NetAddress, ulong)>(anchors);
    }

    private DateTimeOffset Now => _node.Clock.GetUtcNow();

    private int FullOutbound
        => _group.All.Count(static peer => peer is { Type: "outbound-full-relay", HasEnded: false });

    internal void Start()
    {
        if (_options.AsksNameServers)
        {
            Run("dnsseed", AskNameServers);
        }
        else
        {
            _log.Write("DNS seeding disabled");
        }

        Run("addcon", KeepAdded);
        if (_options.Connect.Any(static name => name != "0"))
        {
            Run("opencon", KeepConnected);
        }
        else if (_options.Searches && _options.MaxConnections > 0)
        {
            Run("opencon", Search);
        }
    }

    private void Run(string name, Action act)
    {
        new Thread(() =>
        {
            _log.Write($"{name} thread start");
            act();
            _log.Write($"{name} thread exit");
        }) { IsBackground = true, Name = $"b-{name}" }.Start();
    }

    private bool Sleep(TimeSpan time) => !_stop.WaitHandle.WaitOne(time);

    private void KeepConnected()
    {
        do
        {
            Keep(_options.Connect);
        }
        while (Sleep(s_step));
    }

    private void KeepAdded()
    {
        do
        {
            Keep(_group.Added.All.Take(MaxAddNodes));
        }
        while (Sleep(TimeSpan.FromMilliseconds(100)));
    }

    private void Keep(IEnumerable<string> names)
    {
        foreach (string name in names)
        {
            if (_group.IsActive && name != "0" && !_group.IsConnected(name) && IsDue(name))
            {
                _group.TryConnect(name, "manual", _group.Added.Encrypts(name));
            }
        }
    }

    private bool IsDue(string name)
    {
        lock (_lastTry)
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

    private void Search()
    {
        DateTimeOffset start = Now;
        DateTimeOffset lastSeed = start;
        DateTimeOffset nextFeeler = start + s_feelers;
        string[] seeds = [.. _options.SeedNodes];
        Random.Shared.Shuffle(seeds);
        Queue<string> seedsLeft = new(seeds);
        bool addsSeed = _group.Addresses.Count == 0 && seedsLeft.Count > 0;
        bool addsFixed = _options.UsesFixedSeeds;
        if (!addsFixed)
        {
            _log.Write("Fixed seeds are disabled");
        }

        do
        {
            if (addsSeed && seedsLeft.TryDequeue(out string? seed))
            {
                _fetches.Enqueue(seed);
                _log.Write(
                    _group.Addresses.Count == 0
                        ? $"Empty addrman, adding seednode ({seed}) to addrfetch"
                        : $"Couldn't connect to peers from addrman after {SeedNodeSeconds} seconds. Adding seednode "
                            + $"({seed}) to addrfetch");
            }

            addsSeed = false;
            if (_group.IsActive && _fetches.TryDequeue(out string? fetch))
            {
                _group.TryConnect(fetch, "addr-fetch", _options.Encrypts);
            }

            // The anchors' turn comes at once: they are what a restarted node trusts most.
            if (_stop.IsCancellationRequested || (_anchors.Count == 0 && !Sleep(s_step)))
            {
                return;
            }

            addsFixed = addsFixed && !TryAddFixed(start);
            if (seedsLeft.Count > 0
                && FullOutbound < EnoughPeers
                && Now > lastSeed + TimeSpan.FromSeconds(SeedNodeSeconds))
            {
                lastSeed = Now;
                addsSeed = true;
            }

            if (_group.IsActive)
            {
                OpenOne(ref nextFeeler);
            }
        }
        while (!_stop.IsCancellationRequested);
    }

    /// <summary>
    /// Whether built-in addresses were used: at once if no other source is left, otherwise after a minute. There are no
    /// built-in addresses; only the names of the networks' name servers are built in.
    /// </summary>
    private bool TryAddFixed(DateTimeOffset start)
    {
        bool lacksSome = NetworkNames.All.Any(
            network => _options.Reach.Reaches(network) && _group.Addresses.Counts(network) == (0, 0));
        if (!lacksSome)
        {
            return false;
        }

        if (Now > start + TimeSpan.FromSeconds(FixedSeedSeconds))
        {
            _log.Write(
                $"Adding fixed seeds as {FixedSeedSeconds} seconds have passed and addrman is empty for at least one "
                    + $"reachable network");
        }
        else if (!_options.AsksNameServers && _options.SeedNodes.Count == 0 && _group.Added.All.Count == 0)
        {
            _log.Write(
                "Adding fixed seeds as -dnsseed=0 (or IPv4/IPv6 connections are disabled via -onlynet) and neither "
                    + "-addnode nor -seednode are provided");
        }
        else
        {
            return false;
        }

        _log.Write("Added 0 fixed seeds from reachable networks.");
        return true;
    }

    private void OpenOne(ref DateTimeOffset nextFeeler)
    {
        Peer[] peers = [.. _group.All.Where(static peer => !peer.HasEnded)];
        int blockRelay = peers.Count(static peer => peer.Type == "block-relay-only");
        if (_anchors.Count > 0 && blockRelay < MaxBlockRelay)
        {
            (NetAddress anchor, ulong services) = _anchors.Dequeue();
            _log.Write("net", $"Trying to make an anchor connection to {anchor}");
            if (_options.Reach.Reaches(anchor.Network))
            {
                _group.TryConnect(anchor.ToString(), "block-relay-only", Encrypts(services));
            }

            return;
        }

        string? type = FullOutbound < Math.Min(MaxFullOutbound, _options.MaxConnections) ? "outbound-full-relay"
            : blockRelay < MaxBlockRelay ? "block-relay-only"
            : Now > nextFeeler ? "feeler"
            : null;
        if (type is null)
        {
            return;
        }

        bool isFeeler = type == "feeler";
        nextFeeler = isFeeler ? Now + s_feelers : nextFeeler;
        HashSet<string> groups =
            [
                .. peers.Where(
                    static peer
                        => peer.Type is "manual" or "outbound-full-relay" or "block-relay-only")
                    .Select(static peer => peer.NetGroup),
            ];
        bool IsGood(NetAddress address)
            => _options.Reach.Reaches(address.Network)
                && (isFeeler || !groups.Contains(Convert.ToHexStringLower(_group.Groups.Of(address))))
            && !peers.Any(peer => peer.Address == address);
        AddressEntry? chosen = (isFeeler ? _group.Addresses.PickCollision() : null)
            ?? _group.Addresses.Pick(IsGood, newOnly: isFeeler);
        const int RecentSeconds = 600;
        if (chosen is null
            || (Now.ToUnixTimeSeconds() - chosen.LastTry < RecentSeconds && chosen.Attempts > 0)
            || !IsDue(chosen.Address.ToString()))
        {
            return;
        }

        bool countsFailure = peers.Count(static peer => !peer.IsInbound) >= Math.Min(_options.MaxConnections - 1, 2);
        _group.Addresses.Attempt(chosen.Address, countsFailure);
        _group.TryConnect(chosen.Address.ToString(), type, Encrypts(chosen.Services));
    }

    /// <summary>Whether the connection to a node that announced these services is encrypted.</summary>
    private bool Encrypts(ulong services) => _options.Encrypts && (services & PeerMessages.NodeEncrypted) != 0;

    private void AskNameServers()
    {
        if (_options.SeedNodes.Count > 0 && !WaitForSeedNodes())
        {
            return;
        }

        string[] seeds = [.. _node.Tree.Network.Network.DNSSeeds.Select(static seed => seed.Host)];
        Random.Shared.Shuffle(seeds);

        // The private network has no name server. This invalid name shows in tests that one would be asked.
        seeds = _node.Tree.Network.NeverRetargets ? ["dummySeed.invalid."] : seeds;
        int atOnce = _options.AsksNameServersAlways || _group.Addresses.Count == 0 ? seeds.Length : 0;
        int found = 0;
        foreach (string seed in seeds)
        {
            if (atOnce == 0)
            {
                atOnce = SeedsAtOnce;
                if (_group.Addresses.Count > 0 && !Wait(found))
                {
                    return;
                }
            }

            while (!_group.IsActive)
            {
                if (!Sleep(TimeSpan.FromSeconds(1)))
                {
                    return;
                }
            }

            _log.Write($"Loading addresses from DNS seed {seed}");
            found += Ask(seed);
            atOnce--;
        }

        _log.Write($"{found} addresses found from DNS seeds");
    }

    /// <summary>Waits for the seed nodes to deliver addresses.</summary>
    /// <returns>Whether the name servers must be asked.</returns>
    private bool WaitForSeedNodes()
    {
        _log.Write(
            $"-seednode enabled. Trying the provided seeds for {SeedNodePatienceSeconds} seconds before defaulting to "
                + $"the dnsseeds.");
        DateTimeOffset end = Now + TimeSpan.FromSeconds(SeedNodePatienceSeconds);
        while (Sleep(s_step))
        {
            if (Now > end)
            {
                _log.Write("Couldn't connect to enough peers via seed nodes. Handing fetch logic to the DNS seeds.");
                return true;
            }

            if (FullOutbound >= EnoughPeers)
            {
                _log.Write("P2P peers available. Finished fetching data from seed nodes.");
                return _options.AsksNameServersAlways || _group.Addresses.Count == 0;
            }
        }

        return false;
    }

    /// <summary>Tries the known addresses first.</summary>
    /// <returns>Whether the name servers are still needed.</returns>
    private bool Wait(int found)
    {
        int seconds = _group.Addresses.Count >= ManyAddresses ? ManyWaitSeconds : FewWaitSeconds;
        _log.Write($"Waiting {seconds} seconds before querying DNS seeds.");
        for (int left = seconds; left > 0; left -= FewWaitSeconds)
        {
            if (!Sleep(TimeSpan.FromSeconds(Math.Min(FewWaitSeconds, left))))
            {
                return false;
            }

            if (FullOutbound >= EnoughPeers)
            {
                if (found > 0)
                {
                    _log.Write($"{found} addresses found from DNS seeds");
                }

                _log.Write($"P2P peers available. {(found > 0 ? "Finished" : "Skipped")} DNS seeding.");
                return false;
            }
        }

        return true;
    }

    private int Ask(string seed)
    {
        const long OldestSeconds = 7 * 24 * 60 * 60;
        if (_options.Reach.HasNameProxy)
        {
            _fetches.Enqueue(seed);
            return 0;
        }

        const ulong Wanted = PeerMessages.NodeNetwork | PeerMessages.NodeWitness;
        string host = $"x{Wanted:x}.{seed}";
        try
        {
            long now = Now.ToUnixTimeSeconds();
            List<(NetAddress, ulong, long)> found = [.. System.Net.Dns.GetHostAddresses(host).Take(MaxAddressesOfSeed)
                .Select(address => (
                    NetAddress.From(address, _node.Tree.Network.Port),
                    Wanted,
                    now - Random.Shared.NextInt64(OldestSeconds / 2, OldestSeconds)))];
            _group.Addresses.Add(
                found, new NetAddress(NetworkNames.Unroutable, System.Net.IPAddress.Loopback.ToString(), 0));
            return found.Count;
        }
        catch (Exception exception) when (exception is System.Net.Sockets.SocketException or ArgumentException)
        {
            _fetches.Enqueue(seed);
            return 0;
        }
    }
}
