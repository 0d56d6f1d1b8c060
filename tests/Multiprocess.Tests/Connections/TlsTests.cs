using System.Net;
using System.Net.Security;
using System.Net.Sockets;
using System.Security.Cryptography.X509Certificates;
using System.Text;
using Microsoft.Extensions.Logging;
using Multiprocess.Tests.Support;

namespace Multiprocess.Tests.Connections;

/// <summary>Servers and clients over TCP: encrypted always, and between those alone who know each other.</summary>
[CancelAfter(60_000)]
[FixtureLifeCycle(LifeCycle.InstancePerTestCase)]
public sealed class TlsTests
{
    private static readonly IpcAddress s_anyPort = "tcp:localhost:0";

    private readonly TestLog _log = new(LogLevel.Warning);

    [Test]
    public void Calls_and_callbacks_run_between_pinned_certificates()
    {
        using IpcServer server = ListenPinned();
        using IpcConnection<IStage> client = ConnectPinned(server.Address);

        Assert.That(client.Root.Call(3), Is.EqualTo(3));
        Assert.That(client.Root.CallBack(3, x => x * 2), Is.EqualTo(6));
    }

    [Test]
    public void Calls_run_between_certificates_of_a_given_authority()
    {
        using IpcServer server = Listen(Certificates.By(Certificates.Authority, Certificates.Server));
        using IpcConnection<IStage> client = Connect(
            server.Address, Certificates.By(Certificates.Authority, Certificates.Client));

        Assert.That(client.Root.Call(3), Is.EqualTo(3));
    }

    [Test]
    public void Each_side_knows_the_others_certificate_and_no_process()
    {
        IpcPeer? seen = null;
        using IpcServer server = IpcServer.Listen<IStage>(
            s_anyPort,
            connection =>
            {
                seen = connection.Peer;
                return new Stage();
            },
            ServerOptions(Certificates.Pinned(Certificates.Server, Certificates.Client)));
        using IpcConnection<IStage> client = ConnectPinned(server.Address);
        client.Root.Call(1);

        Assert.That(client.Peer.CertificateSubject, Is.EqualTo("CN=server"));
        Assert.That(client.Peer.CertificateFingerprint, Is.EqualTo(IpcTlsOptions.FingerprintOf(Certificates.Server)));
        Assert.That(seen!.CertificateSubject, Is.EqualTo("CN=client"));
        Assert.That((seen.ProcessId, seen.UserId, seen.GroupId), Is.EqualTo((0, -1L, -1L)));
    }

    [Test]
    public void The_system_chooses_the_port_where_none_is_given()
    {
        using IpcServer server = ListenPinned();

        Assert.That(server.Address.Host, Is.EqualTo("localhost"));
        Assert.That(server.Address.Port, Is.GreaterThan(0));
    }

    [Test]
    public void An_IPv6_literal_is_listened_on_and_connected_to()
    {
        Assume.That(Socket.OSSupportsIPv6, "This system has no IPv6.");
        IpcServer server;
        try
        {
            server = IpcServer.Listen<IStage>(
                "tcp:[::1]:0",
                _ => new Stage(),
                ServerOptions(Certificates.Pinned(Certificates.Server, Certificates.Client)));
        }
        catch (IpcException failure) when (failure.Kind == IpcErrorKind.AddressUnavailable)
        {
            Assert.Inconclusive($"This system has no IPv6 loopback: {failure.Message}");
            return;
        }

        using (server)
        {
            using IpcConnection<IStage> client = ConnectPinned(server.Address);

            Assert.That(server.Address.ToString(), Does.StartWith("tcp:[::1]:"));
            Assert.That(client.Root.Call(3), Is.EqualTo(3));
        }
    }

    [Test]
    public void Without_certificates_an_address_is_refused_on_loopback_too()
    {
        Assert.That(
            () => IpcServer.Listen<IStage>("tcp:127.0.0.1:0", _ => new Stage()),
            Refusal(IpcErrorKind.AddressUnavailable, "TCP needs TLS"));
        Assert.That(
            () => IpcConnection.Connect<IStage>("tcp:127.0.0.1:1"),
            Refusal(IpcErrorKind.AddressUnavailable, "TCP needs TLS"));
    }

    [Test]
    public void Trusting_nobody_is_refused()
        => Assert.That(
            () => Listen(new IpcTlsOptions { Certificate = Certificates.Server }),
            Refusal(IpcErrorKind.AddressUnavailable, nameof(IpcTlsOptions.PinnedFingerprints)));

