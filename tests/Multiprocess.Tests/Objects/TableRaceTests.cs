using Multiprocess.Objects;
using Multiprocess.Tests.Support;

namespace Multiprocess.Tests.Objects;

/// <summary>
/// The table of exports alone, with two threads that meet in the same entry. A step that took the lock twice would pass
/// every test with a connection: there, messages keep the threads apart.
/// </summary>
[CancelAfter(60_000)]
public class TableRaceTests
{
    private const int Rounds = 50_000;

    private static readonly ContractBinding s_contract = ContractBinding<IThing>.Instance;

    [Test]
    public void Release_of_one_thread_does_not_remove_what_another_acquires()
    {
        var table = new ExportTable(TimeProvider.System, maxObjects: 1, captureStacks: false, _ => { });
        object target = new();

        Together(() =>
        {
            for (int i = 0; i < Rounds; i++)
            {
                long handle = table.Acquire(target, s_contract, asResult: false);
                table.Release(handle, 1);
            }
        });

        Assert.That(table.Count, Is.Zero);
    }

    [Test]
    public void Pinned_object_stays_while_another_thread_releases_it()
    {
        var table = new ExportTable(TimeProvider.System, maxObjects: 1, captureStacks: false, _ => { });
        object target = new();

        Together(() =>
        {
            for (int i = 0; i < Rounds; i++)
            {
                long handle = table.Acquire(target, s_contract, asResult: false);
                Export pinned = table.Pin(handle);
                table.Release(handle, 1);
                Assert.That(table.Get(handle), Is.SameAs(pinned));
                table.Unpin(pinned);
            }
        });

        Assert.That(table.Count, Is.Zero);
    }

    /// <summary>Runs the act on two threads that begin at once, and rethrows what either throws.</summary>
    private static void Together(Action act)
    {
        using var begin = new Barrier(2);
        TestThread<bool>[] threads = [Begin(), Begin()];

        Assert.That(threads.Select(thread => thread.Join()), Is.All.True);

        TestThread<bool> Begin() => TestThread.Start(() =>
        {
            begin.SignalAndWait();
            act();
            return true;
        });
    }
}
