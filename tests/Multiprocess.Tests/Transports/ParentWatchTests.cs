using Multiprocess.Processes;
using Multiprocess.Transports;
using Multiprocess.Transports.Unix;

namespace Multiprocess.Tests.Transports;

/// <summary>Any process can be watched, so a child plays the parent here.</summary>
[TestFixture]
internal sealed class ParentWatchTests
{
    [Test]
    public void The_end_of_the_process_is_told_once_on_another_thread()
    {
        (ChildProcess process, UnixSocketTransport transport) = Start();
        using (transport)
        {
            using ManualResetEventSlim told = new();
            int times = 0;
            int thread = 0;
            using ParentWatch? watch = ParentWatch.TryStart(process.Id, () =>
            {
                thread = Environment.CurrentManagedThreadId;
                _ = Interlocked.Increment(ref times);
                told.Set();
            });
            Assert.That(watch, Is.Not.Null);
            Assert.That(told.IsSet, Is.False);

            Assert.That(process.Kill(), Is.True);

            Assert.That(told.Wait(Bounds.Time), Is.True);
            Assert.That(times, Is.EqualTo(1));
            Assert.That(thread, Is.Not.EqualTo(Environment.CurrentManagedThreadId));
            Assert.That(process.Wait(Bounds.Time), Is.True);
        }
    }

    [Test]
    public void A_process_that_is_gone_already_is_told_at_once()
    {
        (ChildProcess process, UnixSocketTransport transport) = Start();
        transport.Dispose();
        Assert.That(process.Wait(Bounds.Time), Is.True);
        using ManualResetEventSlim told = new();

        using ParentWatch? watch = ParentWatch.TryStart(process.Id, told.Set);

        Assert.That(told.Wait(Bounds.Time), Is.True);
    }

    [Test]
    public void After_disposal_nothing_is_told_and_the_descriptors_are_given_back()
    {
        (ChildProcess process, UnixSocketTransport transport) = Start();
        using (transport)
        {
            int before = Descriptors.Count();
            bool told = false;
            for (int round = 0; round < 50; round++)
            {
                ParentWatch.TryStart(process.Id, () => told = true)!.Dispose();
            }

            Assert.That(SpinWait.SpinUntil(() => Descriptors.Count() < before + 20, Bounds.Milliseconds), Is.True);
            Assert.That(process.Kill(), Is.True);
            Assert.That(process.Wait(Bounds.Time), Is.True);
            Assert.That(told, Is.False);
        }
    }

    [Test]
    public void Disposing_races_with_the_end()
    {
        for (int round = 0; round < 30; round++)
        {
            (ChildProcess process, UnixSocketTransport transport) = Start();
            using (transport)
            {
                int told = 0;
                using ParentWatch? watch = ParentWatch.TryStart(process.Id, () => Interlocked.Increment(ref told));
                _ = process.Kill();
                watch!.Dispose();
                int afterDisposal = Volatile.Read(ref told);

                Assert.That(process.Wait(Bounds.Time), Is.True);
                Assert.That(afterDisposal, Is.LessThanOrEqualTo(1));
                watch.Dispose();
            }
        }
    }

    [TestCase(0)]
    [TestCase(-5)]
    public void A_process_that_cannot_be_seen_is_not_watched(int processId)
    {
        Assert.That(ParentWatch.TryStart(processId, () => { }), Is.Null);
    }

    private static (ChildProcess Process, UnixSocketTransport Transport) Start() =>
        ChildLauncher.Launch(new ChildLaunch("/bin/sh") { Arguments = ["-c", "exec cat <&3"] });
}
