using System.Diagnostics;
using Multiprocess.Connections;
using Multiprocess.Tests.Support;

namespace Multiprocess.Tests.Connections;

public sealed class ShutdownTests(IpcTestTransport transport) : PairFixture(transport)
{
    // More than any buffer on the way holds.
    private const int LargeBytes = 8 * 1024 * 1024;

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

    [TestCase(true)]
    [TestCase(false)]
    public async Task Many_peers_that_receive_nothing_are_waited_for_together(bool drains)
    {
        const int Peers = 150;

        // One after the other they would take a tenth of a second each.
        TimeSpan bound = TimeSpan.FromSeconds(Peers / 20);
        var pairs = new List<IpcTestPair<IStage>>();
        for (int i = 0; i < Peers; i++)
        {
            IpcTestPair<IStage> pair = Serve<IStage>(new Stage());
            pair.Root.Call(1);
            pair.Faults.ServerToClient.Stall();
            _ = pair.Root.CallAsync(1);
            pairs.Add(pair);
        }

        ConnectionCore[] servers = [.. pairs.Select(pair => pair.Server.Core)];
        Patience.Until(
            () => servers.All(server => server.Channel.Sender.IsBusy),
            "each has an answer that its peer does not take");
        long start = Stopwatch.GetTimestamp();

        if (drains)
        {
            await ConnectionCore.ShutdownAsync(servers, TimeSpan.FromMilliseconds(100)).WaitAsync(Patience.Bound);
        }
        else
        {
            ConnectionCore.CloseAll(servers);
        }

        Assert.That(Stopwatch.GetElapsedTime(start), Is.LessThan(bound));
        Assert.That(servers.All(server => server.Channel.IsClosed), Is.True);
    }

