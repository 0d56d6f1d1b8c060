using Multiprocess.Tests.Support;

namespace Multiprocess.Tests.Threads;

/// <summary>Calls whose caller does not wait for their end: it was cancelled, or its time ran out.</summary>
public sealed class AbandonedCallTests(IpcTestTransport transport) : PairFixture(transport)
{
    private static readonly TimeSpan s_limit = TimeSpan.FromSeconds(1.5);

    private Signal _entered = null!;
    private Signal _leave = null!;
    private Signal _left = null!;

    [SetUp]
    public void MakeSignals()
    {
        _entered = new Signal();
        _leave = new Signal();
        _left = new Signal();
    }

    [TearDown]
    public void LetGo() => _leave.Set();

    [Test]
    public void A_cancelled_caller_goes_on_at_once_with_a_new_worker()
    {
        using var cancellation = new CancellationTokenSource();
        int abandoned = 0;
        var stage = new Stage
        {
            OnCallUntil = (x, _) =>
            {
                abandoned = Environment.CurrentManagedThreadId;
                return Block(x);
            },
            OnCall = _ => Environment.CurrentManagedThreadId,
        };
        IStage root = Serve<IStage>(stage).Root;
        TestThread<int> caller = TestThread.Start(() =>
        {
            Assert.That(() => root.CallUntil(1, cancellation.Token), Throws.InstanceOf<OperationCanceledException>());
            return root.Call(2);
        });
        _entered.Await();

        cancellation.Cancel();
        int next = caller.Join();

        Assert.That(_left.IsSet, Is.False, "The abandoned method still runs.");
        Assert.That(next, Is.Not.EqualTo(abandoned).And.Not.Zero);
    }

    [Test]
    public void A_caller_whose_time_ran_out_goes_on_at_once_with_a_new_worker()
    {
        var time = new ManualTime();
        bool first = true;
        var stage = new Stage
        {
            OnCall = x =>
            {
                if (first)
                {
                    first = false;
                    return Block(x);
                }

                return x;
            },
        };
        IStage root = Serve<IStage>(stage, client: new IpcConnectionOptions { TimeProvider = time }).Root;
        TestThread<int> caller = TestThread.Start(() =>
        {
            Assert.That(() => root.CallBounded(1), Throws.TypeOf<IpcTimeoutException>());
            return root.Call(2);
        });
        _entered.Await();
        time.AwaitTimer(s_limit);

        time.Advance(s_limit);

        Assert.That(caller.Join(), Is.EqualTo(2));
        Assert.That(_left.IsSet, Is.False, "The abandoned method still runs.");
    }

    [Test]
    public void A_late_answer_is_dropped_and_the_worker_ends_afterwards()
    {
        IpcTestPair<IStage> pair = Abandon(new Stage { OnCallUntil = (x, _) => Block(x) }, out TestThread<int> caller);
        caller.Join();
        Assert.That(pair.WorkerThreads, Is.EqualTo(1));

        _leave.Set();

        Patience.Until(() => pair.WorkerThreads == 0, "the abandoned worker has left");
        Assert.That(pair.Root.Call(3), Is.EqualTo(3));
        Assert.That(LogicalThreadsOf(pair), Is.EqualTo(1), "only the calling thread's new one");
    }

    [Test]
    public void A_late_callback_of_the_abandoned_call_is_a_cancelled_operation()
    {
        using var cancellation = new CancellationTokenSource();
        var ended = new Signal();
        Exception? caught = null;
        int called = 0;
        var stage = new Stage
        {
            OnCallBack = (x, callback) =>
            {
                Block(x);
                try
                {
                    return callback(x);
                }
                catch (Exception exception)
                {
                    caught = exception;
                    return 0;
                }
                finally
                {
                    ended.Set();
                }
            },
        };
        IStage root = Serve<IStage>(stage).Root;
        TestThread<int> caller = TestThread.Start(() => root.CallBackUntil(1, x => ++called, cancellation.Token));
        _entered.Await();
        cancellation.Cancel();
        Assert.That(() => caller.Join(), Throws.InstanceOf<OperationCanceledException>());

        _leave.Set();
        ended.Await();

        Assert.That(caught, Is.InstanceOf<OperationCanceledException>());
        Assert.That(called, Is.Zero);
    }

    [Test]
    public void A_lock_of_the_abandoned_method_stays_its_own()
    {
        using var cancellation = new CancellationTokenSource();
        var gate = new object();
        var stage = new Stage
        {
            OnCallUntil = (x, _) =>
            {
                lock (gate)
                {
                    return Block(x);
                }
            },
            OnCall = _ => Monitor.TryEnter(gate, 0) ? 1 : 0,
        };
        IStage root = Serve<IStage>(stage).Root;
        TestThread<int> caller = TestThread.Start(() =>
        {
            Assert.That(() => root.CallUntil(1, cancellation.Token), Throws.InstanceOf<OperationCanceledException>());
            return root.Call(2);
        });
        _entered.Await();

        cancellation.Cancel();

        Assert.That(caller.Join(), Is.Zero, "The new worker is not the owner of the lock.");
    }

