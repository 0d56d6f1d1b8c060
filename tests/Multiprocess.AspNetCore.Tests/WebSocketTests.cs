using System.Diagnostics;
using System.Net;
using System.Net.WebSockets;
using System.Security.Cryptography.X509Certificates;
using Microsoft.AspNetCore.Authentication;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Multiprocess.Hosting.Tests;

namespace Multiprocess.AspNetCore.Tests;

/// <summary>A contract over a WebSocket of a Kestrel server with TLS and an authorization policy.</summary>
[CancelAfter(120_000)]
public sealed class WebSocketTests
{
    private static readonly TimeSpan s_bound = TimeSpan.FromSeconds(60);

    private X509Certificate2 _certificate = null!;
    private WebApplication _app = null!;
    private Uri _url = null!;

    // In its own folder: these tests have the shared framework of ASP.NET Core instead of the packages that it needs.
    private static string Program { get; } = Path.GetFullPath(Path.Combine(
        AppContext.BaseDirectory,
        "../../../../Multiprocess.Hosting.Program/bin",
        Configuration,
        "net10.0/hosting-program"));

    private static string Configuration
        => Path.GetFileName(Path.GetDirectoryName(Path.TrimEndingDirectorySeparator(AppContext.BaseDirectory)))!;

    private string Fingerprint => Certificates.Fingerprint(_certificate);

    private GateLog Log => _app.Services.GetRequiredService<GateLog>();

    [SetUp]
    public async Task Start()
    {
        _certificate = Certificates.Make("server");
        WebApplicationBuilder builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.UseKestrelHttpsConfiguration()
            .ConfigureKestrel(
                kestrel => kestrel.Listen(IPAddress.Loopback, 0, listen => listen.UseHttps(_certificate)));
        builder.Services.AddAuthentication("header").AddScheme<AuthenticationSchemeOptions, HeaderAuthentication>(
            "header", null);
        builder.Services.AddAuthorization(
            options => options.AddPolicy("operators", policy => policy.RequireUserName("alice")));
        builder.Services.AddSingleton<GateLog>();
        builder.Services.AddScoped<IGate, Gate>();
        builder.Services.AddIpcEndpoints();
        WebApplication app = builder.Build();
        _app = app;

        app.MapIpc<IGate>("/ipc").RequireAuthorization("operators");

        app.MapIpc<IGate>("/open", options => options.AllowedOrigins.Add("https://friend.example"));
        await app.StartAsync();
        _url = new UriBuilder(app.Urls.First()) { Scheme = "wss", Path = "/ipc" }.Uri;
    }

    [TearDown]
    public async Task Stop()
    {
        await _app.DisposeAsync();
        _certificate.Dispose();
    }

    [Test]
    public async Task A_client_in_another_process_is_the_user_that_the_policy_lets_in()
    {
        (int code, string said) = await RunClient("alice");

        Assert.That((code, said), Is.EqualTo((0, "alice asked: 42")));
    }

    [TestCase("mallory", "403")]
    [TestCase("", "401")]
    public async Task A_client_in_another_process_that_the_policy_does_not_let_in_is_refused(string user, string status)
    {
        (int code, string said) = await RunClient(user);

        Assert.That(code, Is.EqualTo(1));
        Assert.That(said, Does.Contain(status));
    }

    [Test]
    public async Task Large_values_cross()
    {
        using IpcConnection<IGate> connection = await GateClient.ConnectAsync(_url, Fingerprint, "alice");
        byte[] bytes = new byte[5_000_000];
        new Random(1).NextBytes(bytes);

        Assert.That(connection.Root.Echo(bytes), Is.EqualTo(bytes));
    }

    [Test]
    public async Task The_scope_of_the_request_ends_with_the_connection()
    {
        IpcConnection<IGate> connection = await GateClient.ConnectAsync(_url, Fingerprint, "alice");
        Assert.That(connection.Root.Who(), Is.EqualTo("alice"));

        connection.Dispose();

        Assert.That(Log.Events.TryTake(out string? what, s_bound) ? what : null, Is.EqualTo("disposed"));
    }

