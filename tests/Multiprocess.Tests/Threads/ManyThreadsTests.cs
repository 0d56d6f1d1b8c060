using System.Collections.Concurrent;
using Multiprocess.Tests.Support;

namespace Multiprocess.Tests.Threads;

/// <summary>Very many client threads, pool threads among them: one worker for each, and none left over.</summary>
public sealed class ManyThreadsTests(IpcTestTransport transport) : PairFixture(transport)
{
    private const int SmallStack = 256 * 1024;

    // The first of many threads waits until the last has started. In a debug build the collector needs long for the
    // stacks of so many: their frames keep references into the middle of objects.
    private static readonly TimeSpan s_allStarted = 8 * Patience.Bound;

    [Test]
    public void Five_thousand_client_threads_have_five_thousand_workers_and_all_are_given_back()
    {
        const int Count = 5000;
        var workers = new ConcurrentDictionary<int, int>();
        var stage = new Stage
        {
            OnCall = x
                => workers.AddOrUpdate(
                    x,
                    Environment.CurrentManagedThreadId,
                    (_, known) => known == Environment.CurrentManagedThreadId ? known : -1),
        };
        IpcTestPair<IStage> pair = Serve<IStage>(
            stage, server: new IpcConnectionOptions { WorkerStackBytes = SmallStack });
        using var called = new CountdownEvent(Count);
        var leave = new Signal();

        TestThread<bool>[] threads = [.. Enumerable.Range(0, Count).Select(number => new TestThread<bool>(
            () =>
            {
                int first = pair.Root.Call(number);
                called.Signal();
                leave.Await(s_allStarted);
                return first > 0 && pair.Root.Call(number) == first;
            },
            name: null,
            SmallStack))];
        Assert.That(called.Wait(s_allStarted), Is.True);
        int atOnce = pair.WorkerThreads;
        leave.Set();
        bool[] kept = [.. threads.Select(thread => thread.Join(s_allStarted))];
        pair.Client.Core.Channel.ClientThreads.EndDead();

        Assert.That(atOnce, Is.EqualTo(Count));
        Assert.That(kept, Is.All.True, "Each thread kept its worker.");
        Assert.That(workers.Values.Distinct().Count(), Is.EqualTo(Count), "No two threads shared one.");
        Patience.Until(() => pair.WorkerThreads == 0, "all workers given back");
    }

    [Test]
    public void Threads_that_come_and_go_never_have_more_workers_than_there_are_threads()
    {
        const int AtOnce = 20;
        IpcTestPair<IStage> pair = Serve<IStage>(
            new Stage(), server: new IpcConnectionOptions { WorkerStackBytes = SmallStack });
        for (int round = 0; round < 25; round++)
        {
            TestThread<int>[] threads =
                [
                    .. Enumerable.Range(0, AtOnce).Select(x => TestThread.Start(() => pair.Root.Call(x))),
                ];
            Assert.That(threads.Select(thread => thread.Join()), Is.EqualTo(Enumerable.Range(0, AtOnce)));
            Assert.That(pair.WorkerThreads, Is.LessThanOrEqualTo(AtOnce));

            pair.Client.Core.Channel.ClientThreads.EndDead();
            Patience.Until(() => pair.WorkerThreads == 0, "all workers given back");
        }
    }

    [Test]
    public async Task Pool_threads_call_as_any_other_and_each_has_one_worker()
    {
        var pairs = new ConcurrentDictionary<(int Caller, int Worker), int>();
        var stage = new Stage { OnCallBack = (x, callback) => callback(Environment.CurrentManagedThreadId) };
        IpcTestPair<IStage> pair = Serve<IStage>(stage);

        Task<bool>[] callers = [.. Enumerable.Range(0, 200).Select(_ => Task.Run(() =>
        {
            int own = Environment.CurrentManagedThreadId;
            bool onOwn = false;
            int worker = pair.Root.CallBack(0, x =>
            {
                onOwn = Environment.CurrentManagedThreadId == own;
                return x;
            });
            pairs[(own, worker)] = 1;
            return onOwn;
        }))];
        bool[] callbacksOnOwn = await Task.WhenAll(callers).WaitAsync(Patience.Bound);

        Assert.That(callbacksOnOwn, Is.All.True);
        Assert.That(pairs.Keys.Select(key => key.Caller), Is.Unique, "A pool thread has one worker.");
        Assert.That(pairs.Keys.Select(key => key.Worker), Is.Unique, "A worker has one pool thread.");
        Assert.That(pair.WorkerThreads, Is.EqualTo(pairs.Count));
    }

    [Test]
    public void Many_threads_that_are_cancelled_leave_no_worker_behind()
    {
        const int Count = 100;
        using var cancellation = new CancellationTokenSource();
        using var entered = new CountdownEvent(Count);
        var stage = new Stage
        {
            OnCallUntil = (x, token) =>
            {
                entered.Signal();
                token.WaitHandle.WaitOne(Patience.Bound);
                throw new OperationCanceledException(token);
            },
        };
        IpcTestPair<IStage> pair = Serve<IStage>(stage);
        TestThread<bool>[] threads = [.. Enumerable.Range(0, Count).Select(x => TestThread.Start(() =>
        {
            Assert.That(
                () => pair.Root.CallUntil(x, cancellation.Token), Throws.InstanceOf<OperationCanceledException>());
            return pair.Root.Call(x) == x;
        }))];
        Assert.That(entered.Wait(Patience.Bound), Is.True);

        cancellation.Cancel();

        Assert.That(threads.Select(thread => thread.Join()), Is.All.True);
        pair.Client.Core.Channel.ClientThreads.EndDead();
        Patience.Until(() => pair.WorkerThreads == 0, "all workers given back");
    }
}