    [Test]
    public void References_in_a_late_answer_are_released()
    {
        using var cancellation = new CancellationTokenSource();
        IpcTestPair<IMaker> pair = Serve<IMaker>(new Maker(this));
        TestThread<bool> caller = TestThread.Start(() =>
        {
            pair.Root.Make(cancellation.Token);
        });
        _entered.Await();
        cancellation.Cancel();
        Assert.That(() => caller.Join(), Throws.InstanceOf<OperationCanceledException>());

        _leave.Set();
        _left.Await();

        Patience.Until(() => pair.WorkerThreads == 0, "the abandoned worker has left");
        Patience.Until(() => pair.LiveObjects == 0, "the stage that nobody received is released");
        Assert.That(pair.Client.LiveImports, Is.EqualTo(1), "only the root");
    }

    [Test]
    public void An_outer_call_goes_on_after_an_inner_one_was_abandoned()
    {
        using var cancellation = new CancellationTokenSource();
        IStage root = null!;
        var stage = new Stage { OnCallUntil = (x, _) => Block(x) };
        IpcTestPair<IStage> pair = Serve<IStage>(stage);
        root = pair.Root;
        TestThread<int> caller = TestThread.Start(() => root.CallBack(1, x =>
        {
            Assert.That(() => root.CallUntil(x, cancellation.Token), Throws.InstanceOf<OperationCanceledException>());
            _leave.Set();
            return root.Call(x + 1);
        }));
        _entered.Await();

        cancellation.Cancel();

        Assert.That(caller.Join(), Is.EqualTo(2));
        Assert.That(root.Call(5), Is.EqualTo(5));
    }

    [Test]
    public void An_outer_callback_that_returns_while_the_abandoned_call_still_calls_back_is_not_mistaken()
    {
        using var cancellation = new CancellationTokenSource();
        var outerReturned = new Signal();
        Exception? caught = null;
        var stage = new Stage();
        stage.OnCallUntil = (x, _) =>
        {
            _entered.Set();

            // When this goes on, the answer to the outer callback already waits for the very thread on which it runs.
            outerReturned.Await();
            try
            {
                return stage.Kept!(x);
            }
            catch (Exception exception)
            {
                caught = exception;
                throw;
            }
        };
        var log = new TestLog();
        IStage root = Serve<IStage>(stage, client: new IpcConnectionOptions { LoggerFactory = log }).Root;
        root.Keep(x => x);
        TestThread<int> caller = TestThread.Start(() => root.CallBack(1, x =>
        {
            Assert.That(() => root.CallUntil(x, cancellation.Token), Throws.InstanceOf<OperationCanceledException>());
            return x + 41;
        }));
        _entered.Await();
        cancellation.Cancel();
        Patience.Until(() => log.Entries.Any(entry => entry.Id == 13), "the outer callback's answer was sent");

        // Behind that answer on the same wire: when this returns, it has arrived.
        root.Call(0);
        outerReturned.Set();

        Assert.That(caller.Join(), Is.EqualTo(42));
        Assert.That(caught, Is.InstanceOf<OperationCanceledException>());
        Assert.That(root.Call(5), Is.EqualTo(5));
    }

    [Test]
    public void A_getter_whose_call_is_abandoned_while_another_is_encoded_does_not_hold_that_one_up()
    {
        using var cancellation = new CancellationTokenSource();
        IpcTestPair<ILoader> pair = Serve<ILoader>(new Loader(this));
        var parcel = new Parcel(() =>
        {
            Assert.That(() => pair.Root.Block(cancellation.Token), Throws.InstanceOf<OperationCanceledException>());
            return 5;
        });
        TestThread<int> caller = TestThread.Start(
            () => pair.Root.Weigh(parcel) + pair.Root.Weigh(new Parcel(1)), "loader");
        _entered.Await();

        cancellation.Cancel();

        Assert.That(caller.Join(), Is.EqualTo(6));
        Assert.That(_left.IsSet, Is.False, "The abandoned method still runs.");
        _leave.Set();
        pair.Client.Core.Channel.ClientThreads.EndDead();
        Patience.Until(() => pair.WorkerThreads == 0, "both workers have left");
        Assert.That(pair.Client.Completion.IsCompleted, Is.False);
    }

    [Test]
    public void A_getter_that_abandons_a_callback_while_a_nested_call_is_encoded_does_not_end_the_connection()
    {
        using var cancellation = new CancellationTokenSource();
        IpcTestPair<ILoader> pair = Serve<ILoader>(new Loader(this) { Cancellation = cancellation });
        TestThread<int> caller = TestThread.Start(() => pair.Root.CallBack(
            (x, _) =>
            {
                // This side waits inside the callback that the other one gives up.
                _entered.Set();
                return pair.Root.Weigh(new Parcel(x));
            },
            parcel => parcel.Weight));

        Assert.That(caller.Join(), Is.EqualTo(7));
        Assert.That(pair.Root.Weigh(new Parcel(3)), Is.EqualTo(3));
    }

