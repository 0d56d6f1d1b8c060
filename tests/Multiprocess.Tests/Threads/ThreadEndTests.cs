using Multiprocess.Tests.Support;

namespace Multiprocess.Tests.Threads;

public sealed class ThreadEndTests(IpcTestTransport transport) : PairFixture(transport)
{
    [Test]
    public void Workers_are_given_back_when_their_client_threads_have_ended()
    {
        IpcTestPair<IStage> pair = Serve<IStage>(new Stage());
        for (int i = 0; i < 5; i++)
        {
            TestThread.Run(() => pair.Root.Call(1));
        }

        int before = pair.WorkerThreads;
        pair.Client.Core.Channel.ClientThreads.EndDead();

        Assert.That(before, Is.EqualTo(5));
        Patience.Until(() => pair.WorkerThreads == 0, "no worker is left");
    }

    [Test]
    public void Client_threads_are_looked_at_every_second_while_there_are_any()
    {
        var time = new ManualTime();
        IpcTestPair<IStage> pair = Serve<IStage>(new Stage(), client: new IpcConnectionOptions { TimeProvider = time });
        for (int round = 0; round < 2; round++)
        {
            TestThread.Run(() => pair.Root.Call(1));
            Assert.That(pair.WorkerThreads, Is.EqualTo(1));

            time.AwaitTimer(TimeSpan.FromSeconds(1));
            time.Advance(TimeSpan.FromSeconds(1));

            Patience.Until(() => pair.WorkerThreads == 0, "no worker is left");
        }
    }

    [Test]
    public void A_worker_stays_while_its_client_thread_lives()
    {
        IpcTestPair<IStage> pair = Serve<IStage>(new Stage { OnCall = _ => Environment.CurrentManagedThreadId });
        int worker = pair.Root.Call(1);

        pair.Client.Core.Channel.ClientThreads.EndDead();

        Assert.That(pair.Root.Call(2), Is.EqualTo(worker));
    }

    [Test]
    public void A_worker_of_a_callback_is_given_back_when_the_servers_thread_has_ended()
    {
        var stage = new Stage();
        IpcTestPair<IStage> pair = Serve<IStage>(stage);
        TestThread.Run(() => pair.Root.Keep(x => x));
        TestThread.Run(() => stage.Kept!(1));

        pair.Client.Core.Channel.ClientThreads.EndDead();
        pair.Server.Core.Channel.ClientThreads.EndDead();

        Patience.Until(() => pair.WorkerThreads == 0, "no worker is left");
    }

    [Test]
    public void Workers_are_given_back_when_the_connection_closes()
    {
        IpcTestPair<IStage> pair = Serve<IStage>(new Stage());
        TestThread<int>[] threads =
            [
                .. Enumerable.Range(0, 10).Select(x => TestThread.Start(() => pair.Root.Call(x), $"client {x}")),
            ];
        foreach (TestThread<int> thread in threads)
        {
            thread.Join();
        }

        pair.Client.Dispose();

        Patience.Until(() => pair.WorkerThreads == 0, "no worker is left");
    }

    [Test]
    public void A_threads_asynchronous_calls_make_no_worker()
    {
        IpcTestPair<IStage> pair = Serve<IStage>(new Stage());

        TestThread.Run(() => pair.Root.CallAsync(1).Wait(Patience.Bound), "asynchronous only");

        Assert.That(pair.WorkerThreads, Is.Zero);
    }

    [Test]
    public void The_thread_for_calls_out_of_one_way_callbacks_is_given_back()
    {
        IStage root = null!;
        var listener = new Listener { OnTell = x => root.Call(x) };
        var stage = new Stage
        {
            OnCallWithListener = other =>
            {
                other.Tell(1);
                return other.Ask(2);
            },
        };
        IpcTestPair<IStage> pair = Serve<IStage>(stage);
        root = pair.Root;
        TestThread.Run(() =>
        {
            root.CallWithListener(listener);
            root.CallWithListener(listener);
        });
        int workers = pair.WorkerThreads;

        pair.Client.Core.Channel.ClientThreads.EndDead();

        Assert.That(workers, Is.EqualTo(2));
        Patience.Until(() => pair.WorkerThreads == 0, "no worker is left");
    }
}
