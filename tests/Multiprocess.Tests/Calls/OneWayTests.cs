using Multiprocess.Tests.Support;

namespace Multiprocess.Tests.Calls;

public sealed class OneWayTests(IpcTestTransport transport) : PairFixture(transport)
{
    [Test]
    public void One_way_calls_run_in_order_and_before_the_call_that_follows()
    {
        var heard = new List<int>();
        IStage root = Serve<IStage>(new Stage { OnPost = heard.Add }).Root;

        for (int x = 0; x < 1000; x++)
        {
            root.Post(x);
        }

        root.Call(0);

        Assert.That(heard, Is.EqualTo(Enumerable.Range(0, 1000)));
    }

    [Test]
    public void A_one_way_call_does_not_wait_for_its_method()
    {
        var leave = new Signal();
        IStage root = Serve<IStage>(new Stage { OnPost = _ => leave.Await() }).Root;

        root.Post(1);
        bool wentOn = !leave.IsSet;
        leave.Set();

        Assert.That(wentOn, Is.True);
        Assert.That(root.Call(1), Is.EqualTo(1));
    }

    [Test]
    public void What_a_one_way_method_throws_is_logged_and_goes_no_further()
    {
        var log = new TestLog();
        IStage root = Serve<IStage>(
            new Stage { OnPost = _ => throw new FormatException("unheard") },
            server: new IpcConnectionOptions { LoggerFactory = log }).Root;

        root.Post(1);

        Assert.That(root.Call(2), Is.EqualTo(2));
        Assert.That(log.Entries.Single(entry => entry.Id == 15).Exception, Is.TypeOf<FormatException>());
    }

    [Test]
    public void A_one_way_callback_runs_on_the_waiting_thread_before_the_answer()
    {
        int thread = 0;
        var heard = new List<int>();
        var listener = new Listener
        {
            OnTell = x =>
            {
                thread = Environment.CurrentManagedThreadId;
                heard.Add(x);
            },
        };
        var stage = new Stage
        {
            OnCallWithListener = other =>
            {
                other.Tell(1);
                other.Tell(2);
                return other.Ask(3);
            },
        };
        IStage root = Serve<IStage>(stage).Root;

        int answer = root.CallWithListener(listener);

        Assert.That(answer, Is.EqualTo(3));
        Assert.That(heard, Is.EqualTo(new[] { 1, 2 }));
        Assert.That(thread, Is.EqualTo(Environment.CurrentManagedThreadId));
    }

    [Test]
    public void A_one_way_callback_may_call_while_its_thread_still_waits()
    {
        IStage root = null!;
        int got = 0;
        var listener = new Listener { OnTell = x => got = root.Call(x) };
        var stage = new Stage
        {
            OnCallWithListener = other =>
            {
                other.Tell(7);

                // The answer to this shows that the callback before it has ended.
                return other.Ask(8);
            },
        };
        root = Serve<IStage>(stage).Root;

        Assert.That(root.CallWithListener(listener), Is.EqualTo(8));
        Assert.That(got, Is.EqualTo(7));
        Assert.That(root.Call(9), Is.EqualTo(9));
    }

    [Test]
    public void A_one_way_callback_may_call_after_its_method_has_returned()
    {
        IStage root = null!;
        int got = 0;
        var listener = new Listener { OnTell = x => got = root.Call(x) };
        var stage = new Stage
        {
            OnCallWithListener = other =>
            {
                other.Tell(7);
                return 0;
            },
        };
        root = Serve<IStage>(stage).Root;

        root.CallWithListener(listener);

        Assert.That(got, Is.EqualTo(7));
        Assert.That(root.Call(9), Is.EqualTo(9));
    }

    [Test]
    public void A_one_way_callback_to_a_thread_that_waits_for_nothing_runs_on_a_worker()
    {
        var heard = new Signal();
        string? thread = null;
        var stage = new Stage();
        IStage root = Serve<IStage>(stage).Root;
        root.Keep(x =>
        {
            thread = Thread.CurrentThread.Name;
            heard.Set();
            return x;
        });

        TestThread.Run(() => stage.Kept!(1), "raiser");

        heard.Await();
        Assert.That(thread, Is.EqualTo("raiser"));
    }
}