    [Test]
    public void A_Dispose_past_its_bound_is_abandoned_too()
    {
        var time = new ManualTime();
        var maker = new Maker(this);
        IpcTestPair<IResourceMaker> pair = Serve<IResourceMaker>(
            maker, client: new IpcConnectionOptions { TimeProvider = time, DisposeTimeout = s_limit });
        int disposedOn = 0;
        maker.OnDispose = () =>
        {
            disposedOn = Environment.CurrentManagedThreadId;
            Block(0);
        };
        TestThread<int> caller = TestThread.Start(() =>
        {
            using (pair.Root.MakeResource())
            {
            }

            return pair.Root.ThreadId();
        });
        _entered.Await();
        time.AwaitTimer(s_limit);

        time.Advance(s_limit);

        Assert.That(caller.Join(), Is.Not.EqualTo(disposedOn).And.Not.Zero);
        Assert.That(_left.IsSet, Is.False, "The Dispose still runs.");
    }

    [Test]
    public void The_late_answer_of_an_abandoned_asynchronous_call_is_dropped_and_its_references_released()
    {
        using var cancellation = new CancellationTokenSource();
        IpcTestPair<IMaker> pair = Serve<IMaker>(new Maker(this));
        Task<IStage> call = pair.Root.MakeAsync(cancellation.Token);
        _entered.Await();

        cancellation.Cancel();
        Assert.That(async () => await call.WaitAsync(Patience.Bound), Throws.InstanceOf<OperationCanceledException>());
        _leave.Set();
        _left.Await();

        // Behind the late answer on the same wire.
        pair.Root.Ping();
        Patience.Until(() => pair.LiveObjects == 0, "the stage that nobody received is released");
    }

    private int Block(int x)
    {
        _entered.Set();
        _leave.Await();
        _left.Set();
        return x;
    }

    /// <summary>
    /// Makes a call on a thread of its own, cancels it while its method runs, and lets the caller end with it.
    /// </summary>
    private IpcTestPair<IStage> Abandon(Stage stage, out TestThread<int> caller)
    {
        using var cancellation = new CancellationTokenSource();
        IpcTestPair<IStage> pair = Serve<IStage>(stage);
        CancellationToken token = cancellation.Token;
        caller = TestThread.Start(() =>
        {
            Assert.That(() => pair.Root.CallUntil(1, token), Throws.InstanceOf<OperationCanceledException>());
            return 0;
        });
        _entered.Await();
        cancellation.Cancel();
        return pair;
    }

    private static int LogicalThreadsOf(IpcTestPair<IStage> pair)
    {
        lock (pair.Client.Core.Channel.Threads.Gate)
        {
            return pair.Client.Core.Channel.Threads.OwnCount;
        }
    }

    private sealed class Loader(AbandonedCallTests tests) : ILoader
    {
        public CancellationTokenSource Cancellation { get; init; } = new();

        public int Weigh(Parcel parcel) => parcel.Weight;

        public int Block(CancellationToken cancellationToken) => tests.Block(0);

        public int CallBack(CancellableCallback first, Func<Parcel, int> second)
            => second(new Parcel(() =>
            {
                TestThread<bool> cancelling = TestThread.Start(() =>
                {
                    tests._entered.Await();
                    Cancellation.Cancel();
                });
                try
                {
                    first(1, Cancellation.Token);
                }
                catch (OperationCanceledException)
                {
                    // Given up; or the callback was quicker.
                }

                cancelling.Join();
                return 7;
            }));
    }

    private sealed class Maker(AbandonedCallTests tests) : IMaker, IResourceMaker
    {
        public Action OnDispose { get; set; } = () => { };

        public IDisposable MakeResource() => new Resource(OnDispose);

        public int ThreadId() => Environment.CurrentManagedThreadId;

        public IStage Make(CancellationToken cancellationToken)
        {
            tests.Block(0);
            return new Stage();
        }

        public async Task<IStage> MakeAsync(CancellationToken cancellationToken)
        {
            tests._entered.Set();
            await tests._leave.Task;
            tests._left.Set();
            return new Stage();
        }

        public void Ping()
        {
        }

        private sealed class Resource(Action onDispose) : IDisposable
        {
            public void Dispose() => onDispose();
        }
    }
}

/// <summary>Takes what is encoded while other calls are made.</summary>
[IpcInterface]
public interface ILoader
{
    int Weigh(Parcel parcel);

    int Block(CancellationToken cancellationToken);

    int CallBack(CancellableCallback first, Func<Parcel, int> second);
}

/// <summary>A callback that can be given up.</summary>
public delegate int CancellableCallback(int x, CancellationToken cancellationToken);

/// <summary>Makes what is slow to dispose.</summary>
[IpcInterface]
public interface IResourceMaker
{
    IDisposable MakeResource();

    int ThreadId();
}

/// <summary>Makes objects, slowly.</summary>
[IpcInterface]
public interface IMaker
{
    IStage Make(CancellationToken cancellationToken);

    Task<IStage> MakeAsync(CancellationToken cancellationToken);

    void Ping();
}
