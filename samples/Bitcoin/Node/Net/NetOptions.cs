using System.Net;
using System.Security.Cryptography;
using Bitcoin.Hosting;
using Bitcoin.Primitives;
using Bitcoin.Rpc;

namespace Bitcoin.Node.Net;

/// <summary>The options of the network.</summary>
internal sealed record NetOptions
{
    internal const int DefaultSendRate = 14;
    internal const int ProtocolVersion = 70017;

    // Full relay, block-relay-only, feeler.
    private const int OutboundSlots = 11;
    private const int MaxUserAgent = 256;
    private const string Agent = "MultiprocessSample:0.1.0";

    internal const string DefaultUserAgent = $"/{Agent}/";

    internal string UserAgent { get; init; } = DefaultUserAgent;

    internal bool IsActive { get; init; } = true;

    internal bool Listens { get; init; }

    internal IReadOnlyList<IPEndPoint> Binds { get; init; } = [];

    internal IReadOnlyList<string> Connect { get; init; } = [];

    /// <summary>Whether to search for peers.</summary>
    internal bool Searches { get; init; }

    internal IReadOnlyList<string> AddNodes { get; init; } = [];

    /// <summary>Whether a value of -addnode is empty.</summary>
    internal bool HasEmptyAddNode { get; init; }

    internal int MaxConnections { get; init; } = 125;

    /// <summary>
    /// The value of -maxconnections. It is larger than <see cref="MaxConnections"/> if this process may not open as
    /// many files.
    /// </summary>
    internal int WantedConnections { get; init; }

    /// <summary>The maximum number of inbound peers with transaction relay.</summary>
    internal int MaxInboundRelay { get; init; } = int.MaxValue;

    internal TimeSpan PeerTimeout { get; init; } = TimeSpan.FromSeconds(60);

    internal TimeSpan ConnectTimeout { get; init; } = TimeSpan.FromSeconds(5);

    internal TimeSpan BanTime { get; init; } = TimeSpan.FromDays(1);

    internal bool BlocksOnly { get; init; }

    /// <summary>How many transactions that the pool does not have are kept for compact blocks.</summary>
    internal int MaxExtraTransactions { get; init; } = 100;

    /// <summary>Whether the log names the addresses of peers.</summary>
    internal bool LogsAddresses { get; init; }

    /// <summary>Whether connections may be encrypted (BIP324).</summary>
    internal bool Encrypts { get; init; }

    internal long MaxSendBytes { get; init; } = 1_000_000;

    internal IReadOnlyList<NetPermission> Permissions { get; init; } = [];

    /// <summary>The networks to connect to, and their proxies.</summary>
    internal required NetReach Reach { get; init; }

    /// <summary>Whether peers are offered to reconcile announcements (BIP330).</summary>
    internal bool OffersReconciliation { get; init; }

    /// <summary>Whether peers of the I2P network may connect.</summary>
    internal bool AcceptsI2p { get; init; }

    /// <summary>In how many operations the book of addresses is checked once; 0 for never.</summary>
    internal int AddressChecks { get; init; }

    /// <summary>How many transactions are announced in a second to inbound peers.</summary>
    internal int SendRate { get; init; } = DefaultSendRate;

    /// <summary>The addresses for incoming connections from Tor.</summary>
    internal IReadOnlyList<IPEndPoint> OnionBinds { get; init; } = [];

    /// <summary>Where Tor is to pass on connections to this node's address there.</summary>
    internal IPEndPoint OnionTarget
    {
        get
        {
            IPEndPoint target = OnionBinds.Concat(Binds).First();
            return target.Address.Equals(IPAddress.Any) ? new IPEndPoint(IPAddress.Loopback, target.Port)
                : target.Address.Equals(IPAddress.IPv6Any) ? new IPEndPoint(IPAddress.IPv6Loopback, target.Port)
                : target;
        }
    }

    /// <summary>The port to announce.</summary>
    internal int ListenPort { get; init; }

    /// <summary>Peers that are asked for addresses only.</summary>
    internal IReadOnlyList<string> SeedNodes { get; init; } = [];

    /// <summary>Whether to ask name servers (DNS seeds) for peers.</summary>
    internal bool AsksNameServers { get; init; }

    /// <summary>Whether to ask them even if addresses are known.</summary>
    internal bool AsksNameServersAlways { get; init; }

    /// <summary>Whether to use built-in addresses if no others are found.</summary>
    internal bool UsesFixedSeeds { get; init; }

    /// <summary>The directory for all messages of peers; null for none.</summary>
    internal string? CaptureDirectory { get; init; }

    /// <summary>The upload limit for a day, in bytes; 0 for no limit.</summary>
    internal long MaxUploadBytes { get; init; }