    [Test]
    public void Nothing_turns_encryption_off()
    {
        string[] names = [.. typeof(IpcTlsOptions).GetProperties().Select(property => property.Name)];

        Assert.That(names, Is.EquivalentTo(new[]
        {
            nameof(IpcTlsOptions.Certificate), nameof(IpcTlsOptions.IntermediateCertificates),
            nameof(IpcTlsOptions.PinnedFingerprints),
            nameof(IpcTlsOptions.TrustedAuthorities), nameof(IpcTlsOptions.ServerName),
        }));
    }

    [Test]
    public void A_server_that_is_not_pinned_is_refused_by_its_client()
    {
        using IpcServer server = ListenPinned();

        Assert.That(
            () => Connect(server.Address, Certificates.Pinned(Certificates.Client, Certificates.SelfSigned)),
            Refusal(IpcErrorKind.Refused, "none of those that are pinned"));
    }

    [Test]
    public void A_client_that_is_not_pinned_is_refused_by_its_server_and_both_say_so()
    {
        using IpcServer server = ListenPinned();

        Assert.That(
            () => Connect(server.Address, Certificates.Pinned(Certificates.SelfSigned, Certificates.Server)),
            Refusal(IpcErrorKind.Refused, "'CN=self' with fingerprint"));
        Patience.Until(
            () => _log.Entries.Any(entry => entry.Text.Contains("none of those that are pinned")),
            "the server's log says why");
    }

    [Test]
    public void A_client_of_another_authority_is_refused()
    {
        using IpcServer server = Listen(Certificates.By(Certificates.OtherAuthority, Certificates.Server));

        Assert.That(
            () => Connect(server.Address, Certificates.By(Certificates.Authority, Certificates.Client)),
            Refusal(IpcErrorKind.Refused, "trusted authority"));
        Patience.Until(
            () => _log.Entries.Any(entry => entry.Text.Contains("trusted authority")), "the server's log says why");
    }

    [Test]
    public void A_server_with_another_name_is_refused_by_a_client_that_trusts_its_authority()
    {
        using IpcServer server = Listen(Certificates.By(Certificates.Authority, Certificates.Server));

        Assert.That(
            () => Connect(
                server.Address,
                Certificates.By(Certificates.Authority, Certificates.Client) with { ServerName = "example.org" }),
            Refusal(IpcErrorKind.Refused, "another name"));
    }

    [Test]
    public void A_certificate_of_the_wrong_purpose_is_refused()
    {
        using IpcServer server = Listen(Certificates.By(Certificates.Authority, Certificates.Server));

        Assert.That(
            () => Connect(server.Address, Certificates.By(Certificates.Authority, Certificates.Server)),
            Refusal(IpcErrorKind.Refused, "trusted authority"));
    }

    [Test]
    public void A_certificate_outside_of_its_dates_is_refused_even_when_it_is_pinned()
    {
        using IpcServer server = ListenPinned();

        Assert.That(
            () => IpcConnection.Connect<IStage>(server.Address, new IpcConnectionOptions
            {
                Tls = Certificates.Pinned(Certificates.Client, Certificates.Server),
                TimeProvider = new ManualTime(),
            }),
            Refusal(IpcErrorKind.Refused, "is good from"));
    }

    [Test]
    public void Where_pins_and_authorities_are_given_both_must_hold()
    {
        using IpcServer server = Listen(Certificates.By(Certificates.Authority, Certificates.Server));
        IpcTlsOptions pinned = Certificates.Pinned(Certificates.Client, Certificates.Server);

        using IpcConnection<IStage> both = Connect(
            server.Address, pinned with { TrustedAuthorities = [Certificates.Authority] });
        Assert.That(both.Root.Call(1), Is.EqualTo(1));
        Assert.That(
            () => Connect(server.Address, pinned with { TrustedAuthorities = [Certificates.OtherAuthority] }),
            Refusal(IpcErrorKind.Refused, "trusted authority"));
    }

    [Test]
    public void A_client_without_TLS_gets_nothing_and_the_next_one_is_served()
    {
        using IpcServer server = ListenPinned();
        using var stranger = new Socket(SocketType.Stream, ProtocolType.Tcp);
        stranger.Connect(IPAddress.Loopback, server.Address.Port);
        stranger.ReceiveTimeout = Patience.Milliseconds;

        stranger.Send("\u0020\0\0\0plainly"u8);

        byte[] answer = new byte[1024];
        int length = ReceiveOrEnd(stranger, answer);
        Assert.That(answer.AsSpan(0, length).IndexOf("multiprocess"u8), Is.Negative, "an alert at most");
        using IpcConnection<IStage> client = ConnectPinned(server.Address);
        Assert.That(client.Root.Call(1), Is.EqualTo(1));
    }

