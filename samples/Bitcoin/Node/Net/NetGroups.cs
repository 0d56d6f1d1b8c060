using Bitcoin.Hosting;
using NBitcoin;

namespace Bitcoin.Node.Net;

/// <summary>
/// The groups of addresses that probably have one owner: by prefix, or with -asmap by the operator of the network.
/// </summary>
internal sealed class NetGroups
{
    private readonly AsMap? _map;

    private NetGroups(AsMap? map) => _map = map;

    /// <summary>Groups by prefix.</summary>
    internal static NetGroups ByPrefix { get; } = new(null);

    /// <summary>Whether operators are known.</summary>
    internal bool HasMap => _map is not null;

    /// <summary>Tells these groups from others; zero for those by prefix.</summary>
    internal uint256 Version => _map?.Version ?? uint256.Zero;

    /// <summary>Reads the map that the options name.</summary>
    /// <exception cref="HostException">It cannot be read.</exception>
    internal static NetGroups From(Settings settings, DebugLog log)
    {
        string? given = settings.Last("asmap");
        if (given is null or "0")
        {
            log.Write("Using /16 prefix for IP bucketing");
            return ByPrefix;
        }

        if (settings.IsOn("asmap"))
        {
            throw new HostException("Embedded asmap data not available");
        }

        string path = Path.Combine(settings.Directory, given);
        if (!File.Exists(path))
        {
            throw new HostException($"Could not find asmap file \"{path}\"");
        }

        byte[] program;
        try
        {
            program = File.ReadAllBytes(path);
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            throw new HostException($"Could not parse asmap file \"{path}\"", exception);
        }

        log.Write($"Opened asmap file \"{path}\" ({program.Length} bytes) from disk");
        AsMap map = AsMap.Parse(program) ?? throw new HostException($"Could not parse asmap file \"{path}\"");
        log.Write($"Using asmap version {map.Version} for IP bucketing");
        return new NetGroups(map);
    }

    /// <summary>Groups by operator, for tests.</summary>
    internal static NetGroups By(AsMap map) => new(map);

    /// <summary>The number of an address's operator; 0 if it is unknown.</summary>
    internal uint OperatorOf(NetAddress address) => _map?.Find(address) ?? 0;

    /// <summary>The group of an address.</summary>
    internal byte[] Of(NetAddress address)
        => OperatorOf(address) is not 0 and uint number ? AsMap.GroupOf(number) : address.Group;

    /// <summary>Logs how well the operators of the known addresses are known.</summary>
    internal void LogHealth(AddressBook book, DebugLog log)
    {
        NetAddress[] clear =
            [
                .. ((string[])[NetworkNames.Ipv4, NetworkNames.Ipv6])
                    .SelectMany(network => book.Sample(0, 0, network, filters: false))
                    .Select(static one => one.Address),
            ];
        uint[] numbers = [.. clear.Select(OperatorOf)];
        log.Write(
            $"ASMap Health Check: {clear.Length} clearnet peers are mapped to "
                + $"{numbers.Where(static number => number != 0).Distinct().Count()} ASNs with "
                + $"{numbers.Count(static number => number == 0)} peers being unmapped");
    }
}
