using System.Net;
using System.Net.Security;
using System.Net.Sockets;
using System.Security.Cryptography.X509Certificates;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Connections;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.AspNetCore.Server.Kestrel.Https;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Multiprocess.Hosting.Tests;

namespace Multiprocess.AspNetCore.Tests;

/// <summary>A contract over connections whose TCP and TLS are Kestrel's.</summary>
[CancelAfter(120_000)]
public sealed class ConnectionHandlerTests
{
    private static readonly TimeSpan s_bound = TimeSpan.FromSeconds(60);

    private X509Certificate2 _serverCertificate = null!;
    private X509Certificate2 _clientCertificate = null!;

    [OneTimeSetUp]
    public void MakeCertificates()
    {
        _serverCertificate = Certificates.Make("server");
        _clientCertificate = Certificates.Make("client");
    }

    [OneTimeTearDown]
    public void DisposeCertificates()
    {
        _serverCertificate.Dispose();
        _clientCertificate.Dispose();
    }

    [Test]
    public async Task A_client_with_a_certificate_is_served_and_known_by_it()
    {
        HttpsConnectionAdapterOptions https = Https();
        await using WebApplication app = await StartAsync(kestrel =>
        {
            kestrel.Listen(IPAddress.Loopback, 0, listen =>
            {
                listen.UseHttps(https);
                listen.UseIpc<IGate>();
            });
        });

        using IpcConnection<IGate> connection = await IpcConnection.ConnectAsync<IGate>(
            await ConnectTlsAsync(app, _clientCertificate));

        Assert.That(connection.Root.Who(), Is.EqualTo("CN=client"));
        Assert.That(connection.Root.Ask(number => number + 1), Is.EqualTo(22));
    }

    [Test]
    public async Task A_client_without_a_certificate_is_not_served()
    {
        await using WebApplication app = await StartAsync(
            kestrel => kestrel.Listen(IPAddress.Loopback, 0, listen => listen.UseIpc<IGate>()));

        Assert.That(
            async () =>
            {
                using IpcConnection<IGate> _ = await IpcConnection.ConnectAsync<IGate>(
                    await ConnectAsync(app)).WaitAsync(s_bound);
            },
            Throws.InstanceOf<IpcException>());
    }

    [Test]
    public async Task A_client_without_a_certificate_is_served_where_that_was_allowed()
    {
        await using WebApplication app = await StartAsync(
            kestrel => kestrel.Listen(
                IPAddress.Loopback, 0, listen => listen.UseIpc<IGate>(options => options.AllowAnonymous = true)));

        using IpcConnection<IGate> connection = await IpcConnection.ConnectAsync<IGate>(await ConnectAsync(app));

        Assert.That(connection.Root.Who(), Is.EqualTo("nobody"));
    }

    [Test]
    public async Task A_stopping_application_cancels_calls_and_ends_the_scope()
    {
        await using WebApplication app = await StartAsync(
            kestrel => kestrel.Listen(
                IPAddress.Loopback, 0, listen => listen.UseIpc<IGate>(options => options.AllowAnonymous = true)));
        using IpcConnection<IGate> connection = await IpcConnection.ConnectAsync<IGate>(await ConnectAsync(app));
        GateLog log = app.Services.GetRequiredService<GateLog>();
        Task<string> waiting = connection.Root.WaitAsync();
        Assert.That(log.Events.TryTake(out _, s_bound), Is.True);

        await app.StopAsync().WaitAsync(s_bound);

        Assert.That(await waiting.WaitAsync(s_bound), Is.EqualTo("cancelled"));
        Assert.That(log.Events.TryTake(out string? what, s_bound) ? what : null, Is.EqualTo("disposed"));
    }

    [Test]
    public void Services_that_were_not_added_are_named()
    {
        WebApplicationBuilder builder = WebApplication.CreateSlimBuilder();
        WebApplication app = builder.Build();

        Assert.That(
            () => app.MapIpc<IGate>("/ipc"),
            Throws.InvalidOperationException.With.Message.Contains("AddIpcEndpoints()"));
    }

    private HttpsConnectionAdapterOptions Https() => new()
    {
        ServerCertificate = _serverCertificate,
        ClientCertificateMode = ClientCertificateMode.RequireCertificate,
        ClientCertificateValidation = (certificate, _, _)
            => Certificates.Fingerprint(certificate) == Certificates.Fingerprint(_clientCertificate),
    };

    private static async Task<WebApplication> StartAsync(Action<KestrelServerOptions> configure)
    {
        WebApplicationBuilder builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.ConfigureKestrel(configure);
        builder.Services.AddSingleton<GateLog>();
        builder.Services.AddScoped<IGate, Gate>();
        builder.Services.AddIpcEndpoints();
        WebApplication app = builder.Build();
        await app.StartAsync();
        return app;
    }

    private static async Task<Stream> ConnectAsync(WebApplication app)
    {
        var socket = new Socket(SocketType.Stream, ProtocolType.Tcp);
        await socket.ConnectAsync(IPAddress.Loopback, new Uri(app.Urls.First()).Port);
        return new NetworkStream(socket, ownsSocket: true);
    }

    private async Task<Stream> ConnectTlsAsync(WebApplication app, X509Certificate2 certificate)
    {
        var stream = new SslStream(
            await ConnectAsync(app),
            leaveInnerStreamOpen: false,
            (_, shown, _, _) => shown?.GetCertHashString() == _serverCertificate.GetCertHashString());
        await stream.AuthenticateAsClientAsync(
            new SslClientAuthenticationOptions { TargetHost = "127.0.0.1", ClientCertificates = [certificate] });
        return stream;
    }
}
