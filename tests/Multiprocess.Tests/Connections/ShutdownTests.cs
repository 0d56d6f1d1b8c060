using Multiprocess.Tests.Support;

namespace Multiprocess.Tests.Connections;

public sealed class ShutdownTests(IpcTestTransport transport) : PairFixture(transport)
{
    private static readonly TimeSpan s_drain = TimeSpan.FromSeconds(30);

    [Test]
    public async Task Shutting_down_with_nothing_running_ends_at_once()
    {
        IpcTestPair<IStage> pair = Serve<IStage>(new Stage());
        pair.Root.Call(1);

        await pair.Server.ShutdownAsync(s_drain).WaitAsync(Patience.Bound);

        Assert.That(async () => await pair.Client.Completion.WaitAsync(Patience.Bound), Throws.Nothing);
        Assert.That(() => pair.Root.Call(2), Throws.TypeOf<IpcDisconnectedException>());
    }

    [Test]
    public void A_time_that_cannot_be_waited_is_refused_before_anything_stops()
    {
        IpcTestPair<IStage> pair = Serve<IStage>(new Stage());

        Assert.That(async () => await pair.Server.ShutdownAsync(TimeSpan.MaxValue), Throws.TypeOf<ArgumentOutOfRangeException>());
        Assert.That(async () => await pair.Server.ShutdownAsync(TimeSpan.FromSeconds(-1)), Throws.TypeOf<ArgumentOutOfRangeException>());

        Assert.That(pair.Root.Call(1), Is.EqualTo(1));
    }

    [Test]
    public void Running_calls_are_cancelled_and_drained_and_new_ones_refused()
    {
        var entered = new Signal();
        var cancelled = new Signal();
        var leave = new Signal();
        var stage = new Stage
        {
            OnCallUntil = (x, token) =>
            {
                using CancellationTokenRegistration registration = token.Register(cancelled.Set);
                entered.Set();
                leave.Await();
                return x;
            },
        };
        IpcTestPair<IStage> pair = Serve<IStage>(stage);
        pair.Root.Call(0);
        TestThread<int> running = TestThread.Start(() => pair.Root.CallUntil(1, CancellationToken.None));
        entered.Await();

        Task shutdown = pair.Server.ShutdownAsync(s_drain);
        cancelled.Await();
        IpcDisconnectedException refused = Assert.Throws<IpcDisconnectedException>(() => pair.Root.Call(2))!;
        bool waited = !shutdown.IsCompleted;
        leave.Set();

        Assert.That(waited, Is.True);
        Assert.That(refused.Message, Does.Contain("shutting down"));
        Assert.That(running.Join(), Is.EqualTo(1));
        Assert.That(async () => await shutdown.WaitAsync(Patience.Bound), Throws.Nothing);
    }

    [Test]
    public void A_running_call_may_still_call_back_while_it_is_drained()
    {
        var entered = new Signal();
        var refusing = new Signal();
        var stage = new Stage
        {
            OnCallBack = (x, callback) =>
            {
                entered.Set();
                refusing.Await();
                return callback(x);
            },
        };
        IpcTestPair<IStage> pair = Serve<IStage>(stage);
        TestThread<int> running = TestThread.Start(() => pair.Root.CallBack(1, x => pair.Root.Call(x) + 1));
        entered.Await();

        Task shutdown = pair.Server.ShutdownAsync(s_drain);
        refusing.Set();

        Assert.That(running.Join(), Is.EqualTo(2));
        Assert.That(async () => await shutdown.WaitAsync(Patience.Bound), Throws.Nothing);
    }

    [Test]
    public void A_method_that_does_not_end_is_waited_for_no_longer_than_the_bound()
    {
        var time = new ManualTime();
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
        IpcTestPair<IStage> pair = Serve<IStage>(stage, server: new IpcConnectionOptions { TimeProvider = time });
        TestThread<int> running = TestThread.Start(() => pair.Root.Call(1));
        entered.Await();

        Task shutdown = pair.Server.ShutdownAsync(s_drain);
        time.AwaitTimer(s_drain);
        time.Advance(s_drain);

        Assert.That(async () => await shutdown.WaitAsync(Patience.Bound), Throws.Nothing);
        Assert.That(running.Join, Throws.TypeOf<IpcDisconnectedException>());
        leave.Set();
    }
}
