using Multiprocess.Tests.Support;

namespace Multiprocess.Tests.Calls;

public sealed class AsyncCallTests(IpcTestTransport transport) : PairFixture(transport)
{
    [Test]
    public void What_is_thrown_before_the_first_wait_arrives_in_the_task()
    {
        var stage = new Stage { OnCallAsync = (_, _) => throw new FormatException("at once") };
        IStage root = Serve<IStage>(stage).Root;

        Task<int> failing = root.CallAsync(1);

        Assert.That(async () => await failing.WaitAsync(Patience.Bound), Throws.TypeOf<FormatException>());
    }

    [Test]
    public async Task Calls_of_one_thread_start_in_order_and_then_run_side_by_side()
    {
        const int Calls = 20;
        var started = new List<int>();
        var all = new Signal();
        var stage = new Stage
        {
            OnCallAsync = async (x, _) =>
            {
                lock (started)
                {
                    started.Add(x);
                    if (started.Count == Calls)
                    {
                        all.Set();
                    }
                }

                // None ends before the last has started: were they run one after the other, this would time out.
                await all.Task;
                return x;
            },
        };
        IStage root = Serve<IStage>(stage).Root;

        int[] results = await Task.WhenAll(
            TestThread.Run(() => Enumerable.Range(0, Calls).Select(x => root.CallAsync(x)).ToArray()));

        Assert.That(started, Is.EqualTo(Enumerable.Range(0, Calls)));
        Assert.That(results, Is.EqualTo(Enumerable.Range(0, Calls)));
    }

    [Test]
    public async Task An_asynchronous_call_does_not_wait_for_a_synchronous_one_of_its_thread()
    {
        var enter = new Signal();
        var leave = new Signal();
        var stage = new Stage
        {
            OnCall = x =>
            {
                enter.Set();
                leave.Await();
                return x;
            },
        };
        IStage root = Serve<IStage>(stage).Root;
        TestThread<int> blocked = TestThread.Start(() => root.Call(1));
        enter.Await();

        int answered = await root.CallAsync(2).WaitAsync(Patience.Bound);
        leave.Set();

        Assert.That(answered, Is.EqualTo(2));
        Assert.That(blocked.Join(), Is.EqualTo(1));
    }

    [Test]
    public async Task An_asynchronous_method_may_call_back_synchronously()
    {
        var stage = new Stage
        {
            OnCallBackAsync = async (x, callback) => callback(x) + await Task.Run(() => callback(x)),
        };
        IStage root = Serve<IStage>(stage).Root;

        int sum = await root.CallBackAsync(2, x => x * 10).WaitAsync(Patience.Bound);

        Assert.That(sum, Is.EqualTo(40));
    }

    [Test]
    public async Task Synchronous_calls_inside_an_asynchronous_method_get_a_mapped_thread_of_their_own()
    {
        var servers = new List<int>();
        var clients = new List<int>();
        IStage root = null!;
        var stage = new Stage
        {
            OnCallBackAsync = async (x, callback) =>
            {
                // Before its first wait a method stays on the pool thread on which it began.
                int own = Environment.CurrentManagedThreadId;
                servers.Add(own);
                int sum = callback(x) + callback(x);
                Assert.That(Environment.CurrentManagedThreadId, Is.EqualTo(own));
                await Task.Yield();
                return sum;
            },
            OnCall = x =>
            {
                servers.Add(Environment.CurrentManagedThreadId);
                return x;
            },
        };
        root = Serve<IStage>(stage).Root;
        int caller = Environment.CurrentManagedThreadId;

        int sum = await root.CallBackAsync(2, x =>
        {
            clients.Add(Environment.CurrentManagedThreadId);
            return root.Call(x);
        }).WaitAsync(Patience.Bound);

        Assert.That(sum, Is.EqualTo(4));
        Assert.That(
            clients.Distinct().Count(), Is.EqualTo(1), "Both callbacks ran on the one worker of that pool thread.");
        Assert.That(clients[0], Is.Not.EqualTo(caller));
        Assert.That(servers, Has.Count.EqualTo(3));
        Assert.That(
            servers.Distinct().Count(), Is.EqualTo(1), "What they called came back to the pool thread that waits.");
    }

    [Test]
    public async Task The_context_of_the_call_flows_with_an_asynchronous_method()
    {
        var stage = new Stage
        {
            OnCallAsync = async (x, _) =>
            {
                await Task.Yield();
                return IpcCall.Current is null ? 0 : x;
            },
        };
        IStage root = Serve<IStage>(stage).Root;

        Assert.That(await root.CallAsync(3).WaitAsync(Patience.Bound), Is.EqualTo(3));
        Assert.That(IpcCall.Current, Is.Null);
    }

    [Test]
    public async Task An_asynchronous_call_holds_no_worker()
    {
        var leave = new Signal();
        var stage = new Stage
        {
            OnCallAsync = async (x, _) =>
            {
                await leave.Task;
                return x;
            },
        };
        IpcTestPair<IStage> pair = Serve<IStage>(stage);

        Task<int>[] calls = [.. Enumerable.Range(0, 100).Select(x => pair.Root.CallAsync(x))];
        int workers = pair.WorkerThreads;
        leave.Set();
        await Task.WhenAll(calls).WaitAsync(Patience.Bound);

        Assert.That(workers, Is.Zero);
    }
}
