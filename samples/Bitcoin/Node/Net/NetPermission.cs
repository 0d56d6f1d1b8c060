using System.Globalization;
using System.Net;
using Bitcoin.Hosting;

namespace Bitcoin.Node.Net;

/// <summary>Additional rights of some peers.</summary>
/// <param name="Network">The network of the peers; null for all that connect to the address.</param>
/// <param name="Bind">The address that they connect to; null for any.</param>
/// <param name="Rights">Their rights.</param>
/// <param name="In">Whether it applies to inbound peers.</param>
/// <param name="Out">Whether it applies to outbound peers.</param>
internal sealed record NetPermission(IPNetwork? Network, IPEndPoint? Bind, PeerRights Rights, bool In, bool Out)
{
    private static readonly Dictionary<string, PeerRights> s_names = new(StringComparer.Ordinal)
    {
        ["bloomfilter"] = PeerRights.BloomFilter,
        ["bloom"] = PeerRights.BloomFilter,
        ["noban"] = PeerRights.NoBan | PeerRights.Download,
        ["forcerelay"] = PeerRights.ForceRelay | PeerRights.Relay,
        ["mempool"] = PeerRights.Mempool,
        ["download"] = PeerRights.Download,
        ["relay"] = PeerRights.Relay,
        ["addr"] = PeerRights.Addr,
        ["all"] = PeerRights.All,
    };

    internal static NetPermission Parse(string text, Settings settings)
    {
        int at = text.IndexOf('@', StringComparison.Ordinal);
        PeerRights rights = ParseRights(at < 0 ? null : text[..at], settings, out bool isIn, out bool isOut);
        string net = text[(at + 1)..];
        if (!net.Contains('/', StringComparison.Ordinal) && IPAddress.TryParse(net, out IPAddress? single))
        {
            net = string.Create(CultureInfo.InvariantCulture, $"{single}/{(single.GetAddressBytes().Length * 8)}");
        }

        return IPNetwork.TryParse(net, out IPNetwork network)
            ? new NetPermission(network, null, rights, isIn, isOut)
            : throw new HostException($"Invalid netmask specified in -whitelist: '{text[(at + 1)..]}'");
    }

    internal static NetPermission ForBind(string? names, IPEndPoint bind, Settings settings)
        => new(null, bind, ParseRights(names, settings, out _, out _), In: true, Out: false);

    internal bool Covers(IPAddress address, IPEndPoint? local, bool isInbound)
    {
        bool isFrom = Network is { } network
            ? network.Contains(address)
            : Bind is not null
                && isInbound
                && local is not null
                && local.Port == Bind.Port
                && (Bind.Address.Equals(local.Address) || Bind.Address.Equals(IPAddress.Any));
        return isFrom && (isInbound ? In : Out);
    }

    private static PeerRights ParseRights(string? names, Settings settings, out bool isIn, out bool isOut)
    {
        (isIn, isOut) = (false, false);
        if (names is null)
        {
            isIn = true;
            PeerRights implicitly = PeerRights.NoBan | PeerRights.Download | PeerRights.Mempool;
            implicitly |= settings.IsOn("whitelistrelay", byDefault: true) ? PeerRights.Relay : 0;
            return implicitly | (settings.IsOn("whitelistforcerelay") ? PeerRights.ForceRelay | PeerRights.Relay : 0);
        }

        PeerRights rights = 0;
        foreach (string name in names.Split(',', StringSplitOptions.RemoveEmptyEntries))
        {
            isIn |= name == "in";
            isOut |= name == "out";
            rights |= name is "in" or "out"
                ? 0
                : s_names.TryGetValue(name, out PeerRights right)
                ? right
                : throw new HostException($"Invalid P2P permission: '{name}'");
        }

        if ((isIn || isOut) && rights == 0)
        {
            throw new HostException($"Only direction was set, no permissions: '{names}'");
        }

        isIn |= !isOut;
        return rights;
    }
}

/// <summary>Additional rights of a peer.</summary>
[Flags]
internal enum PeerRights
{
    None = 0,
    BloomFilter = 1,
    Relay = 2,
    ForceRelay = 4,
    Download = 8,
    NoBan = 16,
    Mempool = 32,
    Addr = 64,
    All = 127,
}
