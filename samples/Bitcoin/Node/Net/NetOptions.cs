using System.Net;
using Bitcoin.Hosting;
using Bitcoin.Primitives;

namespace Bitcoin.Node.Net;

/// <summary>What the options say of peers.</summary>
internal sealed record NetOptions
{
    internal const int ProtocolVersion = 70016;

    private const int MaxUserAgent = 256;
    private const string Agent = "MultiprocessSample:0.1.0";

    internal string UserAgent { get; init; } = $"/{Agent}/";

    internal bool IsActive { get; init; } = true;

    internal bool Listens { get; init; }

    internal IReadOnlyList<IPEndPoint> Binds { get; init; } = [];

    internal IReadOnlyList<string> Connect { get; init; } = [];

    /// <summary>Whether to look for peers by itself.</summary>
    internal bool Searches { get; init; }

    internal IReadOnlyList<string> AddNodes { get; init; } = [];

    internal int MaxConnections { get; init; } = 125;

    internal TimeSpan PeerTimeout { get; init; } = TimeSpan.FromSeconds(60);

    internal TimeSpan ConnectTimeout { get; init; } = TimeSpan.FromSeconds(5);

    internal TimeSpan BanTime { get; init; } = TimeSpan.FromDays(1);

    internal bool BlocksOnly { get; init; }

    /// <summary>Whether the log names the addresses of peers.</summary>
    internal bool LogsAddresses { get; init; }

    internal long MaxSendBytes { get; init; } = 1_000_000;

    internal IReadOnlyList<NetPermission> Permissions { get; init; } = [];

    internal IReadOnlyList<string> OnlyNets { get; init; } = [];

    internal static NetOptions From(Settings settings, ChainOptions options)
    {
        int port = (int)options.Number("port", settings.Network.Port);
        bool hasConnect = settings.Last("connect") is not null;
        long most = options.Number("maxconnections", 125);
        if (most < 0)
        {
            throw new HostException("-maxconnections must be greater or equal than zero");
        }

        string comments = string.Join("; ", settings.All("uacomment").Select(Comment));
        string agent = comments.Length == 0 ? $"/{Agent}/" : $"/{Agent}({comments})/";
        if (agent.Length > MaxUserAgent)
        {
            throw new HostException($"Total length of network version string ({agent.Length}) exceeds maximum length ({MaxUserAgent}). Reduce the number or size of uacomments.");
        }

        string[] unknown = [.. settings.All("onlynet").Where(static net => net.ToLowerInvariant() is not ("ipv4" or "ipv6" or "onion" or "i2p" or "cjdns"))];
        if (unknown.Length > 0)
        {
            throw new HostException($"Unknown network specified in -onlynet: '{unknown[0]}'");
        }

        bool listens = settings.IsOn("listen", byDefault: settings.Last("bind") is not null || settings.Last("whitebind") is not null || !(hasConnect || most == 0));
        List<NetPermission> permissions = [.. settings.All("whitelist").Select(value => NetPermission.Parse(value, settings))];
        List<IPEndPoint> binds = [.. settings.All("bind").Where(static value => !value.EndsWith("=onion", StringComparison.Ordinal)).Select(value => EndPoint(value, port, "bind"))];
        foreach (string value in settings.All("whitebind"))
        {
            int at = value.IndexOf('@', StringComparison.Ordinal);
            IPEndPoint end = EndPoint(value[(at + 1)..], port, "whitebind");
            binds.Add(end);
            permissions.Add(NetPermission.ForBind(at < 0 ? null : value[..at], end, settings));
        }

        return new NetOptions
        {
            UserAgent = agent,
            IsActive = settings.IsOn("networkactive", byDefault: true),
            Listens = listens,
            Binds = binds.Count > 0 ? binds : [new IPEndPoint(IPAddress.Any, port), new IPEndPoint(IPAddress.IPv6Any, port)],
            Connect = [.. settings.All("connect")],
            Searches = !hasConnect,
            AddNodes = [.. settings.All("addnode").Where(static name => !string.IsNullOrWhiteSpace(name))],
            MaxConnections = (int)most,
            PeerTimeout = TimeSpan.FromSeconds(Math.Max(1, options.Number("peertimeout", 60))),
            ConnectTimeout = TimeSpan.FromMilliseconds(Math.Max(1, options.Number("timeout", 5000))),
            BanTime = TimeSpan.FromSeconds(options.Number("bantime", 86_400)),
            BlocksOnly = settings.IsOn("blocksonly"),
            LogsAddresses = settings.IsOn("logips"),
            MaxSendBytes = options.Number("maxsendbuffer", 1000) * 1000,
            Permissions = permissions,
            OnlyNets = settings.All("onlynet"),
        };
    }

    internal static IPEndPoint EndPoint(string text, int port, string option)
    {
        if (!IPEndPoint.TryParse(text == "localhost" ? "127.0.0.1" : text, out IPEndPoint? end))
        {
            throw new HostException($"Cannot resolve -{option} address: '{text}'");
        }

        bool hasPort = text.StartsWith('[') ? text.Contains("]:", StringComparison.Ordinal) : text.Count(static letter => letter == ':') == 1;
        return hasPort ? end : new IPEndPoint(end.Address, port);
    }

    private static string Comment(string text)
    {
        bool isSafe = text.All(static letter => char.IsAsciiLetterOrDigit(letter) || letter is ' ' or '.' or ',' or ';' or '-' or '_' or '?' or '@');
        return isSafe ? text : throw new HostException($"User Agent comment ({text}) contains unsafe characters.");
    }
}
