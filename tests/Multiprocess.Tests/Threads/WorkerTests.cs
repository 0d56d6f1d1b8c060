using Multiprocess.Tests.Support;

namespace Multiprocess.Tests.Threads;

public sealed class WorkerTests(IpcTestTransport transport) : PairFixture(transport)
{
    [ThreadStatic]
    private static int t_seen;

    [Test]
    public void All_calls_of_one_thread_run_on_one_worker_that_is_another_thread()
    {
        IStage root = Serve<IStage>(new Stage { OnCall = _ => Environment.CurrentManagedThreadId }).Root;

        int[] threads = [.. Enumerable.Range(0, 10).Select(root.Call).Distinct()];

        Assert.That(threads, Has.Length.EqualTo(1));
        Assert.That(threads[0], Is.Not.EqualTo(Environment.CurrentManagedThreadId));
    }

    [Test]
    public void Different_threads_have_different_workers()
    {
        IStage root = Serve<IStage>(new Stage { OnCall = _ => Environment.CurrentManagedThreadId }).Root;

        int one = root.Call(0);
        int other = TestThread.Run(() => root.Call(0));

        Assert.That(other, Is.Not.EqualTo(one));
    }

    [Test]
    public void A_worker_is_named_after_its_client_thread()
    {
        string? name = null;
        var stage = new Stage
        {
            OnCall = x =>
            {
                name = Thread.CurrentThread.Name;
                return x;
            },
        };
        IStage root = Serve<IStage>(stage).Root;

        TestThread.Run(() => root.Call(1), "accountant");

        Assert.That(name, Is.EqualTo("accountant"));
    }

    [Test]
    public void A_worker_is_named_although_the_threads_first_call_was_asynchronous()
    {
        string? name = null;
        var stage = new Stage
        {
            OnCall = x =>
            {
                name = Thread.CurrentThread.Name;
                return x;
            },
        };
        IStage root = Serve<IStage>(stage).Root;

        TestThread.Run(
            () =>
            {
                root.CallAsync(1).Wait(Patience.Bound);
                root.Call(1);
            },
            "late riser");

        Assert.That(name, Is.EqualTo("late riser"));
    }

    [Test]
    public void A_thread_that_is_named_after_its_first_call_can_go_on_calling()
    {
        IStage root = Serve<IStage>(new Stage()).Root;

        int answered = TestThread.Run(() =>
        {
            root.Call(1);
            Thread.CurrentThread.Name = "too late";
            return root.Call(2);
        });

        Assert.That(answered, Is.EqualTo(2));
    }

    [Test]
    public void A_getter_may_make_the_threads_very_first_call_while_another_is_encoded()
    {
        IParcels root = Serve<IParcels>(new Parcels()).Root;

        int weight = TestThread.Run(() => root.Weigh(new Parcel(() => root.Add(40, 2))), "sender");

        Assert.That(weight, Is.EqualTo(42));
    }

    [Test]
    public void Thread_statics_keep_their_values_between_the_calls_of_one_thread_only()
    {
        IStage root = Serve<IStage>(new Stage { OnCall = x => t_seen += x }).Root;

        int mine = TestThread.Run(() => root.Call(1) + root.Call(1) + root.Call(1));
        int theirs = TestThread.Run(() => root.Call(1));

        Assert.That(mine, Is.EqualTo(1 + 2 + 3));
        Assert.That(theirs, Is.EqualTo(1));
    }

    [Test]
    public void A_ThreadLocal_keeps_its_value_between_the_calls_of_one_thread_only()
    {
        using var local = new ThreadLocal<int>(() => 100);
        IStage root = Serve<IStage>(new Stage { OnCall = x => local.Value += x }).Root;

        int mine = TestThread.Run(() =>
        {
            root.Call(1);
            return root.Call(1);
        });
        int theirs = TestThread.Run(() => root.Call(5));

        Assert.That(mine, Is.EqualTo(102));
        Assert.That(theirs, Is.EqualTo(105));
    }

    [Test]
    public void Calls_of_different_threads_do_not_wait_for_each_other()
    {
        using var meeting = new Barrier(8);
        IStage root = Serve<IStage>(new Stage { OnCall = x => meeting.SignalAndWait(Patience.Bound) ? x : -1 }).Root;

        TestThread<int>[] threads = [.. Enumerable.Range(0, 8).Select(x => TestThread.Start(() => root.Call(x)))];

        Assert.That(threads.Select(thread => thread.Join()), Is.EqualTo(Enumerable.Range(0, 8)));
    }

