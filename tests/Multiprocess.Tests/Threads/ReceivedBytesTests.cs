using Multiprocess.Framing;
using Multiprocess.Protocols;
using Multiprocess.Tests.Support;
using Multiprocess.Threads;
using Multiprocess.Transports;

namespace Multiprocess.Tests.Threads;

/// <summary>
/// What a peer sends and nothing runs: it is held back before anything is refused, and nothing that is needed is held
/// back.
/// </summary>
[CancelAfter(60_000)]
public sealed class ReceivedBytesTests(IpcTestTransport transport) : PairFixture(transport)
{
    private const int Limit = 64 * 1024;
    private static readonly IpcConnectionOptions s_small = new() { Limits = new IpcLimits { MaxWaitingBytes = Limit } };

    [Test]
    public void A_peer_whose_calls_wait_is_held_back_and_none_is_lost()
    {
        const int Count = 40_000;

        // What one buffer full of small calls takes in memory.
        const int Batch = 2 * 1024 * 1024;
        var leave = new Signal();
        var ran = new List<int>(Count);
        IpcTestPair<IStage> pair = Serve<IStage>(
            new Stage
            {
                OnPost = x =>
                {
                    leave.Await();
                    ran.Add(x);
                },
            },
            server: s_small);
        for (int i = 0; i < Count; i++)
        {
            pair.Root.Post(i);
        }

        Patience.Until(() => Received(pair).IsPaused, "the server reads no more");
        Assert.That(Received(pair).Bytes, Is.LessThan(Limit + Batch));
        Assert.That(ran, Is.Empty);

        leave.Set();

        Patience.Until(() => ran.Count == Count, "all calls are run");
        Assert.That(ran, Is.EqualTo(Enumerable.Range(0, Count)));
        Assert.That(pair.Root.Call(1), Is.EqualTo(1));
        Patience.Until(() => Received(pair).Bytes == 0, "nothing waits any more");
    }

    [Test]
    public void What_a_thread_waits_for_comes_through_while_calls_wait()
    {
        var stuck = new Signal();
        var inside = new Signal();
        var leave = new Signal();
        var leavePosts = new Signal();
        IpcTestPair<IStage> pair = Serve<IStage>(
            new Stage
            {
                OnPost = _ =>
                {
                    stuck.Set();
                    leavePosts.Await();
                },
                OnCallBack = (x, callback) =>
                {
                    inside.Set();
                    leave.Await();
                    return callback(x) + callback(x);
                }
            },
            server: s_small);
        TestThread<int> caller = TestThread.Start(() => pair.Root.CallBack(5, x => pair.Root.Call(x) + 1));
        inside.Await();
        for (int i = 0; i < 20_000; i++)
        {
            pair.Root.Post(i);
        }

        stuck.Await();
        Patience.Until(() => Received(pair).IsPaused, "the server reads no more");

        // The answers to the server's callbacks, and the calls inside them, stand behind all that.
        leave.Set();

        try
        {
            Assert.That(caller.Join(), Is.EqualTo(12));
        }
        finally
        {
            leavePosts.Set();
        }
    }

    [Test]
    public async Task A_peer_that_must_be_read_is_refused_at_twice_the_limit_and_the_connection_lives_on()
    {
        // The refusals are answers, which have to find room below the same limit in the other direction.
        const int Most = 1024 * 1024;
        const int Calls = 7000;
        var inside = new Signal();
        var leave = new Signal();
        var entered = new Signal();
        IpcTestPair<IStage> pair = Serve<IStage>(
            new Stage
            {
                OnCallAsync = (x, _) =>
                {
                    entered.Set();
                    leave.Await();
                    return Task.FromResult(x);
                },
            },
            server: new IpcConnectionOptions { Limits = new IpcLimits { MaxWaitingBytes = Most } });

        // The server's thread waits for the answer to its callback, so it has to read.
        TestThread<int> caller = TestThread.Start(
            () => pair.Root.CallBack(5, x => { inside.Set(); leave.Await(); return x; }));
        inside.Await();
        Task<int>[] calls = [.. Enumerable.Range(0, Calls).Select(x => pair.Root.CallAsync(x))];
        entered.Await();

        // Those behind the first wait for their turn, so the last of them are refused while it still runs.
        IpcException? refused = await Assert.ThrowsAsync<IpcException>(() => calls[^1].WaitAsync(Patience.Bound));
        Assert.That(refused!.Kind, Is.EqualTo(IpcErrorKind.LimitExceeded));
        Assert.That(refused.Message, Does.Contain("wait to be run").And.Contain("1,048,576"));
        Assert.That(Received(pair).Bytes, Is.LessThan(3 * Most));

        leave.Set();

        Assert.That(caller.Join(), Is.EqualTo(5));
        Assert.That(await calls[0].WaitAsync(Patience.Bound), Is.Zero);
        foreach (Task<int> call in calls)
        {
            await ((Task)call.WaitAsync(Patience.Bound)).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }

        Assert.That(await pair.Root.CallAsync(7).WaitAsync(Patience.Bound), Is.EqualTo(7));
    }

