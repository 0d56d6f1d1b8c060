using System.Diagnostics.CodeAnalysis;
using System.Globalization;
using System.Net;
using Bitcoin.Hosting;

namespace Bitcoin.Rpc;

/// <summary>The -rpc options.</summary>
public static class RpcServerOptions
{
    private const UnixFileMode OwnerOnly = UnixFileMode.UserRead | UnixFileMode.UserWrite;
    private const int DefaultThreads = 16;
    private const int DefaultQueue = 64;
    private const int MaxNumber = 10_000_000;
    private const int DefaultTimeout = 30;

    private const string Failure = "Unable to start HTTP server. See debug log for details.";

    /// <summary>The path of the cookie.</summary>
    public static string CookiePath(Settings settings)
        => Path.Combine(
            settings.Directory,
            settings.Last("rpccookiefile") is { Length: > 0 } file and not "0" ? file : RpcCookie.FileName);

    /// <summary>Checks the options, even if no server will be started.</summary>
    /// <exception cref="HostException">An option is wrong.</exception>
    public static void Check(Settings settings)
    {
        if (settings.Last("rpcport") is { } port
            && (!ushort.TryParse(port, NumberStyles.None, CultureInfo.InvariantCulture, out ushort number)
                || number == 0))
        {
            throw new HostException($"Invalid port specified in -rpcport: '{port}'");
        }
    }

    /// <summary>Starts a server according to the options, and writes a cookie for its clients.</summary>
    /// <param name="table">The methods.</param>
    /// <param name="settings">The options.</param>
    /// <param name="log">The process's log.</param>
    /// <param name="configure">Adds what a program serves besides methods; null for nothing.</param>
    /// <exception cref="HostException">An option is wrong, or the server cannot be started.</exception>
    public static RunningRpcServer Start(
        RpcTable table, Settings settings, DebugLog log, Func<HttpRpcOptions, HttpRpcOptions>? configure = null)
    {
        Check(settings);
        int port = Number(settings, "rpcport", settings.Network.RpcPort);
        IpAllowList allowed = IpAllowList.From(settings.All("rpcallowip"));
        List<RpcAuth> users = [];
        foreach (string value in settings.All("rpcauth"))
        {
            users.Add(
                RpcAuth.TryParse(value, out RpcAuth? user) ? user : throw Refuse("Invalid -rpcauth argument.", log));
        }

        UnixFileMode readers = settings.Last("rpccookieperms") is { } who && settings.Last("rpccookiefile") != "0"
            ? Readers(who, log)
            : OwnerOnly;
        string? cookie = settings.Last("rpccookiefile") == "0" ? null : CookiePath(settings);
        try
        {
            string? secret = null;
            List<string> credentials = [];
            if (settings.Last("rpcpassword") is { Length: > 0 } password)
            {
                log.Write("Using rpcuser/rpcpassword authentication.");
                log.Warn(
                    "The use of rpcuser/rpcpassword is less secure, because credentials are configured in plain text. "
                        + "It is recommended that locally-run instances switch to cookie-based auth, or otherwise to "
                        + "use hashed rpcauth credentials.");
                credentials.Add($"{settings.Last("rpcuser")}:{password}");
            }

            if (cookie is null)
            {
                log.Write("RPC authentication cookie file generation is disabled.");
            }
            else
            {
                secret = RpcCookie.Create(cookie, readers);
                log.Write($"Generated RPC authentication cookie {cookie}");
            }

            bool isBounded = settings.Last("rpcthreads") is not null;
            int threads = Math.Max(1, Number(settings, "rpcthreads", DefaultThreads));
            HttpRpcOptions options = new(
                EndPoints(settings, allowed, port, log),
                credentials,
                users,
                threads,
                Math.Max(1, Number(settings, "rpcworkqueue", DefaultQueue)))
            {
                Cookie = secret,
                Allowed = allowed,
                LogsAddresses = settings.IsOn("logips"),
            Whitelist = RpcWhitelist.From(
                settings.All("rpcwhitelist"),
                settings.Last("rpcwhitelistdefault") is null ? null : settings.IsOn("rpcwhitelistdefault")),
                Timeout = TimeSpan.FromSeconds(Number(settings, "rpcservertimeout", DefaultTimeout)),
            };

            // A limit that the user sets applies to methods that wait too.
            options = isBounded ? options with { Waiters = threads } : options;
            HttpRpcServer server = HttpRpcServer.Start(table, configure?.Invoke(options) ?? options, log);
            log.Write($"Binding RPC on {string.Join(", ", options.EndPoints)}");
            return new RunningRpcServer(server, cookie);
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            if (cookie is not null && File.Exists(cookie))
            {
                File.Delete(cookie);
            }

            throw Refuse(exception.Message, log);
        }
    }

    /// <summary>Logs the reason instead of showing it: it may contain secrets.</summary>
    private static HostException Refuse(string reason, DebugLog log)
    {
        log.Write($"Error: {reason}");
        return new HostException(Failure);
    }

    private static UnixFileMode Readers(string who, DebugLog log) => who switch
    {
        "owner" => OwnerOnly,
        "group" => OwnerOnly | UnixFileMode.GroupRead,
        "all" => OwnerOnly | UnixFileMode.GroupRead | UnixFileMode.OtherRead,
        _ => throw Refuse($"Invalid -rpccookieperms={who}; must be one of 'owner', 'group', or 'all'.", log),
    };

    /// <summary>This machine only, unless both an address and allowed clients are given.</summary>
    private static List<IPEndPoint> EndPoints(Settings settings, IpAllowList allowed, int port, DebugLog log)
    {
        List<IPEndPoint> wanted = [];
        foreach (string value in settings.All("rpcbind"))
        {
            wanted.Add(
                TryParse(value, port, out IPEndPoint? endPoint)
                    ? endPoint
                    : throw new HostException(
                        $"Invalid -rpcbind address '{value}': Expected an address, with a port or without."));
        }

        if (allowed.IsEmpty && wanted.Exists(static end => !IPAddress.IsLoopback(end.Address)))
        {
            log.Warn(
                "Option -rpcbind was ignored because -rpcallowip was not specified, refusing to allow everyone to "
                    + "connect");
            wanted.Clear();
        }
        else if (!allowed.IsEmpty && wanted.Count == 0)
        {
            log.Warn("Option -rpcallowip was specified without -rpcbind; this doesn't usually make sense");
        }

        return wanted.Count > 0
            ? wanted
            : [
                new IPEndPoint(IPAddress.Loopback, port),
                .. System.Net.Sockets.Socket.OSSupportsIPv6
                    ? [new IPEndPoint(IPAddress.IPv6Loopback, port)]
                    : (IPEndPoint[])[]
            ];
    }

    private static bool TryParse(string text, int port, [NotNullWhen(true)] out IPEndPoint? endPoint)
    {
        const string Local = "localhost";
        bool good = IPEndPoint.TryParse(
            text.StartsWith(Local, StringComparison.Ordinal) ? "127.0.0.1" + text[Local.Length..] : text, out endPoint);

        // An address without a port has port 0 here, which cannot be served.
        if (good && endPoint!.Port == 0)
        {
            endPoint.Port = port;
        }

        return good;
    }

    private static int Number(Settings settings, string name, int byDefault)
    {
        string? text = settings.Last(name);
        return text is null ? byDefault
            : int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out int number)
                && number <= (name == "rpcport" ? ushort.MaxValue : MaxNumber) ? number
            : throw new HostException($"Invalid port or number specified in -{name}: '{text}'");
    }
}
