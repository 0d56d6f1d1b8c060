using System.Globalization;
using System.Net;
using System.Net.Http.Headers;
using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using Bitcoin.Hosting;
using Bitcoin.Primitives;
using Bitcoin.Rpc;

namespace Bitcoin.Cli;

/// <summary>Sends requests to a node over HTTP.</summary>
internal static class HttpTransport
{
    private const int DefaultTimeoutSeconds = 900;
    private const string NoCookie = "Failed to read cookie file and no rpcpassword was specified.";

    internal static JsonNode? Ask(JsonNode request, string uri, Settings settings)
    {
        (string host, int port) = Address(settings);
        (string? credentials, string refusal) = Credentials(settings);
        using SocketsHttpHandler handler = new() { UseProxy = false, AllowAutoRedirect = false };
        using HttpClient client = new(handler) { Timeout = Patience(settings) };
        using HttpRequestMessage message = new(HttpMethod.Post, $"http://{host}:{port}{uri}");
        message.Content = new StringContent(JsonText.Compact(request), Encoding.UTF8, "application/json");
        message.Headers.Authorization = new AuthenticationHeaderValue(
            "Basic", Convert.ToBase64String(Encoding.UTF8.GetBytes(credentials ?? "")));
        try
        {
            using HttpResponseMessage response = client.Send(message);
            using StreamReader reader = new(response.Content.ReadAsStream());
            return Read(response.StatusCode, reader.ReadToEnd(), refusal);
        }
        catch (HttpRequestException)
        {
            throw new CliException(
                $"Error while attempting to communicate with server {host.Trim('[', ']')}:{port} (Could not connect to "
                    + $"the server)\n\nMake sure the {Currency.Names.Daemon} server is running and that you are connecting to the "
                    + $"correct RPC port.\nUse \"{Currency.Names.Program("cli")} -help\" for more info.",
                canRetry: true);
        }
        catch (TaskCanceledException)
        {
            throw new CliException("timeout on transient error: Could not connect to the server");
        }
    }

    private static JsonNode? Read(HttpStatusCode status, string body, string refusal)
    {
        int code = (int)status;
        switch (code)
        {
            case 401:
                // If there is no cookie, the node may not have started yet.
                throw new CliException($"Authorization failed: {refusal}", canRetry: refusal == NoCookie);
            case 503:
                throw new CliException($"Server response: {body}");
            case >= 400 and not (400 or 404 or 500):
                throw new CliException($"server returned HTTP error {code}");
        }

        if (body.Length == 0)
        {
            throw new CliException("no response from server");
        }

        try
        {
            return JsonNode.Parse(body);
        }
        catch (JsonException)
        {
            throw new CliException("couldn't parse reply from server");
        }
    }

    /// <summary>Address and port: -rpcport first, then the port in -rpcconnect, then the network's default.</summary>
    private static (string Host, int Port) Address(Settings settings)
    {
        string given = settings.Last("rpcconnect") is { Length: > 0 } connect and not "0" ? connect : "127.0.0.1";
        string host = given;
        int? own = null;
        int colon = host.LastIndexOf(':');
        if (colon > 0 && (host.IndexOf(':', StringComparison.Ordinal) == colon || host[colon - 1] == ']'))
        {
            own = PortOf(host[(colon + 1)..])
                ?? throw new CliException($"Invalid port provided in -rpcconnect: {given}");
            host = host[..colon];
        }

        host = host.Contains(':', StringComparison.Ordinal) && host[0] != '[' ? $"[{host}]" : host;
        if (settings.Last("rpcport") is not { } text)
        {
            return (host, own ?? settings.Network.RpcPort);
        }

        int port = PortOf(text) ?? throw new CliException($"Invalid port provided in -rpcport: {text}");
        if (own is not null)
        {
            Console.Error.WriteLine($"Warning: Port specified in both -rpcconnect and -rpcport. Using -rpcport {port}");
        }

        return (host, port);
    }

    private static int? PortOf(string text)
        => ushort.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out ushort port) && port > 0
            ? port
            : null;

    private static TimeSpan Patience(Settings settings)
    {
        return int.TryParse(
            settings.Last("rpcclienttimeout"), NumberStyles.None, CultureInfo.InvariantCulture, out int seconds)
            ? seconds == 0 ? Timeout.InfiniteTimeSpan : TimeSpan.FromSeconds(seconds)
            : TimeSpan.FromSeconds(DefaultTimeoutSeconds);
    }

    /// <summary>User and password, and the message if the node refuses them.</summary>
    private static (string? Credentials, string Refusal) Credentials(Settings settings)
    {
        if (settings.Last("rpcpassword") is { Length: > 0 } password)
        {
            return ($"{settings.Last("rpcuser")}:{password}", "Incorrect rpcuser or rpcpassword were specified.");
        }

        if (settings.Last("rpccookiefile") == "0")
        {
            return (null, "Cookie file was disabled via -norpccookiefile and no rpcpassword was specified.");
        }

        return RpcCookie.TryRead(RpcServerOptions.CookiePath(settings)) is { } cookie
            ? (cookie, "Cookie file credentials were invalid and no rpcpassword was specified.")
            : (null, NoCookie);
    }
}