    [Test]
    public void The_loss_of_a_peer_that_is_held_back_is_noticed()
    {
        if (Transport == IpcTestTransport.InMemory)
        {
            Assert.Ignore("The end of a pipe cannot be seen without receiving.");
        }

        var leave = new Signal();
        IpcTestPair<IStage> pair = Serve<IStage>(new Stage { OnPost = _ => leave.Await() }, server: s_small);
        for (int i = 0; i < 2000; i++)
        {
            pair.Root.Post(i);
        }

        Patience.Until(() => Received(pair).IsPaused, "the server reads no more");
        pair.Client.Dispose();

        try
        {
            Assert.That(pair.Server.Closed.WaitHandle.WaitOne(Patience.Bound), Is.True);
        }
        finally
        {
            leave.Set();
        }
    }

    [Test]
    [NonParallelizable]
    public void A_call_for_which_the_system_has_no_thread_fails_and_the_connection_lives_on()
    {
        IpcTestPair<IStage> pair = Serve<IStage>(new Stage());
        pair.Root.Call(1);
        BackgroundThread.Refuses = name => name.StartsWith("ipc worker", StringComparison.Ordinal);
        try
        {
            IpcException? caught = Assert.Throws<IpcException>(() => TestThread.Run(() => pair.Root.Call(2)));
            Assert.That(caught!.Kind, Is.EqualTo(IpcErrorKind.LimitExceeded));
            Assert.That(caught.Message, Does.Contain("no thread"));
            Assert.That(pair.Root.Call(3), Is.EqualTo(3));
        }
        finally
        {
            BackgroundThread.Refuses = null;
        }

        Assert.That(TestThread.Run(() => pair.Root.Call(4)), Is.EqualTo(4));
    }

    [Test]
    public void What_connections_share_stops_those_that_use_it_and_no_other()
    {
        var server = new SharedByteLimit(1_000_000, outer: null);
        var user = new SharedByteLimit(500_000, server);
        var much = new SharedByteLimitPart(user);
        var little = new SharedByteLimitPart(user);
        var other = new SharedByteLimitPart(new SharedByteLimit(500_000, server));

        much.Settle(600_000);
        little.Settle(60_000);
        other.Settle(200_000);

        Assert.That(much.IsOver, Is.True, "Its user has too much waiting.");
        Assert.That(little.IsOver, Is.False, "It has next to nothing waiting itself.");
        Assert.That(other.IsOver, Is.False, "It is another user's.");

        other.Settle(480_000);
        Assert.That(other.IsOver, Is.True, "The server has too much waiting.");

        much.Settle(0);
        Assert.That(other.IsOver, Is.False);
        Assert.That(much.IsOver, Is.False);
        other.Settle(0);
        Assert.That((server.Bytes, user.Bytes), Is.EqualTo((0L, 0L)), "Everything was given back.");
    }

    [Test]
    public void What_a_reader_notes_after_the_end_is_not_charged_to_the_others()
    {
        const int Frame = 1_000_000;
        var shared = new SharedByteLimit(2 * Frame, outer: null);
        var received = new ReceivedBytes(Frame, mostCalls: 10, shared);
        received.NotePartial(Frame, received: 100, isFull: false);
        Assert.That(shared.Bytes, Is.GreaterThan(0));

        // The reader has received the next bytes of the frame when another thread closes the connection.
        received.Close();
        received.NotePartial(Frame, received: 200, isFull: false);

        Assert.That(shared.Bytes, Is.Zero);
    }

    private static ReceivedBytes Received<T>(IpcTestPair<T> pair) where T : class
        => pair.Server.Core.Channel.Threads.Received;
}
