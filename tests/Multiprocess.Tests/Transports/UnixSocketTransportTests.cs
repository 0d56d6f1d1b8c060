using Multiprocess.Transports;
using Multiprocess.Transports.Unix;

namespace Multiprocess.Tests.Transports;

[TestFixture]
internal sealed class UnixSocketTransportTests : TransportConformance
{
    protected override (Transport Here, Transport There) CreatePair() => TransportPair.CreateSocketPair();

    [Test]
    public void Disposed_pairs_leave_no_descriptors_behind()
    {
        int before = Descriptors.Count();

        for (int round = 0; round < 100; round++)
        {
            (UnixSocketTransport here, UnixSocketTransport there) = TransportPair.CreateSocketPair();
            here.Dispose();
            there.Dispose();
        }

        Assert.That(Descriptors.Count(), Is.LessThan(before + 20));
    }

    [Test]
    public void A_descriptor_is_not_given_back_while_a_thread_is_inside_a_call_on_it()
    {
        (var first, var second) = TransportPair.CreateSocketHandles();
        using UnixSocketTransport there = new(second, PeerCredentials.Own(), "there");
        UnixSocketTransport here = new(first, PeerCredentials.Own(), "here");
        using BlockedThread<int> receiver = new(() => here.Receive(new byte[1]));
        receiver.WaitUntilBlocked();
        bool added = false;
        first.DangerousAddRef(ref added);

        here.Dispose();

        Assert.That(receiver.Result(), Is.Zero);
        Assert.That(Descriptors.IsOpen(first.Descriptor), Is.True);
        first.DangerousRelease();
        Assert.That(there.Receive(new byte[1]), Is.Zero);
    }

    [Test]
    public void Closing_wakes_a_receiver_and_a_thread_that_waits_beside_it([Values] bool ownEnd)
    {
        (UnixSocketTransport here, UnixSocketTransport there) = TransportPair.CreateSocketPair();
        using (here)
        using (there)
        {
            Assert.That(here.CanWaitBesideReceiver, Is.True);
            using BlockedThread<int> receiver = new(() => here.Receive(new byte[4]));
            using BlockedThread<bool> waiter = new(() => here.WaitToReceive(-1));
            receiver.WaitUntilBlocked();
            waiter.WaitUntilBlocked();

            (ownEnd ? here : there).Close();

            Assert.That(receiver.Result(), Is.Zero);
            Assert.That(waiter.Result(), Is.True);
        }
    }

    [Test]
    public void Both_ends_are_closed_on_exec()
    {
        (var first, var second) = TransportPair.CreateSocketHandles();
        using (first)
        using (second)
        {
            Assert.That(Descriptors.IsClosedOnExec(first.Descriptor), Is.True);
            Assert.That(Descriptors.IsClosedOnExec(second.Descriptor), Is.True);
        }
    }

    [Test]
    public void A_pair_names_this_process_as_its_peer()
    {
        (UnixSocketTransport here, UnixSocketTransport there) = TransportPair.CreateSocketPair();
        using (here)
        using (there)
        {
            Assert.That(here.Peer, Is.EqualTo(there.Peer));
            Assert.That(here.Peer.ProcessId, Is.EqualTo(Environment.ProcessId));
            Assert.That(PeerCredentials.IsSameUser(here.Peer), Is.True);
        }
    }
}
