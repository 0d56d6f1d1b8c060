using System.Net;
using System.Net.Http.Headers;
using System.Text;
using System.Text.Json.Nodes;

namespace Bitcoin.Functional.Support;

/// <summary>Asks a server by HTTP, as any client could.</summary>
internal sealed class RpcClient(int port, string cookiePath, string? wallet)
{
    private static readonly HttpClient s_http = new(new SocketsHttpHandler { UseProxy = false })
    {
        Timeout = Host.Patience,
    };

    /// <summary>Runs a method and gives its result; fails the test on an error.</summary>
    internal JsonNode? Call(string method, params JsonNode?[] arguments)
    {
        JsonObject reply = Ask(method, new JsonArray(arguments));
        Assert.That(reply["error"]?.ToJsonString(), Is.Null, method);
        JsonNode? result = reply["result"];
        return result?.DeepClone();
    }

    internal int Int(string method, params JsonNode?[] arguments) => Call(method, arguments)!.GetValue<int>();

    internal string Text(string method, params JsonNode?[] arguments) => Call(method, arguments)!.GetValue<string>();

    /// <summary>Runs a method that is to fail, and gives code and message.</summary>
    internal (int Code, string Message) Error(string method, params JsonNode?[] arguments)
        => ErrorOf(Ask(method, new JsonArray(arguments)));

    internal (int Code, string Message) ErrorNamed(string method, JsonObject arguments)
        => ErrorOf(Ask(method, arguments));

    internal JsonObject Ask(string method, JsonNode? parameters)
    {
        (_, string body) = Post(
            new JsonObject { ["method"] = method, ["params"] = parameters, ["id"] = "t" }.ToJsonString());
        return JsonNode.Parse(body)!.AsObject();
    }

    internal (HttpStatusCode Status, string Body) Post(
        string body, string? credentials = "", string? path = null, HttpMethod? verb = null)
    {
        using HttpRequestMessage message = new(
            verb ?? HttpMethod.Post, $"http://127.0.0.1:{port}{path ?? (wallet is null ? "/" : $"/wallet/{wallet}")}");
        if (verb is null || verb == HttpMethod.Post)
        {
            message.Content = new StringContent(body);
        }

        if (credentials is not null)
        {
            string text = credentials.Length == 0 ? File.ReadAllText(cookiePath) : credentials;
            message.Headers.Authorization = new AuthenticationHeaderValue(
                "Basic", Convert.ToBase64String(Encoding.UTF8.GetBytes(text)));
        }

        using HttpResponseMessage response = s_http.Send(message);
        using StreamReader reader = new(response.Content.ReadAsStream());
        return (response.StatusCode, reader.ReadToEnd().TrimEnd('\n'));
    }

    internal (HttpStatusCode Status, string Body) PostBytes(byte[] body)
    {
        using HttpRequestMessage message = new(HttpMethod.Post, $"http://127.0.0.1:{port}/")
        {
            Content = new ByteArrayContent(body),
        };
        message.Headers.Authorization = new AuthenticationHeaderValue(
            "Basic", Convert.ToBase64String(File.ReadAllBytes(cookiePath)));
        using HttpResponseMessage response = s_http.Send(message);
        using StreamReader reader = new(response.Content.ReadAsStream());
        return (response.StatusCode, reader.ReadToEnd().TrimEnd('\n'));
    }

    /// <summary>Waits until the server answers and the node has started.</summary>
    internal RpcClient WaitUntilStarted(Host host)
    {
        string last = "";
        bool started = SpinWait.SpinUntil(
            () =>
            {
                if (host.HasExited)
                {
                    return true;
                }

                Thread.Yield();
                return IsStarted(out last);
            },
            Host.Patience);
        Assert.That(
            started && !host.HasExited, Is.True, $"{host.Name} did not start: {last}\n{host.Output}\n{host.Errors}");
        return this;
    }

    private bool IsStarted(out string last)
    {
        try
        {
            last = Post("""{"method":"uptime"}""").Body;
            return last.Contains("\"error\":null", StringComparison.Ordinal);
        }
        catch (Exception exception) when (exception is IOException or HttpRequestException)
        {
            last = exception.Message;
            return false;
        }
    }

    private static (int Code, string Message) ErrorOf(JsonObject reply)
    {
        Assert.That(reply["error"], Is.Not.Null, "an error was expected");
        return (reply["error"]!["code"]!.GetValue<int>(), reply["error"]!["message"]!.GetValue<string>());
    }
}
