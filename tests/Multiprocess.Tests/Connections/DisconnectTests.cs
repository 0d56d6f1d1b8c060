using Multiprocess.Tests.Support;

namespace Multiprocess.Tests.Connections;

[IpcInterface]
public interface IBulk
{
    byte[] Echo(byte[] bytes);

    void Keep(Func<byte[], byte[]> echo);
}

public sealed class DisconnectTests(IpcTestTransport transport) : PairFixture(transport)
{
    [Test]
    public void A_call_after_the_client_closed_fails()
    {
        IpcTestPair<IStage> pair = Serve<IStage>(new Stage());
        pair.Root.Call(1);

        pair.Client.Dispose();

        Assert.That(() => pair.Root.Call(2), Throws.TypeOf<IpcDisconnectedException>());
        Assert.That(async () => await pair.Root.CallAsync(2), Throws.TypeOf<IpcDisconnectedException>());
        Assert.That(() => pair.Root.Post(2), Throws.TypeOf<IpcDisconnectedException>());
    }

    [Test]
    public void A_call_after_the_server_closed_fails_with_the_reason()
    {
        IpcTestPair<IStage> pair = Serve<IStage>(new Stage());
        pair.Root.Call(1);

        pair.Server.Dispose();

        Assert.That(() => pair.Root.Call(2), Throws.TypeOf<IpcDisconnectedException>());
        Assert.That(pair.Client.Closed.WaitHandle.WaitOne(Patience.Bound), Is.True);
        Assert.That(() => pair.Root.Call(3), Throws.TypeOf<IpcDisconnectedException>());
    }

    [TestCase(true)]
    [TestCase(false)]
    public void A_disconnect_inside_a_call_releases_the_caller_at_once_and_cancels_the_method(bool byServer)
    {
        var entered = new Signal();
        var cancelled = new Signal();
        var leave = new Signal();
        var left = new Signal();
        var stage = new Stage
        {
            OnCallUntil = (x, token) =>
            {
                using CancellationTokenRegistration registration = token.Register(cancelled.Set);
                entered.Set();
                leave.Await();
                left.Set();
                return x;
            },
        };
        IpcTestPair<IStage> pair = Serve<IStage>(stage);
        TestThread<int> caller = TestThread.Start(() => pair.Root.CallUntil(1, CancellationToken.None));
        entered.Await();

        (byServer ? pair.Server : (IpcConnection)pair.Client).Dispose();

        Assert.That(caller.Join, Throws.TypeOf<IpcDisconnectedException>());
        Assert.That(cancelled.Await, Throws.Nothing);
        Assert.That(left.IsSet, Is.False);
        leave.Set();
        left.Await();
    }

    [Test]
    public void A_method_may_close_its_own_connection()
    {
        IpcTestPair<IStage> pair = null!;
        var stage = new Stage
        {
            OnCall = x =>
            {
                pair.Server.Dispose();
                return x;
            },
        };
        pair = Serve<IStage>(stage);

        Assert.That(() => pair.Root.Call(1), Throws.TypeOf<IpcDisconnectedException>());
    }

    [Test]
    public void A_callback_may_close_its_own_connection()
    {
        IpcTestPair<IStage> pair = Serve<IStage>(new Stage());

        Assert.That(
            () => pair.Root.CallBack(1, x =>
            {
                pair.Client.Dispose();
                return x;
            }),
            Throws.TypeOf<IpcDisconnectedException>());
    }

    [Test]
    public void A_queued_call_never_starts()
    {
        var entered = new Signal();
        var leave = new Signal();
        var left = new Signal();
        bool ran = false;
        var stage = new Stage
        {
            OnPost = _ =>
            {
                entered.Set();
                leave.Await();
                left.Set();
            },
            OnCall = x =>
            {
                ran = true;
                return x;
            },
        };
        IpcTestPair<IStage> pair = Serve<IStage>(stage);
        TestThread<int> caller = TestThread.Start(() =>
        {
            pair.Root.Post(0);
            return pair.Root.Call(1);
        });
        entered.Await();
        Patience.Until(
            () => pair.Server.Core.Channel.PeerCalls.InFlight.Count == 2, "the second call waits for the first");

        pair.Client.Dispose();
        Assert.That(caller.Join, Throws.TypeOf<IpcDisconnectedException>());
        Assert.That(pair.Server.Closed.WaitHandle.WaitOne(Patience.Bound), Is.True);
        leave.Set();
        left.Await();

        Patience.Until(() => pair.WorkerThreads == 0, "the worker has left");
        Assert.That(ran, Is.False);
    }

    [Test]
    public void Pending_tasks_fail_when_the_connection_goes()
    {
        var leave = new Signal();
        IpcTestPair<IStage> pair = Serve<IStage>(new Stage
        {
            OnCallAsync = async (x, _) =>
            {
                await leave.Task;
                return x;
            },
        });
        Task<int>[] calls = [.. Enumerable.Range(0, 10).Select(x => pair.Root.CallAsync(x))];

        pair.Server.Dispose();

        foreach (Task<int> call in calls)
        {
            Assert.That(async () => await call.WaitAsync(Patience.Bound), Throws.TypeOf<IpcDisconnectedException>());
        }

        leave.Set();
    }

