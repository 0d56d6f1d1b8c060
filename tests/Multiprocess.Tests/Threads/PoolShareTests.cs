using System.Runtime.CompilerServices;
using Multiprocess.Tests.Support;
using Multiprocess.Threads;
using Multiprocess.Transports;

namespace Multiprocess.Tests.Threads;

/// <summary>One peer cannot take the thread pool from the others, whatever the methods that it calls do.</summary>
public sealed class PoolShareTests(IpcTestTransport transport) : PairFixture(transport)
{
    private const int Hundreds = 300;

    [Test]
    public async Task Asynchronous_calls_of_a_peer_run_on_the_pool()
    {
        bool isOfPool = false;
        IStage peer = Serve<IStage>(new Stage
        {
            OnCallAsync = (x, _) =>
            {
                isOfPool = Thread.CurrentThread.Name == "ipc pool";
                return Task.FromResult(x);
            },
        }).Root;

        Assert.That(await peer.CallAsync(1).WaitAsync(Patience.Bound), Is.EqualTo(1));

        Assert.That(CallPool.Shared.Most, Is.GreaterThanOrEqualTo(CallPool.MostOfOneConnection));
        Assert.That(isOfPool, Is.True);
        Patience.Until(() => CallPool.Shared.Asked == 0, "no turn stays asked for");
    }

    [TestCase(true, TestName = "Hundreds_of_bodies_that_block_leave_the_pool_to_others")]
    [TestCase(false, TestName = "Hundreds_of_continuations_that_block_leave_the_pool_to_others")]
    public async Task Hundreds_that_block_leave_the_pool_to_others(bool blocksAtOnce)
    {
        var leave = new Signal();
        var blocked = new Counter();
        var blocking = new Stage
        {
            OnCallAsync = async (x, _) =>
            {
                if (!blocksAtOnce)
                {
                    await Task.Delay(1);
                }

                bool isOfPool = Thread.CurrentThread.Name == "ipc pool";
                blocked.Enter(isOfPool);
                leave.Await();
                blocked.Leave(isOfPool);
                return x;
            },
        };
        IStage evil = Serve<IStage>(blocking).Root;
        IStage good = Serve<IStage>(new Stage
        {
            OnCallAsync = async (x, _) =>
            {
                await Task.Delay(1);
                return x;
            },
        }).Root;

        Task<int>[] blockers = blocksAtOnce
            ? [.. Enumerable.Range(0, Hundreds).Select(x => TestThread.Run(() => evil.CallAsync(x)))]
            : [.. Enumerable.Range(0, Hundreds).Select(x => evil.CallAsync(x))];
        Patience.Until(
            () => blocked.Entered > CallPool.MostOfOneConnection,
            "more methods block than the connection has threads of the pool");
        try
        {
            for (int i = 0; i < 50; i++)
            {
                Assert.That(await good.CallAsync(i).WaitAsync(Patience.Bound), Is.EqualTo(i));
            }

            Assert.That(blocked.Left, Is.Zero, "All of them still block.");
            Assert.That(blocked.MostOfPool, Is.LessThanOrEqualTo(CallPool.MostOfOneConnection));
        }
        finally
        {
            leave.Set();
        }

        Assert.That(await Task.WhenAll(blockers).WaitAsync(Patience.Bound), Is.EqualTo(Enumerable.Range(0, Hundreds)));
    }

    [Test]
    public async Task Bodies_that_wait_for_each_other_get_threads_beside_the_pool()
    {
        int count = CallPool.MostOfOneConnection + 6;
        using var all = new Barrier(count);
        IStage root = Serve<IStage>(new Stage
        {
            OnCallAsync = async (x, _) =>
            {
                await Task.Yield();
                return all.SignalAndWait(Patience.Bound) ? x : -1;
            },
        }).Root;

        int[] results = await Task.WhenAll(Enumerable.Range(0, count).Select(x => root.CallAsync(x))).WaitAsync(
            Patience.Bound);

        Assert.That(results, Is.EqualTo(Enumerable.Range(0, count)));
    }

