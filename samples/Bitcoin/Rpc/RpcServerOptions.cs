using System.Diagnostics.CodeAnalysis;
using System.Globalization;
using System.Net;
using Bitcoin.Hosting;

namespace Bitcoin.Rpc;

/// <summary>The -rpc options.</summary>
public static class RpcServerOptions
{
    private const int DefaultThreads = 16;
    private const int DefaultQueue = 64;
    private const int MaxNumber = 10_000_000;
    private const int DefaultTimeout = 30;

    /// <summary>Where the cookie is.</summary>
    public static string CookiePath(Settings settings) => Path.Combine(settings.Directory, settings.Last("rpccookiefile") is { Length: > 0 } file and not "0" ? file : RpcCookie.FileName);

    /// <summary>Looks at the options, whether or not there is to be a server.</summary>
    /// <exception cref="HostException">One is wrong.</exception>
    public static void Check(Settings settings)
    {
        if (settings.Last("rpcport") is { } port && (!ushort.TryParse(port, NumberStyles.None, CultureInfo.InvariantCulture, out ushort number) || number == 0))
        {
            throw new HostException($"Invalid port specified in -rpcport: '{port}'");
        }
    }

    /// <summary>Starts a server as the options say, and leaves a cookie for its clients.</summary>
    /// <param name="table">The methods.</param>
    /// <param name="settings">The options.</param>
    /// <param name="log">The process's log.</param>
    /// <param name="configure">Adds what a program serves beside methods; null for nothing.</param>
    /// <exception cref="HostException">An option is wrong, or the server cannot be started.</exception>
    public static RunningRpcServer Start(RpcTable table, Settings settings, DebugLog log, Func<HttpRpcOptions, HttpRpcOptions>? configure = null)
    {
        Check(settings);
        List<IPEndPoint> endPoints = [];
        int port = Number(settings, "rpcport", settings.Network.RpcPort);
        foreach (string value in settings.All("rpcbind") is { Count: > 0 } given ? given : ["127.0.0.1"])
        {
            endPoints.Add(TryParse(value, port, out IPEndPoint? endPoint)
                ? endPoint
                : throw new HostException($"Invalid -rpcbind address '{value}': expected 127.0.0.1 or [::1], with a port or without; other hosts are not served."));
        }

        List<RpcAuth> users = [.. settings.All("rpcauth").Select(static value => RpcAuth.TryParse(value, out RpcAuth? user) ? user : throw new HostException("Invalid -rpcauth argument."))];
        string cookie = CookiePath(settings);
        try
        {
            string secret = RpcCookie.Create(cookie);
            List<string> credentials = [];
            if (settings.Last("rpcpassword") is { Length: > 0 } password)
            {
                credentials.Add($"{settings.Last("rpcuser")}:{password}");
            }

            HttpRpcOptions options = new(endPoints, credentials, users, Math.Max(1, Number(settings, "rpcthreads", DefaultThreads)), Math.Max(1, Number(settings, "rpcworkqueue", DefaultQueue)))
            {
                Cookie = secret,
                Timeout = TimeSpan.FromSeconds(Number(settings, "rpcservertimeout", DefaultTimeout)),
            };
            HttpRpcServer server = HttpRpcServer.Start(table, configure?.Invoke(options) ?? options, log);
            log.Write($"Binding RPC on {string.Join(", ", endPoints)}");
            return new RunningRpcServer(server, cookie);
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            File.Delete(cookie);
            throw new HostException($"Unable to start HTTP server: {exception.Message}", exception);
        }
    }

    private static bool TryParse(string text, int port, [NotNullWhen(true)] out IPEndPoint? endPoint)
    {
        // Without a port it is 0 here, which is no port to serve at.
        bool good = IPEndPoint.TryParse(text.StartsWith("localhost", StringComparison.Ordinal) ? "127.0.0.1" + text["localhost".Length..] : text, out endPoint) && IPAddress.IsLoopback(endPoint.Address);
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
            : int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out int number) && number <= (name == "rpcport" ? ushort.MaxValue : MaxNumber) ? number
            : throw new HostException($"Invalid port or number specified in -{name}: '{text}'");
    }
}
