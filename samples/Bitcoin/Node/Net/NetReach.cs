using System.Collections.Concurrent;
using System.Net;
using Bitcoin.Hosting;

namespace Bitcoin.Node.Net;

/// <summary>The networks to which this node connects, and their proxies.</summary>
internal sealed class NetReach
{
    // Tor's proxy may be added while others read.
    private readonly ConcurrentDictionary<string, Proxy?> _proxies = [];
    private readonly HashSet<string> _reachable;
    private readonly bool _mayReachTor;
    private volatile bool _hasTor;
    private readonly Proxy? _forNames;

    private NetReach(Settings settings)
    {
        IReadOnlyList<string> only = settings.All("onlynet");
        _reachable = [.. only.Count == 0 ? NetworkNames.All : only.Select(Known)];
        bool isOnly = only.Count > 0;
        _mayReachTor = _reachable.Contains(NetworkNames.Onion);
        HasCjdns = settings.IsOn("cjdnsreachable");
        if (settings.Last("cjdnsreachable") is null && isOnly && _reachable.Contains(NetworkNames.Cjdns))
        {
            throw new HostException(
                "Outbound connections restricted to CJDNS (-onlynet=cjdns) but -cjdnsreachable is not provided");
        }

        if (settings.IsOn("dnsseed")
            && !_reachable.Contains(NetworkNames.Ipv4)
            && !_reachable.Contains(NetworkNames.Ipv6))
        {
            throw new HostException(
                "Incompatible options: -dnsseed=1 was explicitly specified, but -onlynet forbids connections to "
                    + "IPv4/IPv6");
        }

        bool randomizes = settings.IsOn("proxyrandomize", byDefault: true);
        bool looksUp = settings.IsOn("dns", byDefault: true);
        foreach (string value in settings.All("proxy"))
        {
            _forNames = Take(value, randomizes, looksUp) ?? _forNames;
        }

        if (settings.Last("onion") is { Length: > 0 } onion)
        {
            if (onion == "0" && isOnly && _reachable.Contains(NetworkNames.Onion))
            {
                throw new HostException(
                    "Outbound connections restricted to Tor (-onlynet=onion) but the proxy for reaching the Tor "
                        + "network is explicitly forbidden: -onion=0");
            }

            _proxies[NetworkNames.Onion] = Proxy.Parse(onion, "onion", randomizes, looksUp);
        }

        if (ProxyOf(NetworkNames.Onion) is null)
        {
            if (isOnly && _reachable.Contains(NetworkNames.Onion) && !settings.IsOn("listenonion", byDefault: true))
            {
                throw new HostException(
                    "Outbound connections restricted to Tor (-onlynet=onion) but the proxy for reaching the Tor "
                        + "network is not provided: none of -proxy, -onion or -listenonion is given");
            }

            _reachable.Remove(NetworkNames.Onion);
        }

        if (settings.Last("i2psam") is { Length: > 0 } sam && sam != "0")
        {
            _proxies[NetworkNames.I2p] = Proxy.Parse(sam, "i2psam", randomizes: false, looksUp);
        }
        else if (isOnly && _reachable.Contains(NetworkNames.I2p))
        {
            throw new HostException(
                "Outbound connections restricted to i2p (-onlynet=i2p) but -i2psam is not provided");
        }
        else
        {
            _reachable.Remove(NetworkNames.I2p);
        }

        if (!HasCjdns)
        {
            _reachable.Remove(NetworkNames.Cjdns);
        }

        if (settings.IsOn("privatebroadcast"))
        {
            CheckPrivateBroadcast(
                settings,
                randomizes,
                listensOnTor: settings.IsOn("listenonion", byDefault: true)
                    && (!isOnly || only.Any(static name => name.ToLowerInvariant() == NetworkNames.Onion)));
        }
    }

    /// <summary>Whether addresses in fc00::/8 are CJDNS addresses.</summary>
    internal bool HasCjdns { get; }

    /// <summary>A warning for the user at the start; null for none.</summary>
    internal string? Warning { get; private set; }