    [Test]
    public void A_client_without_a_certificate_is_refused_and_told_so()
    {
        bool made = false;
        using IpcServer server = IpcServer.Listen<IStage>(
            s_anyPort,
            _ =>
            {
                made = true;
                return new Stage();
            },
            ServerOptions(Certificates.Pinned(Certificates.Server, Certificates.Client)));
        using var stranger = new TcpClient("localhost", server.Address.Port);
        using var secured = new SslStream(stranger.GetStream());
        secured.AuthenticateAsClient(new SslClientAuthenticationOptions
        {
            TargetHost = "localhost",
            RemoteCertificateValidationCallback = (_, _, _, _) => true
        });

        using var answer = new MemoryStream();
        secured.CopyTo(answer);

        Assert.That(
            Encoding.UTF8.GetString(answer.ToArray()),
            Does.Contain("it showed no certificate").And.Not.Contain("multiprocess"));
        Assert.That(made, Is.False);
    }

    [Test]
    public void A_handshake_that_stays_half_open_ends_in_time()
    {
        using IpcServer server = IpcServer.Listen<IStage>(
            s_anyPort,
            _ => new Stage(),
            ServerOptions(
                Certificates.Pinned(
                    Certificates.Server, Certificates.Client)) with { ConnectTimeout = TimeSpan.FromMilliseconds(50),
                MaxHandshakes = 1 });
        using var silent = new Socket(SocketType.Stream, ProtocolType.Tcp);
        silent.Connect(IPAddress.Loopback, server.Address.Port);
        silent.ReceiveTimeout = Patience.Milliseconds;

        Assert.That(ReceiveOrEnd(silent, new byte[1]), Is.Zero);
        Patience.Until(() => _log.Entries.Any(entry => entry.Text.Contains("50 ms")), "the server's log says why");
    }

    [Test]
    public void A_server_that_is_silent_is_given_up_in_time()
    {
        using var silent = new TcpListener(IPAddress.Loopback, 0);
        silent.Start();

        Assert.That(
            () => IpcConnection.Connect<IStage>(
                IpcAddress.Tcp("127.0.0.1", ((IPEndPoint)silent.LocalEndpoint).Port),
                new IpcConnectionOptions
                {
                    Tls = Certificates.Pinned(Certificates.Client, Certificates.Server),
                    ConnectTimeout = TimeSpan.FromMilliseconds(50),
                }),
            Throws.TypeOf<IpcTimeoutException>().With.Message.Contains("50 ms"));
    }

    [Test]
    public void Nobody_there_is_said_with_the_address()
    {
        int port;
        using (var unused = new TcpListener(IPAddress.Loopback, 0))
        {
            unused.Start();
            port = ((IPEndPoint)unused.LocalEndpoint).Port;
        }

        Assert.That(
            () => ConnectPinned(IpcAddress.Tcp("127.0.0.1", port)),
            Throws.TypeOf<IpcDisconnectedException>().With.Message.Contains($"tcp:127.0.0.1:{port}"));
    }

    [Test]
    public void A_taken_port_is_said_with_the_address()
    {
        using IpcServer server = ListenPinned();

        Assert.That(
            () => IpcServer.Listen<IStage>(
                server.Address,
                _ => new Stage(),
                ServerOptions(Certificates.Pinned(Certificates.Server, Certificates.Client))),
            Refusal(IpcErrorKind.AddressUnavailable, server.Address.ToString()));
    }

    [TestCase(null, false)]
    [TestCase(true, true)]
    public void Stacks_cross_only_when_asked(bool? option, bool crosses)
    {
        using IpcServer server = IpcServer.Listen<IStage>(
            s_anyPort,
            _ => new Stage { OnCall = _ => throw new PrivateTrouble("the message") },
            ServerOptions(
                Certificates.Pinned(Certificates.Server, Certificates.Client)) with { SendStackTraces = option });
        using IpcConnection<IStage> client = ConnectPinned(server.Address);

        IpcRemoteException? caught = Assert.Throws<IpcRemoteException>(() => client.Root.Call(1));

        Assert.That(
            (caught!.RemoteType, caught.RemoteMessage), Is.EqualTo((typeof(PrivateTrouble).FullName, "the message")));
        Assert.That(caught.RemoteStackTrace is not null, Is.EqualTo(crosses));
    }