    [Test]
    public async Task Callbacks_of_tokens_that_block_leave_the_pool_to_others()
    {
        var leave = new Signal();
        int waiting = 0;
        var blocked = new Counter();
        IStage evil = Serve<IStage>(new Stage
        {
            OnCallAsync = async (x, token) =>
            {
                using CancellationTokenRegistration _ = token.Register(() =>
                {
                    bool isOfPool = Thread.CurrentThread.Name == "ipc pool";
                    blocked.Enter(isOfPool);
                    leave.Await();
                    blocked.Leave(isOfPool);
                });
                Interlocked.Increment(ref waiting);
                await Task.Delay(Timeout.Infinite, token).ConfigureAwait(
                    ConfigureAwaitOptions.SuppressThrowing | ConfigureAwaitOptions.ContinueOnCapturedContext);
                return x;
            },
        }).Root;
        IStage good =
            Serve<IStage>(new Stage { OnCallAsync = async (x, _) => { await Task.Delay(1); return x; } }).Root;
        using var source = new CancellationTokenSource();
        Task<int>[] calls = [.. Enumerable.Range(0, Hundreds).Select(x => evil.CallAsync(x, source.Token))];

        // A call that is cancelled before it begins is not run.
        Patience.Until(() => Volatile.Read(ref waiting) == Hundreds, "every call waits");
        await source.CancelAsync();
        Patience.Until(
            () => blocked.Entered > CallPool.MostOfOneConnection,
            "more callbacks block than the connection has threads of the pool");
        try
        {
            Assert.That(await good.CallAsync(1).WaitAsync(Patience.Bound), Is.EqualTo(1));
            Assert.That(blocked.MostOfPool, Is.LessThanOrEqualTo(CallPool.MostOfOneConnection));
        }
        finally
        {
            leave.Set();
        }

        foreach (Task<int> call in calls)
        {
            Assert.That(
                async () => await call.WaitAsync(Patience.Bound), Throws.InstanceOf<OperationCanceledException>());
        }
    }

    [Test]
    public async Task What_a_method_leaves_in_its_context_is_not_seen_by_the_next()
    {
        var ambient = new AsyncLocal<string?>();
        var seen = new List<string?>();
        IStage root = Serve<IStage>(new Stage
        {
            OnCallAsync = (x, _) =>
            {
                lock (seen)
                {
                    seen.Add(ambient.Value);
                }

                ambient.Value = "left behind";
                return Task.FromResult(x);
            },
        }).Root;

        ambient.Value = "of the caller";
        for (int i = 0; i < 20; i++)
        {
            await root.CallAsync(i).WaitAsync(Patience.Bound);
        }

        Assert.That(seen, Has.Count.EqualTo(20).And.All.Null);
    }

    [Test]
    public void Connections_have_their_turns_one_after_another()
    {
        var pool = new CallPool(most: 1);
        var first = new PoolShare(pool, most: 1, _ => false);
        var second = new PoolShare(pool, most: 1, _ => false);
        var order = new List<string>();
        var begun = new Signal();
        var go = new Signal();
        var done = new CountdownEvent(7);
        first.Post(_ => { begun.Set(); go.Await(); done.Signal(); }, null);
        begun.Await();
        foreach ((PoolShare share, string name) in new[]
        {
            (first, "a"), (first, "a"), (first, "a"), (second, "b"), (second, "b"), (second, "b")
        })
        {
            share.Post(_ => { order.Add(name); done.Signal(); }, null);
        }

        go.Set();

        Assert.That(done.Wait(Patience.Bound), Is.True, "All work was done.");
        Assert.That(
            string.Concat(order),
            Is.EqualTo("bababa"),
            "The one that asked for six at once does not go before the other.");
    }

    [Test]
    [NonParallelizable]
    public void Work_for_which_the_system_has_no_thread_runs_once_it_has()
    {
        var share = new PoolShare(new CallPool(most: 1), most: 1, _ => false);
        using var refused = new CountdownEvent(2);
        var done = new Signal();
        BackgroundThread.Refuses = name =>
        {
            if (name != "ipc pool" || refused.IsSet)
            {
                return false;
            }

            refused.Signal();
            return true;
        };
        try
        {
            share.Post(_ => done.Set(), null);

            done.Await();
        }
        finally
        {
            BackgroundThread.Refuses = null;
        }

        Assert.That(refused.IsSet, Is.True, "It was refused at once, and when the watch looked first.");
    }

