using Google.Protobuf;
using Grpc.Core;
using Grpc.Net.Client;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Multiprocess.Benchmarks.Measuring;

namespace Multiprocess.Peers.Peers;

/// <summary>gRPC for .NET over a Unix socket.</summary>
internal sealed class GrpcPeer : Peer
{
    public const string Argument = "grpc";

    private readonly PeerProcess _process = new(Argument);
    private readonly GrpcChannel _channel;
    private readonly Adder.AdderClient _client;
    private readonly AsyncDuplexStreamingCall<Number, Number> _asking;

    public GrpcPeer()
    {
        string socket = PeerProcess.Socket(_process.Folder);
        SocketsHttpHandler handler = new()
        {
            UseProxy = false,
            ConnectCallback = (_, cancellationToken) => UnixSockets.ConnectAsync(socket, cancellationToken),
        };
        GrpcChannelOptions options = new() { HttpHandler = handler, DisposeHttpClient = true };
        _channel = GrpcChannel.ForAddress("http://localhost", options);
        _client = new Adder.AdderClient(_channel);
        _asking = _client.AddAndAsk();
    }

    public override string Name => "gRPC";

    public static async Task<int> ServeAsync(string folder)
    {
        WebApplicationBuilder builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.Services.AddGrpc();
        builder.WebHost.ConfigureKestrel(options => options.ListenUnixSocket(
            PeerProcess.Socket(folder),
            listen => listen.Protocols = HttpProtocols.Http2));
        await using WebApplication app = builder.Build();
        app.MapGrpcService<Service>();
        await app.StartAsync();
        Console.WriteLine(PeerProcess.Ready);
        await Console.In.ReadToEndAsync();
        return 0;
    }

    public override Subject Call(int calls) => Subject.Awaited(calls, AddAsync);

    /// <summary>A server cannot call: it asks on a stream that stays open, and is answered there.</summary>
    public override Subject Callback(int calls) => Subject.Awaited(calls, async () =>
    {
        await _asking.RequestStream.WriteAsync(new Number { Value = 2 }).ConfigureAwait(false);
        await _asking.ResponseStream.MoveNext(CancellationToken.None).ConfigureAwait(false);
        await _asking.RequestStream.WriteAsync(new Number { Value = 3 }).ConfigureAwait(false);
        await _asking.ResponseStream.MoveNext(CancellationToken.None).ConfigureAwait(false);
    });

    public override Subject Echo(int calls, byte[] bytes)
        => Subject.Awaited(
            calls,
            () => _client.EchoAsync(new Content { Bytes = ByteString.CopyFrom(bytes) }).ResponseAsync);

    public override void Add() => _client.Add(new Terms { A = 2, B = 3 });

    public override Task AddAsync() => _client.AddAsync(new Terms { A = 2, B = 3 }).ResponseAsync;

    public override long ServerAllocatedBytes() => _client.GetAllocated(new Nothing()).Value;

    public override void Dispose()
    {
        _asking.Dispose();
        _channel.Dispose();
        _process.Dispose();
    }

    private sealed class Service : Adder.AdderBase
    {
        public override Task<Number> Add(Terms request, ServerCallContext context)
            => Task.FromResult(new Number { Value = request.A + request.B });

        public override async Task AddAndAsk(
            IAsyncStreamReader<Number> requestStream,
            IServerStreamWriter<Number> responseStream,
            ServerCallContext context)
        {
            while (await requestStream.MoveNext())
            {
                long first = requestStream.Current.Value;
                await responseStream.WriteAsync(new Number());
                await requestStream.MoveNext();
                await responseStream.WriteAsync(new Number { Value = first + requestStream.Current.Value });
            }
        }

        public override Task<Content> Echo(Content request, ServerCallContext context) => Task.FromResult(request);

        public override Task<Number> GetAllocated(Nothing request, ServerCallContext context)
            => Task.FromResult(new Number { Value = GC.GetTotalAllocatedBytes(precise: true) });
    }
}
