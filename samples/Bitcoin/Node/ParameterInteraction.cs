using Bitcoin.Hosting;

namespace Bitcoin.Node;

/// <summary>
/// Options that follow from others, unless they were given. For example, a node that connects only to certain peers
/// neither listens nor asks for addresses.
/// </summary>
internal static class ParameterInteraction
{
    private const string BlocksOnlyMempoolMegabytes = "5";

    /// <summary>The settings with the options that follow; each is logged.</summary>
    internal static Settings Apply(Settings settings, Action<string> log)
    {
        void Set(bool holds, string why, string name, string value)
        {
            if (holds && settings.Last(name) is null)
            {
                log($"parameter interaction: {why} -> setting -{name}={value}");
                settings = settings.With(name, value);
            }
        }

        Set(settings.All("bind").Count > 0, "-bind set", "listen", "1");
        Set(settings.All("whitebind").Count > 0, "-whitebind set", "listen", "1");
        bool hasFewPeers = settings.Last("connect") is not null
            || (settings.Last("maxconnections") is { } most && (!long.TryParse(most, out long count) || count <= 0));
        Set(hasFewPeers, "-connect or -maxconnections=0 set", "dnsseed", "0");
        Set(hasFewPeers, "-connect or -maxconnections=0 set", "listen", "0");
        bool hasProxy = settings.Last("proxy") is not (null or "" or "0");
        Set(hasProxy, "-proxy set", "listen", "0");
        Set(hasProxy, "-proxy set", "natpmp", "0");
        Set(hasProxy, "-proxy set", "discover", "0");
        bool isDeaf = !settings.IsOn("listen", byDefault: true);
        Set(isDeaf, "-listen=0", "natpmp", "0");
        Set(isDeaf, "-listen=0", "discover", "0");
        Set(isDeaf, "-listen=0", "listenonion", "0");
        Set(isDeaf, "-listen=0", "i2pacceptincoming", "0");
        Set(settings.All("externalip").Count > 0, "-externalip set", "discover", "0");
        bool isBlocksOnly = settings.IsOn("blocksonly");
        Set(isBlocksOnly, "-blocksonly=1", "whitelistrelay", "0");
        Set(isBlocksOnly, "-blocksonly=1", "maxmempool", BlocksOnlyMempoolMegabytes);
        Set(settings.IsOn("whitelistforcerelay"), "-whitelistforcerelay=1", "whitelistrelay", "1");
        IReadOnlyList<string> nets = settings.All("onlynet");
        Set(
            nets.Count > 0 && !nets.Any(static net => net.ToLowerInvariant() is "ipv4" or "ipv6"),
            "-onlynet excludes IPv4 and IPv6",
            "dnsseed",
            "0");
        return settings;
    }

    /// <summary>Checks for options that contradict each other.</summary>
    /// <exception cref="HostException">Two options contradict each other.</exception>
    internal static void Check(Settings settings)
    {
        if (settings.IsOn("acceptstalefeeestimates") && !settings.Network.NeverRetargets)
        {
            throw new HostException($"acceptstalefeeestimates is not supported on {settings.Network.Name} chain.");
        }

        if (settings.IsOn("forcednsseed") && !settings.IsOn("dnsseed", byDefault: true))
        {
            throw new HostException("Cannot set -forcednsseed to true when setting -dnsseed to false.");
        }

        if ((settings.All("bind").Count > 0 || settings.All("whitebind").Count > 0)
            && !settings.IsOn("listen", byDefault: true))
        {
            throw new HostException("Cannot set -bind or -whitebind together with -listen=0");
        }

        if (!settings.IsOn("listen", byDefault: true) && settings.IsOn("listenonion", byDefault: true))
        {
            throw new HostException("Cannot set -listen=0 together with -listenonion=1");
        }

        foreach (string name in (string[])["port", "rpcport"])
        {
            if (settings.Last(name) is { } port && (!ushort.TryParse(port, out ushort number) || number == 0))
            {
                throw new HostException($"Invalid port specified in -{name}: '{port}'");
            }
        }

        foreach (string name in (string[])["i2psam", "onion", "proxy", "bind", "rpcbind", "torcontrol", "whitebind"])
        {
            foreach (string value in settings.All(name))
            {
                string address = name is "bind" or "proxy" && value.LastIndexOf('=') is >= 0 and int equals
                    ? value[..equals]
                    : value;
                bool isPath = name is "onion" or "proxy" && value.StartsWith("unix:", StringComparison.Ordinal);
                if (!isPath && !HostPort.TrySplit(address, out _, out _))
                {
                    throw new HostException($"Invalid port specified in -{name}: '{value}'");
                }
            }
        }
    }
}
