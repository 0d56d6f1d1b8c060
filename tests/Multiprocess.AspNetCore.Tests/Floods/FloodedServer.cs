using System.Collections.Concurrent;
using System.Net;
using System.Net.Security;
using System.Net.Sockets;
using System.Net.WebSockets;
using System.Security.Cryptography.X509Certificates;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Connections;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.AspNetCore.Server.Kestrel.Https;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Multiprocess.Framing;

namespace Multiprocess.AspNetCore.Tests.Floods;

/// <summary>How the peers reach the server.</summary>
public enum Over
{
    Unix,
    Tls,
    TlsOfKestrel,
    WebSocket,
}

/// <summary>A server with low limits, which is flooded, and what connects to it.</summary>
internal sealed class FloodedServer : IAsyncDisposable
{
    // The system itself holds what fits into these, which no limit counts.
    private const int SocketBytes = 64 * 1024;

    private readonly Over _over;
    private readonly X509Certificate2 _certificate = Certificates.Make("server");
    private readonly X509Certificate2 _ofClients = Certificates.Make("client");
    private readonly string _folder = Directory.CreateTempSubdirectory("flood-").FullName;
    private readonly ManualResetEventSlim _gate = new(initialState: true);
    private readonly ConcurrentQueue<IpcConnection> _connections = [];
    private IAsyncDisposable _server = null!;
    private EndPoint _endPoint = null!;

    private FloodedServer(Over over) => _over = over;

    /// <summary>The server's ends of its connections.</summary>
    public IEnumerable<IpcConnection> Connections => _connections;

    /// <summary>What all connections together have waiting, in bytes, as the server counts it.</summary>
    public long Waiting
    {
        get
        {
            SharedByteLimit shared = _connections.First().Core.Channel.Threads.Received.Shared!;
            return shared.Bytes;
        }
    }

    public static async Task<FloodedServer> StartAsync(Over over, IpcServerOptions options)
    {
        var server = new FloodedServer(over);
        await server.ListenAsync(options);
        return server;
    }

    /// <summary>One-way calls wait from now on.</summary>
    public void Hold() => _gate.Reset();

    /// <summary>They run.</summary>
    public void Release() => _gate.Set();

    /// <summary>A stream on which nothing has been said.</summary>
    public async Task<Stream> OpenAsync()
    {
        if (_over == Over.WebSocket)
        {
            var socket = new ClientWebSocket();
            using var handler = new SocketsHttpHandler
            {
                ConnectCallback = async (_, _) => await ConnectAsync(),
                SslOptions = { RemoteCertificateValidationCallback = (_, _, _, _) => true },
            };
            using var invoker = new HttpMessageInvoker(handler, disposeHandler: false);
            int port = ((IPEndPoint)_endPoint).Port;
            await socket.ConnectAsync(new Uri($"wss://127.0.0.1:{port}/"), invoker, CancellationToken.None);
            return WebSocketStream.Create(socket, WebSocketMessageType.Binary, TimeSpan.FromSeconds(1));
        }

        Stream stream = await ConnectAsync();
        if (_over == Over.Unix)
        {
            return stream;
        }

        var tls = new SslStream(stream, leaveInnerStreamOpen: false, (_, _, _, _) => true);
        await tls.AuthenticateAsClientAsync(
            new SslClientAuthenticationOptions { TargetHost = "127.0.0.1", ClientCertificates = [_ofClients] });
        return tls;
    }

    public async ValueTask DisposeAsync()
    {
        _gate.Set();
        await _server.DisposeAsync();
        _certificate.Dispose();
        _ofClients.Dispose();
        Directory.Delete(_folder, recursive: true);
    }

    private async Task ListenAsync(IpcServerOptions options)
    {
        if (_over == Over.Unix)
        {
            string path = Path.Combine(_folder, "s.sock");
            _server = IpcServer.Listen<IFlood>($"unix:{path}", MakeRoot, options);
            _endPoint = new UnixDomainSocketEndPoint(path);
        }
        else if (_over == Over.Tls)
        {
            string pin = IpcTlsOptions.FingerprintOf(_ofClients);
            IpcServer server = IpcServer.Listen<IFlood>(
                "tcp:127.0.0.1:0",
                MakeRoot,
                options with { Tls = new IpcTlsOptions { Certificate = _certificate, PinnedFingerprints = [pin] } });
            _server = server;
            _endPoint = new IPEndPoint(IPAddress.Loopback, server.Address.Port);
        }
        else
        {
            WebApplication app = await StartKestrelAsync(options);
            _server = app;
            _endPoint = new IPEndPoint(IPAddress.Loopback, new Uri(app.Urls.First()).Port);
        }
    }

    private async Task<WebApplication> StartKestrelAsync(IpcServerOptions options)
    {
        WebApplicationBuilder builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.UseKestrelHttpsConfiguration().ConfigureKestrel(
            kestrel => kestrel.Listen(IPAddress.Loopback, 0, listen => Configure(listen, options)));
        builder.Services.AddIpcEndpoints();
        WebApplication app = builder.Build();
        if (_over == Over.WebSocket)
        {
            app.MapIpc<IFlood>("/", (_, connection) => MakeRoot(connection), endpoint => endpoint.Server = options);
        }

        await app.StartAsync();
        return app;
    }

    private void Configure(ListenOptions listen, IpcServerOptions options)
    {
        listen.UseHttps(new HttpsConnectionAdapterOptions
        {
            ServerCertificate = _certificate,
            ClientCertificateMode = _over == Over.TlsOfKestrel
                ? ClientCertificateMode.RequireCertificate
                : ClientCertificateMode.NoCertificate,
            ClientCertificateValidation = (_, _, _) => true,
        });
        if (_over == Over.TlsOfKestrel)
        {
            listen.UseIpc<IFlood>((_, connection) => MakeRoot(connection), endpoint => endpoint.Server = options);
        }
    }

    private async Task<NetworkStream> ConnectAsync()
    {
        var socket = new Socket(
            _endPoint.AddressFamily,
            SocketType.Stream,
            _over == Over.Unix ? ProtocolType.Unspecified : ProtocolType.Tcp) { ReceiveBufferSize = SocketBytes };
        await socket.ConnectAsync(_endPoint);
        return new NetworkStream(socket, ownsSocket: true);
    }

    private Root MakeRoot(IpcConnection connection)
    {
        _connections.Enqueue(connection);
        return new Root(_gate);
    }

    private sealed class Root(ManualResetEventSlim gate) : IFlood
    {
        public int Add(int a, int b) => a + b;

        public byte[] Give(int bytes) => new byte[bytes];

        public void Take(byte[] bytes) => gate.Wait(FloodTests.Bound);
    }
}
