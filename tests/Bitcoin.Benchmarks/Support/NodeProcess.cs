using System.Diagnostics;
using System.Globalization;
using System.Net;
using System.Net.Http.Headers;
using System.Net.Sockets;
using System.Text;
using System.Text.Json.Nodes;

namespace Bitcoin.Benchmarks.Support;

/// <summary>A node as a process with a directory of its own, asked by JSON-RPC over one connection.</summary>
internal sealed class NodeProcess : IDisposable
{
    private static readonly TimeSpan s_patience = TimeSpan.FromMinutes(2);

    private readonly HttpClient _http = new(new SocketsHttpHandler { UseProxy = false }) { Timeout = s_patience };
    private readonly DirectoryInfo _directory = Directory.CreateTempSubdirectory("bench-");
    private readonly string _network;
    private readonly int _port = FreePort();
    private readonly StringBuilder _output = new();

    /// <summary>Starts a program; does not wait.</summary>
    /// <param name="program">Its name.</param>
    /// <param name="network">The folder of its network; empty for the main network.</param>
    /// <param name="args">Further arguments.</param>
    internal NodeProcess(string program, string network, params string[] args)
    {
        _network = network;
        ProcessStartInfo start = new(
            Places.Program(program),
            [
                .. network.Length == 0 ? (string[])[] : [$"-{network}"],
                $"-datadir={_directory.FullName}",
                $"-rpcport={_port.ToString(CultureInfo.InvariantCulture)}",
                "-server", "-listen=0", "-connect=0", "-keypool=5",
                .. args,
            ])
        {
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };
        Process = new Process { StartInfo = start };
        Process.OutputDataReceived += (_, line) => Keep(line.Data);
        Process.ErrorDataReceived += (_, line) => Keep(line.Data);
        Process.Start();
        Process.BeginOutputReadLine();
        Process.BeginErrorReadLine();
    }

    internal Process Process { get; }

    /// <summary>What it printed so far.</summary>
    internal string Output
    {
        get
        {
            lock (_output)
            {
                return _output.ToString();
            }
        }
    }

    /// <summary>Asks until the first answer.</summary>
    internal NodeProcess WaitUntilAnswering()
    {
        string cookie = Path.Combine(_directory.FullName, _network, ".cookie");
        Wait(() =>
        {
            try
            {
                _http.DefaultRequestHeaders.Authorization = new AuthenticationHeaderValue(
                    "Basic", Convert.ToBase64String(File.ReadAllBytes(cookie)));
                return Send("getblockcount", [])["error"] is null;
            }
            catch (Exception exception) when (exception is IOException or HttpRequestException)
            {
                return false;
            }
        });
        return this;
    }

    internal void Wait(Func<bool> condition)
    {
        if (!SpinWait.SpinUntil(() => condition() || Process.HasExited, s_patience) || Process.HasExited)
        {
            throw new InvalidOperationException(
                $"{Process.StartInfo.FileName}: Expected it to get ready, got:\n{Output}");
        }
    }

    internal JsonNode? Call(string method, params JsonNode?[] arguments)
    {
        JsonObject reply = Send(method, arguments);
        return reply["error"] is { } error
            ? throw new InvalidOperationException($"{method}: Expected a result, got {error.ToJsonString()}")
            : reply["result"];
    }

    public void Dispose()
    {
        if (!Process.HasExited)
        {
            Process.Kill(entireProcessTree: true);
            Process.WaitForExit();
        }

        Process.Dispose();
        _http.Dispose();
        _directory.Delete(recursive: true);
    }

    private JsonObject Send(string method, JsonNode?[] arguments)
    {
        JsonObject request = new()
        {
            ["method"] = method,
            ["params"] = new JsonArray(arguments),
            ["id"] = "bench",
        };
        using HttpRequestMessage message = new(HttpMethod.Post, $"http://127.0.0.1:{_port}/")
        {
            Content = new StringContent(request.ToJsonString()),
        };
        using HttpResponseMessage response = _http.Send(message);
        using StreamReader reader = new(response.Content.ReadAsStream());
        return JsonNode.Parse(reader.ReadToEnd())!.AsObject();
    }

    private void Keep(string? line)
    {
        lock (_output)
        {
            _output.AppendLine(line);
        }
    }

    private static int FreePort()
    {
        using TcpListener listener = new(IPAddress.Loopback, 0);
        listener.Start();
        return ((IPEndPoint)listener.LocalEndpoint).Port;
    }
}
