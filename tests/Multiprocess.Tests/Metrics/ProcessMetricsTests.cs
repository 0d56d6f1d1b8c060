using System.Net.Sockets;
using Multiprocess.Tests.Support;
using Multiprocess.Tests.Transports;

namespace Multiprocess.Tests.Metrics;

/// <summary>What is counted of those who are turned away, and of child processes.</summary>
[Platform("Linux")]
[CancelAfter(60_000)]
public sealed class ProcessMetricsTests
{
    private const string Refused = "multiprocess.connections.refused";
    private const string Failed = "multiprocess.handshakes.failed";

    private SocketDirectory _directory = null!;

    private IpcAddress Address => IpcAddress.Unix(_directory["s.sock"]);

    [SetUp]
    public void MakeDirectory() => _directory = new SocketDirectory();

    [TearDown]
    public void RemoveDirectory() => _directory.Dispose();

    [Test]
    public void A_peer_that_may_not_have_the_interface_is_counted_once_as_refused()
    {
        using var meter = new TestMeter();
        using IpcServer server = IpcServer.Listen<IStage>(
            Address, _ => new Stage(), new IpcServerOptions { Authorize = (_, _) => false });

        Assert.That(() => IpcConnection.Connect<IStage>(Address), Throws.TypeOf<IpcException>());

        Patience.Until(() => meter.Of(Refused).Count == 1, "the refusal is counted");
        Assert.That(meter.Of(Failed), Is.Empty);
    }

    [Test]
    public void A_stranger_is_a_handshake_that_failed()
    {
        using var meter = new TestMeter();
        using IpcServer server = IpcServer.Listen<IStage>(Address, _ => new Stage());
        using var stranger = new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
        stranger.Connect(new UnixDomainSocketEndPoint(_directory["s.sock"]));

        stranger.Send("GET / HTTP/1.1\r\n\r\n"u8);

        Patience.Until(() => meter.Of(Failed).Count == 1, "the handshake is counted");
        Assert.That(meter.Of(Refused), Is.Empty);
    }

    [Test]
    public void A_client_that_is_served_is_neither()
    {
        using var meter = new TestMeter();
        using (IpcServer.Listen<IStage>(Address, _ => new Stage()))
        using (IpcConnection<IStage> client = IpcConnection.Connect<IStage>(Address))
        {
            client.Root.Call(1);
        }

        Assert.That(meter.Of(Refused).Count + meter.Of(Failed).Count, Is.Zero);
    }

    [Test]
    public void A_child_is_counted_when_it_starts_and_while_it_runs()
    {
        using var meter = new TestMeter();
        Assert.That(() => IpcChildProcess.Spawn<IStage>("/bin/false"), Throws.TypeOf<IpcException>());

        Assert.That(meter.Of("multiprocess.children.started").Sum(started => started.Value), Is.EqualTo(1));
        Patience.Until(() => meter.Sum("multiprocess.children") == 0, "the child that has ended is counted no more");
    }
}