    /// <summary>Whether a proxy resolves names, instead of this node.</summary>
    internal bool HasNameProxy => _forNames is not null;

    /// <summary>Reads the options.</summary>
    /// <exception cref="HostException">One of them is wrong, or they contradict each other.</exception>
    internal static NetReach From(Settings settings) => new(settings);

    /// <summary>Whether the node searches for peers in a network.</summary>
    internal bool Reaches(string network)
        => network == NetworkNames.Unroutable
            || _reachable.Contains(network)
            || (network == NetworkNames.Onion && _hasTor);

    /// <summary>Connects to peers of Tor through a proxy from now on, each under a name of its own.</summary>
    internal void UseTor(IPEndPoint proxy)
    {
        _proxies[NetworkNames.Onion] = new Proxy(proxy.ToString(), proxy, Randomizes: true);
        _hasTor = _mayReachTor;
    }

    /// <summary>The proxy of a network; null for none.</summary>
    internal Proxy? ProxyOf(string network) => _proxies.GetValueOrDefault(network);

    /// <summary>The proxy for a host: that of its network, or that for names.</summary>
    internal Proxy? ProxyFor(string host)
        => IPAddress.TryParse(host, out _) || NetworkNames.Of(host) != NetworkNames.Unroutable
            ? ProxyOf(NetworkNames.Of(host, HasCjdns))
            : host == "localhost"
            ? null
            : _forNames;

    private void CheckPrivateBroadcast(Settings settings, bool randomizes, bool listensOnTor)
    {
        bool hasTor = Reaches(NetworkNames.Onion) || listensOnTor;
        if (!hasTor && !Reaches(NetworkNames.I2p))
        {
            throw new HostException(
                "Private broadcast of own transactions requested (-privatebroadcast), but none of Tor or I2P networks "
                    + "is reachable");
        }

        if (settings.Last("connect") is not null)
        {
            throw new HostException(
                "Private broadcast of own transactions requested (-privatebroadcast), but -connect is also configured. They are incompatible because the "
                    + "private broadcast needs to open new connections to randomly chosen Tor or I2P peers. Consider using -maxconnections=0 -addnode=... instead");
        }

        if (!randomizes && hasTor)
        {
            Warning =
                "Private broadcast of own transactions requested (-privatebroadcast) and -proxyrandomize is disabled. "
                    + "Tor circuits for private broadcast connections may "
                + "be correlated to other connections over Tor. For maximum privacy set -proxyrandomize=1.";
        }
    }

    private static string Known(string name)
    {
        string lower = name.ToLowerInvariant();
        return NetworkNames.All.Contains(lower)
            ? lower
            : throw new HostException($"Unknown network specified in -onlynet: '{name}'");
    }

    /// <summary>Adds a proxy, for all networks or for the network after its address.</summary>
    /// <returns>The proxy if it also resolves names.</returns>
    private Proxy? Take(string value, bool randomizes, bool looksUp)
    {
        int equals = value.LastIndexOf('=');
        string network = equals < 0 ? "" : value[(equals + 1)..];
        if (equals >= 0 && network.Length == 0)
        {
            throw new HostException($"Invalid -proxy address or hostname, ends with '=': '{value}'");
        }

        Proxy? proxy = Proxy.Parse(equals < 0 ? value : value[..equals], "proxy", randomizes, looksUp);
        string[] networks = network.ToLowerInvariant() switch
        {
            "" => [NetworkNames.Ipv4, NetworkNames.Ipv6, NetworkNames.Cjdns, NetworkNames.Onion],
            NetworkNames.Ipv4 or NetworkNames.Ipv6 or NetworkNames.Cjdns or NetworkNames.Onion
                => [network.ToLowerInvariant()],
            _ => throw new HostException($"Unrecognized network in -proxy='{value}': '{network}'"),
        };
        foreach (string name in networks)
        {
            _proxies[name] = proxy;
        }

        return networks.Contains(NetworkNames.Ipv4) || networks.Contains(NetworkNames.Ipv6) ? proxy : null;
    }
}