    [Test]
    public void Work_that_waits_for_work_of_its_own_runs_it()
    {
        var share = new PoolShare(new CallPool(most: 1), most: 1, _ => false);
        var done = new Signal();

        share.Post(
            _ =>
            {
                Task inner = Task.Factory.StartNew(static () => { });

                // Without a bound: only then may the one that waits run it. The test waits no longer than its own.
                inner.Wait();
                done.Set();
            },
            null);

        done.Await();
        Assert.Pass();
    }

    [Test]
    public void Work_that_comes_when_one_idle_thread_gives_up_and_another_is_woken_leaves_both_counted()
    {
        const int LingerMilliseconds = 400;
        var pool = new CallPool(most: 1);
        var share = new PoolShare(pool, most: 1, threads => threads < 2, LingerMilliseconds);
        Signal leave = new(), first = new(), second = new();
        using var begun = new CountdownEvent(2);
        share.Post(_ => leave.Await(), null);
        share.Post(_ => { begun.Signal(); first.Await(); }, null);
        share.Post(_ => { begun.Signal(); second.Await(); }, null);
        Assert.That(begun.Wait(Patience.Bound), Is.True, "Two threads beside the pool have begun.");
        leave.Set();
        first.Set();
        Patience.Until(() => Volatile.Read(ref IdleThreads(share)) == 1, "one thread is idle");
        long idle = Environment.TickCount64;
        SpinWait.SpinUntil(() => false, LingerMilliseconds / 2);
        second.Set();
        Patience.Until(() => Volatile.Read(ref IdleThreads(share)) == 2, "both are");

        using var done = new CountdownEvent(1);
        lock (Lock(share))
        {
            // The time of the first one runs out here, and it cannot say so yet. The work wakes the second one.
            SpinWait.SpinUntil(() => false, (int)(idle + LingerMilliseconds + 50 - Environment.TickCount64));
            share.Post(_ => done.Signal(), null);
        }

        Assert.That(done.Wait(Patience.Bound), Is.True, "That work was done.");
        Patience.Until(
            () => Volatile.Read(ref IdleThreads(share)) == 0, "no thread is left in the count that has ended");
        done.Reset();
        share.Post(_ => done.Signal(), null);

        Assert.That(done.Wait(Patience.Bound), Is.True, "So was the next.");
    }

    [Test]
    public void A_method_that_interrupts_its_own_thread_harms_no_other()
    {
        var leave = new Signal();
        var share = new PoolShare(new CallPool(most: 1), most: 1, threads => threads < 1);
        using var done = new CountdownEvent(2);
        share.Post(_ => leave.Await(), null);
        try
        {
            share.Post(_ => { Thread.CurrentThread.Interrupt(); done.Signal(); }, null);
            Patience.Until(
                () => Volatile.Read(ref IdleThreads(share)) == 1 || done.CurrentCount == 1, "its thread goes on");
            share.Post(_ => { Thread.Sleep(1); done.Signal(); }, null);

            Assert.That(done.Wait(Patience.Bound), Is.True);
        }
        finally
        {
            leave.Set();
        }
    }

    [UnsafeAccessor(UnsafeAccessorKind.Field, Name = "_lock")]
    private static extern ref readonly object Lock(PoolShare share);

    [UnsafeAccessor(UnsafeAccessorKind.Field, Name = "_idleThreads")]
    private static extern ref int IdleThreads(PoolShare share);

    /// <summary>Counts who is inside, and the most threads of the pool that were at once.</summary>
    private sealed class Counter
    {
        private readonly Lock _lock = new();
        private int _ofPool;

        public int Entered { get; private set; }

        public int Left { get; private set; }

        public int MostOfPool { get; private set; }

        public void Enter(bool isOfPool)
        {
            lock (_lock)
            {
                Entered++;
                _ofPool += isOfPool ? 1 : 0;
                MostOfPool = Math.Max(MostOfPool, _ofPool);
            }
        }

        public void Leave(bool isOfPool)
        {
            lock (_lock)
            {
                Left++;
                _ofPool -= isOfPool ? 1 : 0;
            }
        }
    }
}
