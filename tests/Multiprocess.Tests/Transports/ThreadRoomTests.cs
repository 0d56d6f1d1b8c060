using Multiprocess.Tests.Support;
using Multiprocess.Transports;

namespace Multiprocess.Tests.Transports;

/// <summary>
/// What is kept of addresses and mappings for the runtime itself; the siege of the stress program takes them really.
/// </summary>
[Platform("Linux")]
[NonParallelizable]
public sealed class ThreadRoomTests
{
    [Test]
    public void A_thread_for_a_peer_is_counted_while_it_lives()
    {
        int before = ThreadRoom.Threads;
        var end = new Signal();
        BackgroundThread.StartForPeer(end.Await, "test");

        Assert.That(ThreadRoom.Threads, Is.EqualTo(before + 1));
        end.Set();
        Patience.Until(() => ThreadRoom.Threads == before, "it has ended");
    }

    [Test]
    public void A_thread_that_the_system_does_not_give_is_not_counted()
    {
        int before = ThreadRoom.Threads;
        BackgroundThread.Refuses = name => name == "test";
        try
        {
            Assert.That(() => BackgroundThread.StartForPeer(() => { }, "test"), Throws.TypeOf<OutOfMemoryException>());
        }
        finally
        {
            BackgroundThread.Refuses = null;
        }

        Assert.That(ThreadRoom.Threads, Is.EqualTo(before));
    }

    [Test]
    public void A_stack_for_which_there_are_no_addresses_is_refused_before_anything_is_begun()
    {
        // More addresses than a process of 64 bits can have; of the others none is ever touched.
        Assert.That(ThreadRoom.HasAddresses(1L << 56), Is.False);
        Assert.That(ThreadRoom.HasAddresses(0), Is.True);
    }

    [Test]
    public void Looking_for_mappings_leaves_none()
    {
        int before = Inaccessible();

        Assert.That(ThreadRoom.HasMappings(4000), Is.True);
        Assert.That(Inaccessible() - before, Is.LessThan(1000), "Four thousand were made.");
    }

    [Test]
    public void With_many_threads_calls_still_get_theirs()
    {
        int threads = ThreadRoom.Threads;
        ThreadRoom.Threads += 5000;
        try
        {
            using IpcTestPair<IStage> pair = IpcTestPair.Create<IStage>(new Stage());
            Assert.That(TestThread.Run(() => pair.Root.Call(4)), Is.EqualTo(4));
        }
        finally
        {
            ThreadRoom.Threads -= 5000;
        }

        Assert.That(ThreadRoom.Threads, Is.GreaterThanOrEqualTo(threads));
    }

    private static int Inaccessible()
        => File.ReadLines("/proc/self/maps").Count(line => line.Contains(" ---p ", StringComparison.Ordinal));
}
