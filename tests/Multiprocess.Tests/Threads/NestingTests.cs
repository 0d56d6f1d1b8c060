using Multiprocess.Tests.Support;

namespace Multiprocess.Tests.Threads;

public sealed class NestingTests(IpcTestTransport transport) : PairFixture(transport)
{
    [Test]
    public void A_callback_runs_on_the_thread_that_waits()
    {
        int thread = 0;
        IStage root = Serve<IStage>(new Stage()).Root;

        root.CallBack(1, x => thread = Environment.CurrentManagedThreadId);

        Assert.That(thread, Is.EqualTo(Environment.CurrentManagedThreadId));
    }

    [Test]
    public void Two_hundred_nested_calls_alternate_between_exactly_two_threads()
    {
        const int Depth = 200;
        var client = new HashSet<int>();
        var server = new HashSet<int>();
        IStage root = null!;
        var stage = new Stage
        {
            OnCallBack = (x, callback) =>
            {
                server.Add(Environment.CurrentManagedThreadId);
                return callback(x);
            },
        };
        int Descend(int x)
        {
            client.Add(Environment.CurrentManagedThreadId);
            return x == 0 ? 0 : 1 + root.CallBack(x - 1, Descend);
        }

        root = Serve<IStage>(stage).Root;

        int depth = Descend(Depth);

        Assert.That(depth, Is.EqualTo(Depth));
        Assert.That(client, Has.Count.EqualTo(1));
        Assert.That(server, Has.Count.EqualTo(1));
    }

    [Test]
    public void A_lock_held_around_a_call_is_reentered_by_the_callback()
    {
        var gate = new object();
        IStage root = Serve<IStage>(new Stage()).Root;

        int answered;
        lock (gate)
        {
            answered = root.CallBack(1, x => Monitor.TryEnter(gate, 0) ? x : -1);
        }

        Assert.That(answered, Is.EqualTo(1));
    }

    [Test]
    public void A_lock_held_by_a_method_is_reentered_by_the_call_that_its_callback_makes()
    {
        var gate = new object();
        IStage root = null!;
        var stage = new Stage
        {
            OnCallBack = (x, callback) =>
            {
                lock (gate)
                {
                    return callback(x);
                }
            },
            OnCall = x => Monitor.TryEnter(gate, 0) ? x : -1,
        };
        root = Serve<IStage>(stage).Root;

        Assert.That(root.CallBack(1, x => root.Call(x)), Is.EqualTo(1));
    }

    [Test]
    public void Calls_nested_too_deep_fail_with_a_typed_error_and_the_connection_lives_on()
    {
        IpcTestPair<IStage> pair = Serve<IStage>(new Stage());
        IStage root = pair.Root;
        int deepest = 0;
        int Descend(int x)
        {
            deepest = Math.Max(deepest, x);
            return root.CallBack(x + 1, Descend);
        }

        var thread = new TestThread<int>(() => Descend(0), "deep", maxStackBytes: 512 * 1024);

        Assert.That(thread.Join, Throws.InstanceOf<IpcException>().With.Message.Contains("nested too deep"));
        Assert.That(deepest, Is.GreaterThan(20));
        Assert.That(root.Call(1), Is.EqualTo(1));
    }

    [Test]
    public void A_stored_callback_outside_any_call_runs_on_a_worker_of_its_own()
    {
        int thread = 0;
        var stage = new Stage();
        IStage root = Serve<IStage>(stage).Root;
        root.Keep(x => thread = Environment.CurrentManagedThreadId);

        int raiser = TestThread.Run(() =>
        {
            stage.Kept!(1);
            return Environment.CurrentManagedThreadId;
        });

        Assert.That(thread, Is.Not.EqualTo(Environment.CurrentManagedThreadId).And.Not.EqualTo(raiser).And.Not.Zero);
    }

    [Test]
    public void An_unrelated_thread_that_calls_back_does_not_use_the_waiting_thread()
    {
        int waiting = 0;
        int unrelated = 0;
        var stage = new Stage
        {
            OnCallBack = (x, callback) =>
            {
                int own = callback(1);
                int other = TestThread.Run(() => callback(2));
                return own + other;
            },
        };
        IStage root = Serve<IStage>(stage).Root;

        int sum = root.CallBack(0, x =>
        {
            _ = x == 1 ? waiting = Environment.CurrentManagedThreadId : unrelated = Environment.CurrentManagedThreadId;
            return x;
        });

        Assert.That(sum, Is.EqualTo(3));
        Assert.That(waiting, Is.EqualTo(Environment.CurrentManagedThreadId));
        Assert.That(unrelated, Is.Not.EqualTo(waiting).And.Not.Zero);
    }

    [Test]
    public void A_callback_goes_to_the_context_of_the_options_when_no_thread_waits_for_it()
    {
        var context = new RecordingContext();
        var stage = new Stage();
        IStage root = Serve<IStage>(stage, client: new IpcConnectionOptions { CallbackContext = context }).Root;
        root.Keep(x => root.Call(x) + 1);

        int answered = TestThread.Run(() => stage.Kept!(1));
        int nested = root.CallBack(5, x => x);

        Assert.That(answered, Is.EqualTo(2));
        Assert.That(nested, Is.EqualTo(5));
        Assert.That(context.Sent, Is.EqualTo(1));
    }

    [Test]
    public void A_chain_over_two_connections_comes_back_to_the_waiting_thread()
    {
        IStage far = Serve<IStage>(new Stage()).Root;
        IStage near = Serve<IStage>(new Stage { OnCallBack = (x, callback) => far.CallBack(x, callback) }).Root;
        int thread = 0;

        int answered = near.CallBack(3, x =>
        {
            thread = Environment.CurrentManagedThreadId;
            return x * 2;
        });

        Assert.That(answered, Is.EqualTo(6));
        Assert.That(thread, Is.EqualTo(Environment.CurrentManagedThreadId));
    }

    [Test]
    public void Calls_of_one_thread_over_two_connections_do_not_mix()
    {
        IStage one = Serve<IStage>(new Stage()).Root;
        IStage other = Serve<IStage>(new Stage()).Root;

        int answered = one.CallBack(1, x => other.CallBack(x, y => one.CallBack(y, z => other.Call(z) + 1) + 1) + 1);

        Assert.That(answered, Is.EqualTo(4));
    }

    private sealed class RecordingContext : SynchronizationContext
    {
        public int Sent { get; private set; }

        public override void Send(SendOrPostCallback d, object? state)
        {
            Sent++;
            TestThread.Run(() => d(state), "context");
        }
    }
}