    [Test]
    public async Task A_goodbye_is_heard_and_the_survivor_goes_on()
    {
        using IpcServer server = ListenPinned();
        using IpcConnection<IStage> first = ConnectPinned(server.Address);
        using IpcConnection<IStage> second = ConnectPinned(server.Address);
        first.Root.Call(1);
        second.Root.Call(1);

        server.Connections[0].Dispose();
        IpcConnection<IStage>[] clients = [first, second];
        await Task.WhenAny(first.Completion, second.Completion).WaitAsync(Patience.Bound);

        IpcConnection<IStage> left = clients.Single(client => !client.Completion.IsCompleted);
        Assert.That(left.Root.Call(5), Is.EqualTo(5));
        Assert.That(
            () => clients.Single(client => client != left).Root.Call(1),
            Throws.TypeOf<IpcDisconnectedException>().With.Message.Contains("closed the connection"));
    }

    [Test]
    public void A_megabyte_goes_both_ways()
    {
        using IpcServer server = IpcServer.Listen<Calls.IShapes>(
            s_anyPort,
            _ => new Calls.Shapes(),
            ServerOptions(Certificates.Pinned(Certificates.Server, Certificates.Client)));
        using IpcConnection<Calls.IShapes> client = IpcConnection.Connect<Calls.IShapes>(
            server.Address,
            new IpcConnectionOptions { Tls = Certificates.Pinned(Certificates.Client, Certificates.Server) });
        string text = new('x', 1_000_000);

        Assert.That(client.Root.EchoText(text), Is.EqualTo(text));
    }

    [TestCase("not hexadecimal")]
    [TestCase("AB:CD")]
    public void A_pin_that_is_no_fingerprint_is_refused(string pin)
        => Assert.That(
            () => new IpcTlsOptions { Certificate = Certificates.Server, PinnedFingerprints = [pin] },
            Throws.TypeOf<FormatException>().With.Message.Contains(pin));

    [Test]
    public void A_pin_may_be_written_with_colons_and_small_letters()
    {
        string pin = string.Join(
            ':',
            IpcTlsOptions
                .FingerprintOf(Certificates.Server)
                .ToLowerInvariant()
                .Chunk(2)
                .Select(pair => new string(pair)));
        using IpcServer server = ListenPinned();

        using IpcConnection<IStage> client = Connect(
            server.Address, new IpcTlsOptions { Certificate = Certificates.Client, PinnedFingerprints = [pin] });

        Assert.That(client.Root.Call(1), Is.EqualTo(1));
    }

    [Test]
    public void A_certificate_without_its_key_is_refused()
    {
        using X509Certificate2 bare = X509CertificateLoader.LoadCertificate(Certificates.Server.RawData);

        Assert.That(
            () => new IpcTlsOptions { Certificate = bare },
            Throws.ArgumentException.With.Message.Contains("private key"));
    }

    private static NUnit.Framework.Constraints.Constraint Refusal(IpcErrorKind kind, string text)
        => Throws.InstanceOf<IpcException>().With.Property(
            nameof(IpcException.Kind)).EqualTo(kind).And.Message.Contains(text);

    private static int ReceiveOrEnd(Socket socket, byte[] buffer)
    {
        int length = socket.Receive(buffer, SocketFlags.None, out SocketError error);
        Assert.That(error, Is.AnyOf(SocketError.Success, SocketError.ConnectionReset));
        return length;
    }

    private static IpcConnection<IStage> ConnectPinned(IpcAddress address)
        => Connect(address, Certificates.Pinned(Certificates.Client, Certificates.Server));

    private static IpcConnection<IStage> Connect(IpcAddress address, IpcTlsOptions tls)
        => IpcConnection.Connect<IStage>(address, new IpcConnectionOptions { Tls = tls });

    private IpcServer ListenPinned() => Listen(Certificates.Pinned(Certificates.Server, Certificates.Client));

    private IpcServer Listen(IpcTlsOptions tls)
        => IpcServer.Listen<IStage>(s_anyPort, _ => new Stage(), ServerOptions(tls));

    private IpcServerOptions ServerOptions(IpcTlsOptions tls) => new() { Tls = tls, LoggerFactory = _log };

    private sealed class PrivateTrouble(string message) : Exception(message);
}
