using Multiprocess.Tests.Support;

namespace Multiprocess.Tests.Calls;

public sealed class TimeLimitTests(IpcTestTransport transport) : PairFixture(transport)
{
    private static readonly TimeSpan s_ofMethod = TimeSpan.FromSeconds(1.5);
    private static readonly TimeSpan s_ofConnection = TimeSpan.FromSeconds(30);

    private ManualTime _time = null!;
    private Signal _entered = null!;
    private Signal _leave = null!;
    private Stage _stage = null!;

    [SetUp]
    public void MakeStage()
    {
        _time = new ManualTime();
        _entered = new Signal();
        _leave = new Signal();
        _stage = new Stage
        {
            OnCall = x =>
            {
                _entered.Set();
                _leave.Await();
                return x;
            },
            OnCallAsync = async (x, _) =>
            {
                _entered.Set();
                await _leave.Task;
                return x;
            },
        };
    }

    [TearDown]
    public void LetGo() => _leave.Set();

    [Test]
    public void A_method_has_its_own_time_limit()
    {
        IStage root = ServeLimited();
        TestThread<int> caller = TestThread.Start(() => root.CallBounded(1));
        _entered.Await();
        _time.AwaitTimer(s_ofMethod);

        _time.Advance(s_ofMethod);

        IpcTimeoutException? caught = Assert.Throws<IpcTimeoutException>(() => caller.Join());
        Assert.That(caught!.Kind, Is.EqualTo(IpcErrorKind.TimedOut));
        Assert.That(caught.Message, Does.Contain("CallBounded").And.Contain("1,500 ms"));
    }

    [Test]
    public void An_asynchronous_method_has_its_own_time_limit()
    {
        IStage root = ServeLimited();
        Task<int> call = root.CallBoundedAsync(1);
        _entered.Await();
        _time.AwaitTimer(s_ofMethod);

        _time.Advance(s_ofMethod);

        Assert.That(async () => await call.WaitAsync(Patience.Bound), Throws.TypeOf<IpcTimeoutException>());
    }

    [Test]
    public void Other_methods_have_the_connections_time_limit()
    {
        IStage root = ServeLimited(s_ofConnection);
        TestThread<int> caller = TestThread.Start(() => root.Call(1));
        _entered.Await();
        _time.AwaitTimer(s_ofConnection);

        _time.Advance(s_ofConnection - TimeSpan.FromTicks(1));
        bool endedEarly = caller.HasEnded;
        _time.Advance(TimeSpan.FromTicks(1));

        Assert.That(endedEarly, Is.False);
        Assert.That(() => caller.Join(), Throws.TypeOf<IpcTimeoutException>());
    }

    [Test]
    public void An_asynchronous_call_has_the_connections_time_limit()
    {
        IStage root = ServeLimited(s_ofConnection);
        Task<int> call = root.CallAsync(1);
        _entered.Await();
        _time.AwaitTimer(s_ofConnection);

        _time.Advance(s_ofConnection);

        Assert.That(async () => await call.WaitAsync(Patience.Bound), Throws.TypeOf<IpcTimeoutException>());
    }

    [Test]
    public void The_methods_token_is_cancelled_when_time_runs_out()
    {
        var cancelled = new Signal();
        _stage.OnCallUntil = (x, token) =>
        {
            using CancellationTokenRegistration registration = token.Register(cancelled.Set);
            _entered.Set();
            cancelled.Await();
            _leave.Await();
            return x;
        };
        IStage root = ServeLimited(s_ofConnection);
        TestThread<int> caller = TestThread.Start(() => root.CallUntil(1, CancellationToken.None));
        _entered.Await();
        _time.AwaitTimer(s_ofConnection);

        _time.Advance(s_ofConnection);

        Assert.That(cancelled.Await, Throws.Nothing);
        Assert.That(() => caller.Join(), Throws.TypeOf<IpcTimeoutException>());
    }

    [Test]
    public void A_call_that_is_answered_in_time_leaves_no_timer_behind()
    {
        IStage root = ServeLimited(s_ofConnection);
        _leave.Set();

        Assert.That(root.Call(4), Is.EqualTo(4));
        _time.Advance(s_ofConnection);

        Assert.That(root.Call(5), Is.EqualTo(5));
    }

    [Test]
    public void A_TimeoutException_of_the_method_is_no_time_limit_of_the_call()
    {
        _stage.OnCall = _ => throw new TimeoutException("mine");
        IStage root = ServeLimited(s_ofConnection);

        Assert.That(() => root.Call(1), Throws.TypeOf<TimeoutException>().With.Message.EqualTo("mine"));
    }

    [Test]
    public void A_time_limit_ends_a_call_while_the_pool_has_no_thread_for_its_timer()
    {
        var options = new IpcConnectionOptions
        {
            TimeProvider = new TimeWithoutPool(),
            CallTimeout = TimeSpan.FromMilliseconds(50),
        };
        IStage root = Serve<IStage>(_stage, client: options).Root;

        TestThread<int> caller = TestThread.Start(() => root.Call(1));

        _entered.Await();
        Assert.That(() => caller.Join(), Throws.TypeOf<IpcTimeoutException>());
    }

    private IStage ServeLimited(TimeSpan? ofConnection = null)
        => Serve<IStage>(
            _stage,
            client: new IpcConnectionOptions
            {
                TimeProvider = _time,
                CallTimeout = ofConnection ?? Timeout.InfiniteTimeSpan
            }).Root;

    /// <summary>The machine's time, with timers that never get a thread.</summary>
    private sealed class TimeWithoutPool : TimeProvider
    {
        public override ITimer CreateTimer(TimerCallback callback, object? state, TimeSpan dueTime, TimeSpan period)
            => new Timer();

        private sealed class Timer : ITimer
        {
            public bool Change(TimeSpan dueTime, TimeSpan period) => true;

            public void Dispose()
            {
            }

            public ValueTask DisposeAsync() => default;
        }
    }
}