    [Test]
    public void Two_hundred_threads_call_in_parallel_and_each_gets_its_own_answers()
    {
        IStage root = Serve<IStage>(new Stage { OnCallBack = (x, callback) => callback(x) + 1 }).Root;

        TestThread<bool>[] threads = [.. Enumerable.Range(0, 200).Select(number => TestThread.Start(() =>
        {
            bool right = true;
            for (int i = 0; i < 20; i++)
            {
                int x = (number * 1000) + i;
                right &= root.Call(x) == x && root.CallBack(x, y => y * 2) == (x * 2) + 1;
            }

            return right;
        }))];

        Assert.That(threads.Select(thread => thread.Join()), Is.All.True);
    }

    [Test]
    public void Synchronous_calls_need_no_pool_thread()
    {
        IStage root = Serve<IStage>(new Stage { OnCallBack = (x, callback) => callback(x) }).Root;
        root.Call(0);
        ThreadPool.GetMinThreads(out int workers, out _);
        var leave = new Signal();
        using var blocked = new CountdownEvent(workers);
        for (int i = 0; i < workers * 4; i++)
        {
            ThreadPool.UnsafeQueueUserWorkItem(
                _ =>
                {
                    if (!blocked.IsSet)
                    {
                        blocked.Signal();
                    }

                    leave.Await();
                },
                null);
        }

        Assert.That(blocked.Wait(Patience.Bound), Is.True);
        int answered = TestThread.Run(() => root.CallBack(5, x => root.Call(x) + 1));
        bool stillBlocked = !leave.IsSet;
        leave.Set();

        Assert.That(answered, Is.EqualTo(6));
        Assert.That(stillBlocked, Is.True);
    }

    [Test]
    public void More_threads_than_allowed_are_refused_and_the_others_go_on()
    {
        IpcTestPair<IStage> pair = Serve<IStage>(
            new Stage(), server: new IpcConnectionOptions { Limits = new IpcLimits { MaxThreads = 1 } });
        pair.Root.Call(1);

        IpcException? caught = Assert.Throws<IpcException>(
            () => TestThread.Run(() => pair.Root.Call(2), "one too many"));

        Assert.That(caught!.Kind, Is.EqualTo(IpcErrorKind.LimitExceeded));
        Assert.That(pair.Root.Call(3), Is.EqualTo(3));
    }

    [Test]
    public void More_calls_in_flight_than_allowed_are_refused_and_the_others_go_on()
    {
        var entered = new Signal();
        var leave = new Signal();
        var stage = new Stage
        {
            OnCall = x =>
            {
                entered.Set();
                leave.Await();
                return x;
            },
        };
        IpcTestPair<IStage> pair = Serve<IStage>(
            stage, server: new IpcConnectionOptions { Limits = new IpcLimits { MaxCallsInFlight = 1 } });
        TestThread<int> first = TestThread.Start(() => pair.Root.Call(1));
        entered.Await();

        IpcException? caught = Assert.Throws<IpcException>(() => pair.Root.Call(2));
        leave.Set();

        Assert.That(caught!.Kind, Is.EqualTo(IpcErrorKind.LimitExceeded));
        Assert.That(first.Join(), Is.EqualTo(1));

        Assert.That(pair.Root.Call(3), Is.EqualTo(3));
    }

    [Test]
    public void A_caller_that_has_its_answer_is_not_refused_because_of_that_call()
    {
        IStage root = Serve<IStage>(
            new Stage(), server: new IpcConnectionOptions { Limits = new IpcLimits { MaxCallsInFlight = 1 } }).Root;

        for (int i = 0; i < 2000; i++)
        {
            Assert.That(root.Call(i), Is.EqualTo(i));
        }
    }

    [Test]
    public async Task An_asynchronous_caller_that_has_its_answer_is_not_refused_because_of_that_call()
    {
        IStage root = Serve<IStage>(
            new Stage(), server: new IpcConnectionOptions { Limits = new IpcLimits { MaxCallsInFlight = 1 } }).Root;

        for (int i = 0; i < 500; i++)
        {
            Assert.That(await root.CallAsync(i).WaitAsync(Patience.Bound), Is.EqualTo(i));
        }
    }
}