    [Test]
    public void A_time_that_cannot_be_waited_is_refused_before_anything_stops()
    {
        IpcTestPair<IStage> pair = Serve<IStage>(new Stage());

        Assert.That(
            async () => await pair.Server.ShutdownAsync(TimeSpan.MaxValue),
            Throws.TypeOf<ArgumentOutOfRangeException>());
        Assert.That(
            async () => await pair.Server.ShutdownAsync(TimeSpan.FromSeconds(-1)),
            Throws.TypeOf<ArgumentOutOfRangeException>());

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
    public async Task Calls_that_give_up_because_their_server_shuts_down_say_so()
    {
        var entered = new CountdownEvent(2);
        var stage = new Stage
        {
            OnCallUntil = (_, token) =>
            {
                entered.Signal();
                token.WaitHandle.WaitOne(Patience.Bound);
                throw new OperationCanceledException(token);
            },
            OnCallAsync = async (x, token) =>
            {
                entered.Signal();
                await Task.Delay(Patience.Bound, token);
                return x;
            },
        };
        IpcTestPair<IStage> pair = Serve<IStage>(stage);
        using var never = new CancellationTokenSource();
        TestThread<int> running = TestThread.Start(() => pair.Root.CallUntil(1, never.Token));
        Task<int> later = pair.Root.CallAsync(2, CancellationToken.None);
        Assert.That(entered.Wait(Patience.Bound), Is.True);

        await pair.Server.ShutdownAsync(s_drain).WaitAsync(Patience.Bound);

        Assert.That(
            running.Join,
            Throws.TypeOf<IpcDisconnectedException>().With.Message.Contains(
                "IStage.CallUntil").And.Message.Contains("shutting down"));
        Assert.That(
            async () => await later.WaitAsync(Patience.Bound),
            Throws.TypeOf<IpcDisconnectedException>().With.Message.Contains("shutting down"));
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

    [Test]
    public async Task Clients_that_send_and_receive_large_messages_are_told_and_lose_nothing_that_was_answered()
    {
        const int Threads = 4;
        var calling = new CountdownEvent(Threads);
        IpcTestPair<IEcho> pair = Serve<IEcho>(new Echo());
        TestThread<bool>[] callers = [.. Enumerable.Range(0, Threads).Select(number => TestThread.Start(() =>
        {
            byte[] sent = [.. Enumerable.Repeat((byte)number, LargeBytes)];
            for (bool isFirst = true; ; isFirst = false)
            {
                Assert.That(pair.Root.Send(sent), Is.EqualTo(sent));
                if (isFirst)
                {
                    calling.Signal();
                }
            }
        }))];
        Assert.That(calling.Wait(Patience.Bound), Is.True);

        await pair.Server.ShutdownAsync(s_drain).WaitAsync(Patience.Bound);

        foreach (TestThread<bool> caller in callers)
        {
            Assert.That(caller.Join, Throws.TypeOf<IpcDisconnectedException>());
        }
    }

    [Test]
    public void A_client_that_does_not_take_its_answer_is_waited_for_no_longer_than_the_bound()
    {
        var time = new ManualTime();
        var answering = new Signal();
        IpcTestPair<IEcho> pair = Serve<IEcho>(
            new Echo { OnLarge = answering.Set }, server: new IpcConnectionOptions { TimeProvider = time });
        pair.Root.Send([]);
        pair.Faults.ServerToClient.Stall();
        TestThread<byte[]> caller = TestThread.Start(() => pair.Root.Send(new byte[LargeBytes]));
        answering.Await();

        Task shutdown = pair.Server.ShutdownAsync(s_drain);
        time.AwaitTimer(s_drain);
        bool waited = !shutdown.IsCompleted;
        time.Advance(s_drain);

        Assert.That(waited, Is.True);
        Assert.That(async () => await shutdown.WaitAsync(Patience.Bound), Throws.Nothing);
        pair.Faults.ServerToClient.Resume();
        Assert.That(caller.Join, Throws.TypeOf<IpcDisconnectedException>());
    }

    [Test]
    public async Task A_client_that_falls_silent_in_the_middle_of_a_message_holds_up_nothing()
    {
        IpcTestPair<IEcho> pair = Serve<IEcho>(new Echo());
        pair.Root.Send([]);
        long before = pair.Faults.ClientToServer.SentBytes;
        pair.Faults.ClientToServer.Fragment();
        TestThread<byte[]> caller = TestThread.Start(() => pair.Root.Send(new byte[LargeBytes]));
        Patience.Until(() => pair.Faults.ClientToServer.SentBytes > before, "the message is begun");
        pair.Faults.ClientToServer.Stall();

        await pair.Server.ShutdownAsync(s_drain).WaitAsync(Patience.Bound);

        Assert.That(caller.Join, Throws.TypeOf<IpcDisconnectedException>());
        pair.Faults.ClientToServer.Resume();
    }

    [Test]
    public void A_client_that_takes_its_answer_slowly_has_it_before_the_end()
    {
        var answering = new Signal();
        IpcTestPair<IEcho> pair = Serve<IEcho>(new Echo { OnLarge = answering.Set });
        pair.Root.Send([]);
        pair.Faults.ServerToClient.Stall();
        TestThread<byte[]> caller = TestThread.Start(() => pair.Root.Send(new byte[LargeBytes]));
        answering.Await();
        Patience.Until(
            () => pair.Server.Core.Channel.PeerCalls.InFlight.IsEmpty,
            "the call has ended, and its answer waits to be sent");

        Task shutdown = pair.Server.ShutdownAsync(s_drain);
        bool waited = !shutdown.IsCompleted;
        pair.Faults.ServerToClient.Resume();

        Assert.That(waited, Is.True);
        Assert.That(caller.Join(), Has.Length.EqualTo(LargeBytes));
        Assert.That(async () => await shutdown.WaitAsync(Patience.Bound), Throws.Nothing);
    }

    [Test]
    public void A_client_drains_the_callbacks_that_run_in_it_to_any_depth()
    {
        const int Depth = 5;
        var entered = new Signal();
        var leave = new Signal();
        IpcTestPair<IStage> pair = Serve<IStage>(new Stage());
        var drained = new List<int>();
        int Nest(int depth)
        {
            if (depth > 0)
            {
                _ = pair.Root.CallBack(depth - 1, Nest);
            }
            else
            {
                entered.Set();
                leave.Await();
            }

            drained.Add(depth);
            return depth;
        }

        // A call of its own is nothing that it drains: whether this one still has its answer is open.
        TestThread<int> running = TestThread.Start(() => pair.Root.CallBack(Depth, Nest));
        entered.Await();

        Task shutdown = pair.Client.ShutdownAsync(s_drain);
        bool waited = !shutdown.IsCompleted;
        leave.Set();

        Assert.That(waited, Is.True);
        Assert.That(async () => await shutdown.WaitAsync(Patience.Bound), Throws.Nothing);
        Patience.Until(() => running.HasEnded, "the client's own call ends");
        Assert.That(drained, Is.EqualTo(Enumerable.Range(0, Depth + 1)));
    }

    [Test]
    public void A_method_that_shuts_its_own_server_down_still_answers()
    {
        Task? shutdown = null;
        IpcTestPair<IStage> pair = null!;
        pair = Serve<IStage>(new Stage
        {
            OnCall = x =>
            {
                shutdown = pair.Server.ShutdownAsync(s_drain);
                return x;
            },
        });

        Assert.That(pair.Root.Call(7), Is.EqualTo(7));
        Assert.That(async () => await shutdown!.WaitAsync(Patience.Bound), Throws.Nothing);
        Assert.That(() => pair.Root.Call(8), Throws.TypeOf<IpcDisconnectedException>());
    }
}

/// <summary>Gives large values back.</summary>
[IpcInterface]
public interface IEcho
{
    byte[] Send(byte[] bytes);
}

internal sealed class Echo : IEcho
{
    public Action OnLarge { get; set; } = () => { };

    public byte[] Send(byte[] bytes)
    {
        if (bytes.Length > 0)
        {
            OnLarge();
        }

        return bytes;
    }
}
