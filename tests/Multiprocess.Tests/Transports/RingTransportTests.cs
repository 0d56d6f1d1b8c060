using Multiprocess.Native;
using Multiprocess.Transports;
using Multiprocess.Transports.Rings;
using Multiprocess.Transports.Unix;

namespace Multiprocess.Tests.Transports;

/// <summary>The transport whose two directions are in shared memory.</summary>
[TestFixture]
[Platform("Linux")]
internal sealed class RingTransportTests : TransportConformance
{
    protected override (Transport Here, Transport There) CreatePair() => RingPair.InMemory(64 * 1024);

    [Test]
    public void A_message_to_a_side_that_spins_makes_no_system_call()
    {
        (RingTransport client, RingTransport server) = RingPair.InMemory(64 * 1024);
        using (client)
        using (server)
        {
            byte[] buffer = new byte[64];
            long before = client.SocketUses + server.SocketUses;
            for (int i = 0; i < 10_000; i++)
            {
                Assert.That(client.TrySend([1, 2, 3], default), Is.EqualTo(3));
                Assert.That(server.SpinToReceive(buffer, 1), Is.EqualTo(3));
                Assert.That(server.TrySend([4, 5], default), Is.EqualTo(2));
                Assert.That(client.SpinToReceive(buffer, 1), Is.EqualTo(2));
            }

            Assert.That(client.SocketUses + server.SocketUses - before, Is.Zero);
        }
    }

    [Test]
    public void A_side_that_blocks_is_woken_by_one_doorbell()
    {
        (RingTransport client, RingTransport server) = RingPair.InMemory(64 * 1024);
        using (client)
        using (server)
        {
            byte[] buffer = new byte[64];
            using BlockedThread<int> receiver = new(() => server.Receive(buffer));
            receiver.WaitUntilBlocked();
            long before = client.SocketUses;

            client.TrySend([1, 2, 3], default);
            client.TrySend([4], default);

            Assert.That(receiver.Result(), Is.Positive);
            Assert.That(client.SocketUses - before, Is.EqualTo(1));
        }
    }

    [Test]
    public void Closing_wakes_a_receiver_and_a_thread_that_waits_beside_it([Values] bool ownEnd)
    {
        (RingTransport here, RingTransport there) = RingPair.InMemory(64 * 1024);
        using (here)
        using (there)
        {
            using BlockedThread<int> receiver = new(() => here.Receive(new byte[4]));
            using BlockedThread<bool> waiter = new(() => here.WaitToReceive(-1));
            receiver.WaitUntilBlocked();
            waiter.WaitUntilBlocked();

            (ownEnd ? here : there).Close();

            Assert.That(receiver.Result(), Is.Zero);
            Assert.That(waiter.Result(), Is.True);
        }
    }

    /// <summary>
    /// Whoever takes the doorbell, the thread that polls learns of what is left: by its poll, or by what the reading
    /// thread must still take.
    /// </summary>
    [Test]
    public void A_thread_that_polls_beside_a_receiver_misses_nothing()
    {
        (RingTransport here, RingTransport there) = RingPair.InMemory(64 * 1024);
        using (here)
        using (there)
        {
            for (int round = 0; round < 200; round++)
            {
                using BlockedThread<int> receiver = new(() => here.Receive(new byte[1]));
                using BlockedThread<bool> waiter = new(() => here.WaitToReceive(-1));
                receiver.WaitUntilBlocked();
                waiter.WaitUntilBlocked();
                there.TrySend([1, 2, 3], default);
                Assert.That(receiver.Result(), Is.EqualTo(1));
                while (here.Unseen > 0)
                {
                    Assert.That(here.TryReceive(new byte[1]), Is.EqualTo(1));
                }

                there.TrySend([4], default);

                Assert.That(waiter.Result(), Is.True);
                while (here.TryReceive(new byte[16]) != Transport.WouldBlock)
                {
                }
            }
        }
    }
}

/// <summary>The transport that can move, and has not.</summary>
[TestFixture]
[Platform("Linux")]
internal sealed class RingTransportOnSocketTests : TransportConformance
{
    protected override (Transport Here, Transport There) CreatePair() => RingPair.OnSocket();
}

/// <summary>The transport that has moved into memory and back.</summary>
[TestFixture]
[Platform("Linux")]
internal sealed class RingTransportReturnedTests : TransportConformance
{
    protected override (Transport Here, Transport There) CreatePair()
    {
        (RingTransport here, RingTransport there) = RingPair.InMemory(4 * 1024);
        RingPair.Return(here, there);
        RingPair.Return(there, here);
        return (here, there);
    }
}

/// <summary>Pairs of transports that can move, moved by hand.</summary>
internal static class RingPair
{
    /// <summary>Both directions on the socket.</summary>
    public static (RingTransport Client, RingTransport Server) OnSocket()
    {
        (UnixSocketTransport client, UnixSocketTransport server) = TransportPair.CreateSocketPair();
        return (new RingTransport(client, isClient: true), new RingTransport(server, isClient: false));
    }

    /// <summary>Both directions in memory, each mapped twice as in two processes.</summary>
    public static (RingTransport Client, RingTransport Server) InMemory(int ringBytes)
    {
        (RingTransport client, RingTransport server) = OnSocket();
        RingMemory ofServer = RingMemory.Create(ringBytes, out NativeHandle? file)!;
        RingMemory ofClient = RingMemory.Open(file!, ringBytes)!;
        file!.Dispose();
        Move(client, ofClient, server, ofServer);
        Move(server, ofServer, client, ofClient);
        return (client, server);
    }

    /// <summary>Moves one direction, behind one byte as its announcement.</summary>
    public static void Move(RingTransport sender, RingMemory ofSender, RingTransport receiver, RingMemory ofReceiver)
    {
        sender.Mark(new SendingMark(SendingChange.ToRing, Sent(sender) + 1, ofSender));
        Announce(sender, receiver);
        receiver.ReceiveFromRing(ofReceiver, []);

        // Takes the doorbell of the move.
        Assert.That(receiver.TryReceive(new byte[1]), Is.EqualTo(Transport.WouldBlock));
    }

    /// <summary>Moves one direction back, behind one byte as its announcement.</summary>
    public static void Return(RingTransport sender, RingTransport receiver)
    {
        sender.Mark(new SendingMark(SendingChange.ToSocket, Sent(sender) + 1));
        Announce(sender, receiver);
        receiver.ReceiveFromSocket();
    }

    private static long Sent(RingTransport sender) => sender.SentBytes;

    private static void Announce(RingTransport sender, RingTransport receiver)
    {
        byte[] one = new byte[1];
        Assert.That(sender.TrySend([7], default), Is.EqualTo(1));
        Assert.That(receiver.TryReceive(one), Is.EqualTo(1));
        Assert.That(one[0], Is.EqualTo(7));
    }
}