    [Test]
    public void A_saved_callback_fails_once_its_client_is_gone_and_its_proxy_goes_quietly()
    {
        var stage = new Stage();
        IpcTestPair<IStage> pair = Serve<IStage>(stage);
        pair.Root.Keep(x => x + 1);
        Assert.That(TestThread.Run(() => stage.Kept!(1)), Is.EqualTo(2));

        pair.Client.Dispose();
        Assert.That(pair.Server.Closed.WaitHandle.WaitOne(Patience.Bound), Is.True);

        Assert.That(() => stage.Kept!(1), Throws.TypeOf<IpcDisconnectedException>());
        stage.Keep(null);
        GC.Collect();
        GC.WaitForPendingFinalizers();
        Assert.That(pair.Server.LiveImports, Is.Zero);
    }

    [TestCase(true)]
    [TestCase(false)]
    public void Wherever_the_bytes_are_cut_the_caller_gets_an_answer_or_a_disconnect(bool clientToServer)
    {
        int answered = 0;
        for (int bytes = 0; bytes < 120; bytes += 3)
        {
            IpcTestPair<IStage> pair = Serve<IStage>(new Stage());
            pair.Root.Call(0);
            (clientToServer ? pair.Faults.ClientToServer : pair.Faults.ServerToClient).CutAfterBytes(bytes);
            try
            {
                Assert.That(pair.Root.CallBack(7, x => pair.Root.Call(x)), Is.EqualTo(7));
                answered++;
            }
            catch (IpcDisconnectedException)
            {
                Assert.That(pair.Client.Closed.WaitHandle.WaitOne(Patience.Bound), Is.True);
            }

            pair.Dispose();
        }

        Assert.That(answered, Is.InRange(1, 39), "Some cuts are before the end of the call, some after.");
    }

    [Test]
    public void A_disconnect_that_races_the_start_of_calls_ends_each_of_them()
    {
        for (int round = 0; round < 30; round++)
        {
            IpcTestPair<IStage> pair = Serve<IStage>(new Stage());
            using var start = new Barrier(5);
            TestThread<bool>[] callers = [.. Enumerable.Range(0, 4).Select(x => TestThread.Start(() =>
            {
                start.SignalAndWait(Patience.Bound);
                for (int i = 0; i < 1000; i++)
                {
                    pair.Root.CallBack(x, y => y);
                }
            }))];
            start.SignalAndWait(Patience.Bound);

            (round % 2 == 0 ? pair.Server : (IpcConnection)pair.Client).Dispose();

            foreach (TestThread<bool> caller in callers)
            {
                Assert.That(caller.Join, Throws.TypeOf<IpcDisconnectedException>());
            }
        }
    }

    [Test]
    public void Closing_in_good_order_completes_and_a_cut_faults()
    {
        IpcTestPair<IStage> closed = Serve<IStage>(new Stage());
        closed.Client.Dispose();
        closed.Client.Dispose();

        Assert.That(async () => await closed.Client.Completion.WaitAsync(Patience.Bound), Throws.Nothing);
        Assert.That(async () => await closed.Server.Completion.WaitAsync(Patience.Bound), Throws.Nothing);

        IpcTestPair<IStage> cut = Serve<IStage>(new Stage());
        cut.Faults.ClientToServer.CutAfterBytes(0);

        Assert.That(
            async () => await cut.Client.Completion.WaitAsync(Patience.Bound),
            Throws.TypeOf<IpcDisconnectedException>());
        Assert.That(
            async () => await cut.Server.Completion.WaitAsync(Patience.Bound),
            Throws.TypeOf<IpcDisconnectedException>());
    }

    [Test]
    public void Calls_work_one_byte_at_a_time()
    {
        IpcTestPair<IStage> pair = Serve<IStage>(new Stage());
        pair.Faults.ClientToServer.Fragment();
        pair.Faults.ServerToClient.Fragment();

        Assert.That(pair.Root.CallBack(7, x => pair.Root.Call(x) + 1), Is.EqualTo(8));
    }

    [Test]
    public void A_peer_that_takes_nothing_for_a_while_gets_everything_later()
    {
        var heard = new List<int>();
        IpcTestPair<IStage> pair = Serve<IStage>(new Stage { OnPost = heard.Add });
        pair.Faults.ClientToServer.Stall();
        for (int x = 0; x < 100; x++)
        {
            pair.Root.Post(x);
        }

        pair.Faults.ClientToServer.Resume();
        pair.Root.Call(0);

        Assert.That(heard, Is.EqualTo(Enumerable.Range(0, 100)));
    }

    [Test]
    public void Both_sides_may_send_large_messages_to_each_other_at_once()
    {
        var bulk = new Bulk();
        IBulk root = Serve<IBulk>(bulk).Root;
        byte[] large = new byte[4 * 1024 * 1024];
        root.Keep(bytes => bytes);

        TestThread<int> there = TestThread.Start(() => Enumerable.Range(0, 5).Sum(_ => root.Echo(large).Length));
        TestThread<int> back = TestThread.Start(() => Enumerable.Range(0, 5).Sum(_ => bulk.Kept!(large).Length));

        Assert.That(there.Join(), Is.EqualTo(5 * large.Length));
        Assert.That(back.Join(), Is.EqualTo(5 * large.Length));
    }

    private sealed class Bulk : IBulk
    {
        public Func<byte[], byte[]>? Kept { get; private set; }

        public byte[] Echo(byte[] bytes) => bytes;

        public void Keep(Func<byte[], byte[]> echo) => Kept = echo;
    }
}
