using System.Globalization;
using System.Net;
using System.Net.Http.Headers;
using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using Bitcoin.Hosting;
using Bitcoin.Rpc;

namespace Bitcoin.Cli;

/// <summary>Asks a node by HTTP.</summary>
internal static class HttpTransport
{
    private const int DefaultTimeoutSeconds = 900;

    internal static JsonNode? Ask(JsonNode request, string uri, Settings settings)
    {
        (string host, int port) = Address(settings);
        using SocketsHttpHandler handler = new() { UseProxy = false, AllowAutoRedirect = false };
        using HttpClient client = new(handler) { Timeout = Patience(settings) };
        using HttpRequestMessage message = new(HttpMethod.Post, $"http://{host}:{port}{uri}");
        message.Content = new StringContent(JsonText.Compact(request), Encoding.UTF8, "application/json");
        message.Headers.Authorization = new AuthenticationHeaderValue("Basic", Convert.ToBase64String(Encoding.UTF8.GetBytes(Credentials(settings))));
        try
        {
            using HttpResponseMessage response = client.Send(message);
            using StreamReader reader = new(response.Content.ReadAsStream());
            return Read(response.StatusCode, reader.ReadToEnd());
        }
        catch (HttpRequestException exception)
        {
            throw new CliException(
                $"Could not connect to the server {host}:{port} ({exception.Message})\n\nMake sure the bitcoind server is running and that you are connecting to the correct RPC port.\nUse \"bitcoin-cli -help\" for more info.",
                canRetry: true);
        }
        catch (TaskCanceledException)
        {
            throw new CliException("timeout on transient error: Could not connect to the server");
        }
    }

    private static JsonNode? Read(HttpStatusCode status, string body)
    {
        int code = (int)status;
        switch (code)
        {
            case 401:
                throw new CliException("Authorization failed: Incorrect rpcuser or rpcpassword");
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

    private static (string Host, int Port) Address(Settings settings)
    {
        string host = settings.Last("rpcconnect") is { Length: > 0 } given and not "0" ? given : "127.0.0.1";
        int colon = host.LastIndexOf(':');
        string port = settings.Last("rpcport") ?? settings.Network.RpcPort.ToString(CultureInfo.InvariantCulture);
        if (colon > 0 && !host.EndsWith(']') && (host.IndexOf(':', StringComparison.Ordinal) == colon || host[colon - 1] == ']'))
        {
            (host, port) = (host[..colon], settings.Last("rpcport") ?? host[(colon + 1)..]);
        }

        return int.TryParse(port, NumberStyles.None, CultureInfo.InvariantCulture, out int number) && number is > 0 and <= ushort.MaxValue
            ? (host.Contains(':', StringComparison.Ordinal) && host[0] != '[' ? $"[{host}]" : host, number)
            : throw new CliException($"Invalid port provided in -rpcport: {port}");
    }

    private static TimeSpan Patience(Settings settings)
    {
        return int.TryParse(settings.Last("rpcclienttimeout"), NumberStyles.None, CultureInfo.InvariantCulture, out int seconds)
            ? seconds == 0 ? Timeout.InfiniteTimeSpan : TimeSpan.FromSeconds(seconds)
            : TimeSpan.FromSeconds(DefaultTimeoutSeconds);
    }

    private static string Credentials(Settings settings)
    {
        return settings.Last("rpcpassword") is { Length: > 0 } password
            ? $"{settings.Last("rpcuser")}:{password}"
            : RpcCookie.TryRead(RpcServerOptions.CookiePath(settings))
                ?? throw new CliException($"Could not locate RPC credentials. No authentication cookie could be found, and RPC password is not set.  See -rpcpassword and -rpccookiefile.  Data directory: ({settings.Directory})", canRetry: true);
    }
}