    internal static NetOptions From(Settings settings, ChainOptions options)
    {
        int port = (int)options.Number("port", settings.Network.Port);
        bool hasConnect = settings.Last("connect") is not null;
        long most = options.Number("maxconnections", 125);
        if (most < 0)
        {
            throw new HostException("-maxconnections must be greater or equal than zero");
        }

        int wanted = (int)Math.Min(most, int.MaxValue);
        most = Math.Min(most, Math.Max(OutboundSlots, DescriptorLimit.ForOneOfTwoServers() ?? int.MaxValue));

        long percent = options.Number("inboundrelaypercent", 50);
        if (percent is < 0 or > 100)
        {
            throw new HostException("-inboundrelaypercent must be between 0 and 100");
        }

        string comments = string.Join("; ", settings.All("uacomment").Select(Comment));
        string agent = comments.Length == 0 ? $"/{Agent}/" : $"/{Agent}({comments})/";
        if (agent.Length > MaxUserAgent)
        {
            throw new HostException(
                $"Total length of network version string ({agent.Length}) exceeds maximum length ({MaxUserAgent}). "
                    + $"Reduce the number or size of uacomments.");
        }

        NetReach reach = NetReach.From(settings);
        bool listens = settings.IsOn("listen", byDefault: !hasConnect && most > 0);
        List<NetPermission> permissions =
            [
                .. settings.All("whitelist").Select(value => NetPermission.Parse(value, settings)),
            ];
        List<IPEndPoint> binds = [];
        List<IPEndPoint> onions = [];
        foreach (string value in settings.All("bind"))
        {
            // The text after "=" is the network of the peers that connect there.
            int equals = value.LastIndexOf('=');
            bool isOnion = equals >= 0 && value[(equals + 1)..] == NetworkNames.Onion;
            IPEndPoint end = equals < 0 || isOnion
                ? EndPoint(isOnion ? value[..equals] : value, isOnion ? port + 1 : port, "bind", value)
                : throw new HostException($"Cannot resolve -bind address: '{value}'");
            (isOnion ? onions : binds).Add(end);
        }

        int? firstPort = binds.Count > 0 ? binds[0].Port : null;
        foreach (string value in settings.All("whitebind"))
        {
            int at = value.IndexOf('@', StringComparison.Ordinal);
            IPEndPoint end = EndPoint(value[(at + 1)..], port, "whitebind");
            binds.Add(end);
            firstPort ??= end.Port;
            permissions.Add(NetPermission.ForBind(at < 0 ? null : value[..at], end, settings));
        }

        if (binds.Concat(onions)
            .GroupBy(static end => end)
            .FirstOrDefault(static same => same.Count() > 1) is { } twice)
        {
            throw new HostException(
                $"Duplicate binding configuration for address {twice.Key}. Please check your -bind, -bind=...=onion "
                    + $"and -whitebind settings.");
        }

        return new NetOptions
        {
            UserAgent = agent,
            IsActive = settings.IsOn("networkactive", byDefault: true),
            Listens = listens,
            Binds = settings.All("bind").Count > 0 || binds.Count > 0
                ? binds
                : [new IPEndPoint(IPAddress.Any, port), new IPEndPoint(IPAddress.IPv6Any, port)],
            OnionBinds = onions.Count > 0 || binds.Count > 0 ? onions : [new IPEndPoint(IPAddress.Loopback, port + 1)],
            ListenPort = firstPort ?? port,
            Reach = reach,
            SeedNodes = [.. settings.All("seednode")],
            AsksNameServers = settings.IsOn("dnsseed", byDefault: !hasConnect && most > 0),
            AsksNameServersAlways = settings.IsOn("forcednsseed"),
            UsesFixedSeeds = settings.IsOn("fixedseeds", byDefault: true),
            CaptureDirectory = settings.IsOn("capturemessages")
                ? Path.Combine(settings.Directory, "message_capture")
                : null,
            MaxUploadBytes = ByteText.Parse(settings.Last("maxuploadtarget"), 'M')
                ?? throw new HostException($"Unable to parse -maxuploadtarget: '{settings.Last("maxuploadtarget")}'"),
            Connect = [.. settings.All("connect")],
            Searches = !hasConnect,
            AddNodes = [.. settings.All("addnode").Where(static name => !string.IsNullOrWhiteSpace(name))],
            HasEmptyAddNode = settings.All("addnode").Any(string.IsNullOrWhiteSpace),
            MaxConnections = (int)most,
            WantedConnections = wanted,
            MaxInboundRelay = (int)Math.Max(0, Math.Max(0, most - OutboundSlots) * percent / 100),
            PeerTimeout = TimeSpan.FromSeconds(
                options.Number("peertimeout", 60) is > 0 and var patience
                    ? Math.Min(patience, int.MaxValue)
                    : throw new HostException("peertimeout must be a positive integer.")),
            ConnectTimeout = TimeSpan.FromMilliseconds(Math.Clamp(options.Number("timeout", 5000), 1, int.MaxValue)),
            BanTime = options.Time("bantime", 86_400, TimeSpan.FromSeconds(1)),
            BlocksOnly = settings.IsOn("blocksonly"),
            MaxExtraTransactions = (int)Math.Clamp(options.Number("blockreconstructionextratxn", 100), 0, 1_000_000),
            LogsAddresses = settings.IsOn("logips"),

            // Older systems lack the cipher.
            Encrypts = settings.IsOn("v2transport", byDefault: true) && ChaCha20Poly1305.IsSupported,
            OffersReconciliation = settings.IsOn("txreconciliation"),
            AcceptsI2p = listens && settings.IsOn("i2pacceptincoming", byDefault: true),
            AddressChecks = (int)Math.Clamp(options.Number("checkaddrman", 0), 0, 1_000_000),
            SendRate = (int)Math.Clamp(options.Number("txsendrate", DefaultSendRate), 1, 1000),
            MaxSendBytes = options.Size("maxsendbuffer", 1000, 1000),
            Permissions = permissions,
        };
    }

    internal static IPEndPoint EndPoint(string text, int port, string option, string? given = null)
    {
        return HostPort.TryResolve(text, port, looksUp: false, out IPEndPoint? end)
            ? end
            : throw new HostException($"Cannot resolve -{option} address: '{given ?? text}'");
    }

    private static string Comment(string text)
    {
        bool isSafe = text.All(
            static letter => char.IsAsciiLetterOrDigit(
                letter) || letter is ' ' or '.' or ',' or ';' or '-' or '_' or '?' or '@');
        return isSafe ? text : throw new HostException($"User Agent comment ({text}) contains unsafe characters.");
    }
}
