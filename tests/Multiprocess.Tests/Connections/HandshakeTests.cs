using Multiprocess.Connections;
using Multiprocess.Messages;
using Multiprocess.Objects;
using Multiprocess.Protocols;
using Multiprocess.Serialization;
using Multiprocess.Tests.Support;
using Multiprocess.Transports;

namespace Multiprocess.Tests.Connections;

public sealed class HandshakeTests(IpcTestTransport transport) : PairFixture(transport)
{
    [Test]
    public void A_call_before_Hello_is_refused()
    {
        using RawPeer peer = Begin(out TestThread<ServedConnection> serving);

        peer.SendCall(1, 1, 0, 1, 1, (ref MessagePackWriter writer) => writer.WriteArrayHeader(0));

        Assert.That(serving.Join, Throws.TypeOf<IpcProtocolException>().With.Message.Contains("Expected a Hello"));
        Assert.That(peer.ReceiveGoodbye().Kind, Is.EqualTo(IpcErrorKind.Protocol));
    }

    [Test]
    public void A_stranger_is_told_what_is_spoken_here()
    {
        using RawPeer peer = Begin(out TestThread<ServedConnection> serving);

        peer.Send((ref MessagePackWriter writer) =>
        {
            MessageFormat.Begin(ref writer);
            writer.WriteArrayHeader(9);
            writer.Write((byte)MessageType.Hello);
            writer.Write("stranger");
        });

        Assert.That(serving.Join, Throws.TypeOf<IpcProtocolException>().With.Message.Contains("multiprocess"));
    }

    [Test]
    public void Another_version_is_refused_by_number()
    {
        using RawPeer peer = Begin(out TestThread<ServedConnection> serving);

        peer.Send(new Hello(99, 1, null, 0, null, 0, 1 << 20).Write);

        IpcException caught = Assert.Throws<IpcException>(() => serving.Join())!;
        Assert.That(caught.Kind, Is.EqualTo(IpcErrorKind.Refused));
        Assert.That(caught.Message, Does.Contain("99"));
        Assert.That(peer.ReceiveGoodbye().Kind, Is.EqualTo(IpcErrorKind.Refused));
    }

    [Test]
    public void Another_contract_is_refused_by_name_on_both_sides()
    {
        (Transport clientEnd, Transport serverEnd) = RawPeer.MakeTransports(Transport);
        TestThread<ServedConnection> serving = TestThread.Start(
            () => ServedConnection.Open<IStage>(serverEnd, new IpcConnectionOptions(), _ => new Stage()));

        IpcException client = Assert.Throws<IpcException>(
            () => IpcConnection<IRaw>.Open(clientEnd, new IpcConnectionOptions()))!;

        Assert.That(client.Kind, Is.EqualTo(IpcErrorKind.Refused));
        Assert.That(client.Message, Does.Contain(nameof(IRaw)));
        Assert.That(() => serving.Join(), Throws.InstanceOf<IpcException>());
    }

    [Test]
    public void A_large_frame_before_Hello_is_refused()
    {
        using RawPeer peer = Begin(out TestThread<ServedConnection> serving);

        peer.SendBytes(BitConverter.GetBytes(HelloMessage.MaxHandshakeBytes + 1));

        Assert.That(
            serving.Join,
            Throws.TypeOf<IpcProtocolException>().With.Message.Contains(
                "exceeds the limit of 4,096, which is that of a handshake"));
    }

    [Test]
    public void A_peer_that_never_says_Hello_is_given_up()
    {
        using RawPeer peer = Begin(
            out TestThread<ServedConnection> serving,
            new IpcConnectionOptions { ConnectTimeout = TimeSpan.FromMilliseconds(50) });

        peer.SendBytes([20, 0]);

        Assert.That(serving.Join, Throws.TypeOf<IpcTimeoutException>());
    }

    [Test]
    public void A_peer_that_leaves_before_Hello_is_a_lost_connection()
    {
        RawPeer peer = Begin(out TestThread<ServedConnection> serving);

        peer.Dispose();

        Assert.That(serving.Join, Throws.TypeOf<IpcDisconnectedException>());
    }

    [Test]
    public void A_peer_that_takes_too_small_frames_is_refused()
    {
        using RawPeer peer = Begin(out TestThread<ServedConnection> serving);

        peer.Send(new Hello(HelloMessage.CurrentVersion, 1, null, 0, null, 0, 100).Write);

        Assert.That(serving.Join, Throws.TypeOf<IpcProtocolException>());
    }

    [Test]
    public void Calls_that_come_while_the_root_is_made_wait_for_it()
    {
        var make = new Signal();
        (Transport clientEnd, Transport serverEnd) = RawPeer.MakeTransports(Transport);
        TestThread<ServedConnection> serving = TestThread.Start(
            () => ServedConnection.Open<IStage>(serverEnd, new IpcConnectionOptions(), _ =>
            {
                make.Await();
                return new Stage();
            }));
        IpcConnection<IStage> client = IpcConnection<IStage>.Open(clientEnd, new IpcConnectionOptions());
        EndWithTest(client);
        TestThread<int> caller = TestThread.Start(() => client.Root.Call(4));

        Assert.That(caller.HasEnded, Is.False);
        make.Set();
        EndWithTest(serving.Join());

        Assert.That(caller.Join(), Is.EqualTo(4));
    }

    [Test]
    public void A_root_that_cannot_be_made_is_told_to_the_client()
    {
        (Transport clientEnd, Transport serverEnd) = RawPeer.MakeTransports(Transport);
        TestThread<ServedConnection> serving = TestThread.Start(() => ServedConnection.Open<IStage>(
            serverEnd, new IpcConnectionOptions(), _ => throw new InvalidOperationException("no database")));
        IpcConnection<IStage> client = IpcConnection<IStage>.Open(clientEnd, new IpcConnectionOptions());
        EndWithTest(client);

        Assert.That(() => serving.Join(), Throws.InvalidOperationException);
        Assert.That(client.Closed.WaitHandle.WaitOne(Patience.Bound), Is.True);
        Assert.That(
            () => client.Root.Call(1), Throws.TypeOf<IpcDisconnectedException>().With.Message.Contains("no database"));
    }

    [Test]
    public void The_factory_of_the_root_receives_the_connection()
    {
        IpcConnection? received = null;

        IpcTestPair<IStage> pair = Serve<IStage>(connection =>
        {
            received = connection;
            return new Stage();
        });

        Assert.That(received, Is.SameAs(pair.Server));
        Assert.That(pair.Server.Peer.ProcessId, Is.EqualTo(Environment.ProcessId));
    }

    private RawPeer Begin(out TestThread<ServedConnection> serving, IpcConnectionOptions? options = null)
    {
        (Transport raw, Transport real) = RawPeer.MakeTransports(Transport);
        serving = TestThread.Start(
            () => ServedConnection.Open<IStage>(real, options ?? new IpcConnectionOptions(), _ => new Stage()));
        Assert.That(ContractBinding<IStage>.Instance.Name, Is.Not.Empty);
        return new RawPeer(raw);
    }
}
