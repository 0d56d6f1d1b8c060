using System.Globalization;
using System.Net;
using System.Net.Http.Headers;
using System.Text.Json;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.Extensions.Logging;
using Multiprocess.Benchmarks.Measuring;
using Multiprocess.Benchmarks.Peers;

namespace Multiprocess.Peers.Peers;

/// <summary>JSON over HTTP/2, Kestrel on a Unix socket.</summary>
internal sealed class Http2Peer : Peer
{
    public const string Argument = "http";

    private static readonly MediaTypeHeaderValue s_json = new("application/json");

    private readonly PeerProcess _process = new(Argument);
    private readonly HttpClient _client;

    public Http2Peer()
    {
        string socket = PeerProcess.Socket(_process.Folder);
        SocketsHttpHandler handler = new()
        {
            UseProxy = false,
            ConnectCallback = (_, cancellationToken) => UnixSockets.ConnectAsync(socket, cancellationToken),
        };
        _client = new HttpClient(handler)
        {
            BaseAddress = new Uri("http://localhost"),
            DefaultRequestVersion = HttpVersion.Version20,
            DefaultVersionPolicy = HttpVersionPolicy.RequestVersionExact,
        };
    }

    public override string Name => "HTTP/2, JSON";

    public static async Task<int> ServeAsync(string folder)
    {
        WebApplicationBuilder builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.ConfigureKestrel(options => options.ListenUnixSocket(
            PeerProcess.Socket(folder),
            listen => listen.Protocols = HttpProtocols.Http2));
        await using WebApplication app = builder.Build();
        app.Run(AnswerAsync);
        await app.StartAsync();
        Console.WriteLine(PeerProcess.Ready);
        await Console.In.ReadToEndAsync();
        return 0;
    }

    public override Subject Call(int calls) => Subject.Awaited(calls, AddAsync);

    /// <summary>A server of HTTP has nothing to ask with.</summary>
    public override Subject? Callback(int calls) => null;

    public override Subject Echo(int calls, byte[] bytes) => Subject.Awaited(calls, async () =>
    {
        using ByteArrayContent content = new(bytes);
        using HttpResponseMessage response = await _client.PostAsync("/echo", content).ConfigureAwait(false);
        response.EnsureSuccessStatusCode();
        await response.Content.ReadAsByteArrayAsync().ConfigureAwait(false);
    });

    public override void Add() => AddAsync().GetAwaiter().GetResult();

    public override async Task AddAsync()
    {
        byte[] request = JsonSerializer.SerializeToUtf8Bytes(new Addition(2, 3), AdditionJson.Default.Addition);
        using ByteArrayContent content = new(request);
        content.Headers.ContentType = s_json;
        using HttpResponseMessage response = await _client.PostAsync("/add", content).ConfigureAwait(false);
        response.EnsureSuccessStatusCode();
        byte[] answer = await response.Content.ReadAsByteArrayAsync().ConfigureAwait(false);
        if (JsonSerializer.Deserialize(answer, AdditionJson.Default.Sum)!.Value != 5)
        {
            throw new InvalidDataException("The HTTP peer adds wrongly.");
        }
    }

    public override long ServerAllocatedBytes()
        => long.Parse(_client.GetStringAsync("/allocated").GetAwaiter().GetResult(), CultureInfo.InvariantCulture);

    public override void Dispose()
    {
        _client.Dispose();
        _process.Dispose();
    }

    private static async Task AnswerAsync(HttpContext context)
    {
        switch (context.Request.Path.Value)
        {
            case "/echo":
                // All of it first: a client with bytes to send reads no answer before they are sent.
                using (MemoryStream all = new((int)(context.Request.ContentLength ?? 0)))
                {
                    await context.Request.Body.CopyToAsync(all);
                    context.Response.ContentLength = all.Length;
                    await context.Response.BodyWriter.WriteAsync(all.GetBuffer().AsMemory(0, (int)all.Length));
                }

                break;
            case "/allocated":
                long allocated = GC.GetTotalAllocatedBytes(precise: true);
                await context.Response.WriteAsync(allocated.ToString(CultureInfo.InvariantCulture));
                break;
            default:
                Addition terms = (await JsonSerializer.DeserializeAsync(
                    context.Request.Body,
                    AdditionJson.Default.Addition))!;
                Sum sum = new(terms.A + terms.B);
                byte[] answer = JsonSerializer.SerializeToUtf8Bytes(sum, AdditionJson.Default.Sum);
                context.Response.ContentType = "application/json";
                context.Response.ContentLength = answer.Length;
                await context.Response.BodyWriter.WriteAsync(answer);
                break;
        }
    }
}
