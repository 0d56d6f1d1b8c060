using System.Net;
using System.Net.NetworkInformation;
using Bitcoin.Hosting;

namespace Bitcoin.Node.Net;

/// <summary>This node's own addresses, from the options and from the machine. Thread-safe.</summary>
internal sealed class LocalAddresses
{
    private const int FromInterface = 1;
    private const int FromBind = 2;
    private const int Given = 4;

    private readonly Lock _gate = new();
    private readonly Dictionary<string, (NetAddress Address, int Score)> _known = [];

    private LocalAddresses()
    {
    }

    /// <summary>No addresses.</summary>
    internal static LocalAddresses None { get; } = new();

    /// <summary>The addresses with their ports and scores; a higher score is more reliable.</summary>
    internal IReadOnlyList<(NetAddress Address, int Score)> All
    {
        get
        {
            lock (_gate)
            {
                return [.. _known.Values];
            }
        }
    }

    /// <summary>Finds the addresses.</summary>
    /// <exception cref="HostException">An option does not have an address.</exception>
    internal static LocalAddresses From(Settings settings, NetOptions options)
    {
        LocalAddresses local = new();
        bool looksUp = settings.IsOn("dns", byDefault: true) && !options.Reach.HasNameProxy;
        foreach (string text in settings.All("externalip"))
        {
            NetAddress address = HostPort.TryResolve(
                text, options.ListenPort, looksUp, out IPEndPoint? end) ? NetAddress.From(end, options.Reach.HasCjdns)
                : HostPort.TrySplit(text, out string host, out int? port)
                    && NetAddress.TryParse(
                        host, port ?? options.ListenPort, options.Reach.HasCjdns, out NetAddress? other) ? other
                : throw new HostException($"Cannot resolve -externalip address: '{text}'");
            local.Add(address, Given, options);
        }

        if (!options.Listens || !settings.IsOn("discover", byDefault: true))
        {
            return local;
        }

        foreach (IPEndPoint bind in options.Binds.Where(
            static bind => !bind.Address.Equals(IPAddress.Any) && !bind.Address.Equals(IPAddress.IPv6Any)))
        {
            local.Add(NetAddress.From(bind), FromBind, options);
        }

        if (options.Binds.Any(
            static bind => bind.Address.Equals(IPAddress.Any) || bind.Address.Equals(IPAddress.IPv6Any)))
        {
            foreach (IPAddress address in Interfaces())
            {
                local.Add(NetAddress.From(address, options.ListenPort), FromInterface, options);
            }
        }

        return local;
    }

    /// <summary>The address to announce to a peer; null for none.</summary>
    internal NetAddress? For(Peer peer)
    {
        // Addresses of the peer's network first, among them the highest score.
        return All
            .OrderByDescending(one => one.Address.Network == peer.Address.Network)
            .ThenByDescending(static one => one.Score)
            .Select(static one => one.Address)
            .FirstOrDefault();
    }

    private static IEnumerable<IPAddress> Interfaces()
    {
        try
        {
            return [.. NetworkInterface.GetAllNetworkInterfaces()
                .Where(
                    static one
                        => one.OperationalStatus == OperationalStatus.Up
                            && one.NetworkInterfaceType != NetworkInterfaceType.Loopback)
                .SelectMany(static one => one.GetIPProperties().UnicastAddresses)
                .Select(static one => one.Address)];
        }
        catch (NetworkInformationException)
        {
            return [];
        }
    }

    /// <summary>Adds an address that was made for this node while it runs.</summary>
    internal void Add(NetAddress address, NetOptions options) => Add(address, Given, options);

    private void Add(NetAddress address, int score, NetOptions options)
    {
        if (address.Network == NetworkNames.Unroutable || (score < Given && !options.Reach.Reaches(address.Network)))
        {
            return;
        }

        lock (_gate)
        {
            if (!_known.TryGetValue(address.Host, out var before) || score >= before.Score)
            {
                _known[address.Host] = (address, score);
            }
        }
    }
}
