using System.Diagnostics;
using System.Net;
using System.Net.Http.Headers;
using System.Net.Sockets;
using System.Text.Json;
using Multiprocess.Benchmarks.Measuring;

namespace Multiprocess.Benchmarks.Peers;

/// <summary>The client's end of an <see cref="HttpServer"/> in a process of its own.</summary>
internal sealed class HttpPeer : IDisposable
{
    private static readonly MediaTypeHeaderValue s_json = new("application/json");

    private readonly string _directory;
    private readonly Process _process;
    private readonly HttpClient _version1;
    private readonly HttpClient _version2;

    public HttpPeer(Placement placement)
    {
        _directory = Directory.CreateTempSubdirectory("bench").FullName;
        ProcessStartInfo start = new(Environment.ProcessPath!, [HttpServer.Argument, _directory])
        {
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
        };
        _process = Affinity.Start(placement.ServerCore, () => Process.Start(start)!);
        if (_process.StandardOutput.ReadLine() != HttpServer.Ready)
        {
            throw new IOException("The HTTP server did not start.");
        }

        _version1 = Client(HttpVersion.Version11, HttpServer.Socket(_directory, 1));
        _version2 = Client(HttpVersion.Version20, HttpServer.Socket(_directory, 2));
    }

    public Task<int> AddOverHttp1Async() => AddAsync(_version1);

    public Task<int> AddOverHttp2Async() => AddAsync(_version2);

    /// <summary>As a synchronous caller would; the client library has no synchronous form over HTTP/2.</summary>
    public int AddOverHttp2() => AddOverHttp2Async().GetAwaiter().GetResult();

    public void Dispose()
    {
        _version1.Dispose();
        _version2.Dispose();
        _process.StandardInput.Close();
        if (!_process.WaitForExit(TimeSpan.FromSeconds(5)))
        {
            _process.Kill();
        }

        _process.Dispose();
        Directory.Delete(_directory, recursive: true);
    }

    private static HttpClient Client(Version version, string path)
        => new(new SocketsHttpHandler
        {
            UseProxy = false,
            ConnectCallback = async (_, cancellationToken) =>
            {
                Socket socket = new(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
                await socket.ConnectAsync(new UnixDomainSocketEndPoint(path), cancellationToken);
                return new NetworkStream(socket, ownsSocket: true);
            },
        })
        {
            BaseAddress = new Uri("http://localhost"),
            DefaultRequestVersion = version,
            DefaultVersionPolicy = HttpVersionPolicy.RequestVersionExact,
        };

    private static async Task<int> AddAsync(HttpClient client)
    {
        using ByteArrayContent content = new(
            JsonSerializer.SerializeToUtf8Bytes(new Addition(2, 3), AdditionJson.Default.Addition));
        content.Headers.ContentType = s_json;
        using HttpResponseMessage response = await client.PostAsync("/add", content).ConfigureAwait(false);
        response.EnsureSuccessStatusCode();
        byte[] answer = await response.Content.ReadAsByteArrayAsync().ConfigureAwait(false);
        return JsonSerializer.Deserialize(answer, AdditionJson.Default.Sum)!.Value;
    }
}