    [Test]
    public async Task A_client_that_leaves_says_goodbye()
    {
        using IpcConnection<IGate> connection = await GateClient.ConnectAsync(_url, Fingerprint, "alice");
        Assert.That(connection.Root.Who(), Is.EqualTo("alice"));
        IpcConnection served = Log.Connection!;

        connection.Dispose();

        Assert.That(async () => await served.Completion.WaitAsync(s_bound), Throws.Nothing);
    }

    [Test]
    public async Task A_stopping_application_cancels_calls_and_answers_them()
    {
        using IpcConnection<IGate> connection = await GateClient.ConnectAsync(_url, Fingerprint, "alice");
        Task<string> waiting = connection.Root.WaitAsync();
        Assert.That(Log.Events.TryTake(out _, s_bound), Is.True);

        await _app.StopAsync().WaitAsync(s_bound);

        Assert.That(await waiting.WaitAsync(s_bound), Is.EqualTo("cancelled"));
        Assert.That(
            async () => await connection.Completion.WaitAsync(s_bound), Throws.Nothing, "it was closed in good order");
    }

    [TestCase("https://evil.example", false)]
    [TestCase("https://friend.example", true)]
    [TestCase("own", true)]
    public async Task Pages_of_other_sites_may_not_connect(string origin, bool isAllowed)
    {
        Uri url = new UriBuilder(_url) { Path = "/open" }.Uri;
        string said = origin == "own" ? $"https://{_url.Authority}" : origin;

        if (isAllowed)
        {
            using IpcConnection<IGate> connection = await GateClient.ConnectAsync(url, Fingerprint, "bob", said);
            Assert.That(connection.Root.Who(), Is.EqualTo("bob"));
        }
        else
        {
            Assert.That(
                async () => await GateClient.ConnectAsync(url, Fingerprint, "bob", said),
                Throws.InstanceOf<WebSocketException>().With.Message.Contains("403"));
        }
    }

    [Test]
    public async Task A_request_that_is_no_WebSocket_is_told_so()
    {
        using var handler = new HttpClientHandler
        {
            ServerCertificateCustomValidationCallback = (_, shown, _, _)
                => shown is not null && Certificates.Fingerprint(shown) == Fingerprint,
        };
        using var client = new HttpClient(handler);

        using HttpResponseMessage answer = await client.GetAsync(
            new UriBuilder(_url) { Scheme = "https", Path = "/open" }.Uri);

        Assert.That(answer.StatusCode, Is.EqualTo(HttpStatusCode.UpgradeRequired));
    }

    [Test]
    public async Task A_socket_that_speaks_something_else_is_ended_and_harms_nobody()
    {
        using var socket = new ClientWebSocket();
        socket.Options.RemoteCertificateValidationCallback = (_, _, _, _) => true;
        await socket.ConnectAsync(new UriBuilder(_url) { Path = "/open" }.Uri, CancellationToken.None);

        await socket.SendAsync(
            "GET / HTTP/1.1\r\n\r\n"u8.ToArray(), WebSocketMessageType.Binary, true, CancellationToken.None);

        byte[] buffer = new byte[4096];
        await DrainAsync(socket, buffer).WaitAsync(s_bound);
        using IpcConnection<IGate> connection = await GateClient.ConnectAsync(_url, Fingerprint, "alice");
        Assert.That(connection.Root.Who(), Is.EqualTo("alice"));
    }

    private static async Task DrainAsync(ClientWebSocket socket, byte[] buffer)
    {
        try
        {
            while ((await socket.ReceiveAsync(buffer, CancellationToken.None)).MessageType
                != WebSocketMessageType.Close)
            {
            }
        }
        catch (WebSocketException)
        {
            // Ended without a word: as good.
        }
    }

    private async Task<(int Code, string Said)> RunClient(string user)
    {
        var start = new ProcessStartInfo(Program, ["web", _url.ToString(), Fingerprint, user])
        {
            RedirectStandardOutput = true,
        };
        using Process client = Process.Start(start)!;
        string said = await client.StandardOutput.ReadToEndAsync().WaitAsync(s_bound);
        await client.WaitForExitAsync().WaitAsync(s_bound);
        return (client.ExitCode, said.Trim());
    }
}
