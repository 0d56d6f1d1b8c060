using Microsoft.Extensions.Logging;
using Multiprocess.Tests.Support;

namespace Multiprocess.Tests.Connections;

/// <summary>
/// A call that is under way too long is written about, with who waits for whom, and can be looked up.
/// </summary>
public sealed class SlowCallTests(IpcTestTransport transport) : PairFixture(transport)
{
    private const int Waits = 40;
    private const int Runs = 41;

    private static readonly TimeSpan s_limit = TimeSpan.FromSeconds(8);
    private static readonly TimeSpan s_look = s_limit / 4;

    private ManualTime _time = null!;
    private Signal _entered = null!;
    private Signal _leave = null!;
    private TestLog _log = null!;
    private TestLog _serverLog = null!;
    private int _calls;

    [SetUp]
    public void Begin()
    {
        _time = new ManualTime();
        _calls = 0;
        _entered = new Signal();
        _leave = new Signal();
        _log = new TestLog(LogLevel.Warning);
        _serverLog = new TestLog(LogLevel.Warning);
    }

    [TearDown]
    public void LetGo()
    {
        _leave.Set();
        _log.Dispose();
        _serverLog.Dispose();
    }

    [Test]
    public void A_call_that_waits_too_long_is_written_about_once_by_both_sides()
    {
        IStage root = ServeWatched(Blocking()).Root;
        TestThread<int> caller = TestThread.Start(() => root.Call(1), "clerk");
        _entered.Await();

        Pass(s_limit - s_look);
        Assert.That(_log.Entries.Count + _serverLog.Entries.Count, Is.Zero);

        Pass(s_look);
        LogEntry waits = _log.Entries.Single();
        LogEntry runs = _serverLog.Entries.Single();
        Assert.That(waits.Id, Is.EqualTo(Waits));
        Assert.That(waits.Level, Is.EqualTo(LogLevel.Warning));
        Assert.That(waits.Values["Seconds"], Is.EqualTo(8.0));
        Assert.That(
            waits.Text,
            Does.Contain("IStage.Call has waited 8 s for process").And.Contain("thread clerk/").And.Contain(
                "waits for #").And.Contain("(8.0 s)").And.Contain($"of process {Environment.ProcessId}"));
        Assert.That(runs.Id, Is.EqualTo(Runs));
        Assert.That(
            runs.Text,
            Does.Contain("IStage.Call of process").And.Contain("thread clerk/").And.Contain("runs #").And.Contain(
                "it waits for no other process"));
        Assert.That(
            runs.Values["Request"],
            Is.EqualTo(waits.Values["Request"]),
            "The number by which both lines are put together.");

        Pass(10 * s_limit);
        Assert.That(_log.Entries.Count + _serverLog.Entries.Count, Is.EqualTo(2), "Once for each call.");

        _leave.Set();
        caller.Join();
        Pass(s_limit);
        Assert.That(_log.Entries.Count + _serverLog.Entries.Count, Is.EqualTo(2));
    }

    [Test]
    public void Each_slow_call_has_its_own_line()
    {
        IStage root = ServeWatched(Blocking()).Root;
        TestThread<int>[] callers =
            [
                .. Enumerable.Range(0, 2).Select(i => TestThread.Start(() => root.Call(i), $"clerk {i}")),
            ];
        Patience.Until(() => _calls == 2, "both are there");

        Pass(s_limit);

        Assert.That(_log.Entries.Select(entry => entry.Values["Request"]), Is.Unique.And.Exactly(2).Items);
        Assert.That(
            _log.Entries.Count(entry => entry.Text.Contains("thread clerk 0/", StringComparison.Ordinal)),
            Is.EqualTo(1));
        _leave.Set();
        foreach (TestThread<int> caller in callers)
        {
            caller.Join();
        }
    }

    [Test]
    public void Calls_that_are_fast_are_not_written_about()
    {
        IStage root = ServeWatched(new Stage()).Root;

        for (int i = 0; i < 20; i++)
        {
            root.Call(i);
            root.CallBack(i, x => x);
            root.CallAsync(i).GetAwaiter().GetResult();
            Pass(s_look);
        }

        Assert.That(_log.Entries.Count + _serverLog.Entries.Count, Is.Zero);
    }

    [Test]
    public void A_callback_that_holds_up_its_call_is_named()
    {
        IStage root = ServeWatched(new Stage()).Root;
        TestThread<int> caller = TestThread.Start(
            () => root.CallBack(
                1,
                x =>
                {
                    _entered.Set();
                    _leave.Await();
                    return x;
                }),
            "clerk");
        _entered.Await();

        Pass(s_limit);

        // One line for the thread, about the innermost; the whole chain is in it.
        LogEntry here = _log.Entries.Single();
        Assert.That(here.Id, Is.EqualTo(Runs));
        Assert.That(
            here.Text,
            Does.Match(
                @"thread clerk/\d+ waits for #\d+ \S+IStage\.CallBack of .* → runs #\d+ \S+ \S+Invoke for .*; it waits for no other process"));
        LogEntry there = _serverLog.Entries.Single();
        Assert.That(there.Id, Is.EqualTo(Waits));
        Assert.That(there.Text, Does.Match(@"runs #\d+ \S+IStage\.CallBack for .* → waits for #\d+ \S+ \S+Invoke of "));
        _leave.Set();
        caller.Join();
    }

    [Test]
    public void A_callback_that_becomes_slow_later_has_a_line_of_its_own()
    {
        var called = new Signal();
        var go = new Signal();
        IStage root = ServeWatched(new Stage
        {
            OnCallBack = (x, callback) =>
            {
                called.Set();
                go.Await();
                return callback(x);
            },
        }).Root;
        TestThread<int> caller = TestThread.Start(() => root.CallBack(
            1,
            x =>
            {
                _entered.Set();
                _leave.Await();
                return x;
            }));
        called.Await();
        Pass(s_limit);
        Assert.That(
            _log.Entries.Single().Text,
            Does.Contain("nothing runs here for it").And.Contain($"of process {Environment.ProcessId}"));

        go.Set();
        _entered.Await();
        Pass(s_limit);

        Assert.That(_log.Entries.Select(entry => entry.Id), Is.EqualTo(new[] { Waits, Runs }));
        _leave.Set();
        caller.Join();
    }

    [Test]
    public void A_chain_over_three_programs_is_told_by_the_one_in_the_middle()
    {
        var middleLog = new TestLog(LogLevel.Warning);
        IpcConnectionOptions Watched(TestLog log) => new()
        {
            TimeProvider = _time,
            SlowCallWarning = s_limit,
            LoggerFactory = log,
        };
        IStage wallet = Serve<IStage>(Blocking(), client: Watched(middleLog), server: Watched(_serverLog)).Root;
        IStage node = Serve<IStage>(
            new Stage { OnCall = wallet.Call }, client: Watched(_log), server: Watched(middleLog)).Root;
        TestThread<int> caller = TestThread.Start(() => node.Call(1), "gui");
        _entered.Await();

        Pass(s_limit);

        Assert.That(
            _log.Entries.Single().Text,
            Does.Match(@"thread gui/\d+ waits for #\d+ \S+IStage.Call of [^→]*; nothing runs here"));
        LogEntry[] middle = [.. middleLog.Entries.OrderBy(entry => entry.Id)];
        Assert.That(
            middle.Select(entry => entry.Id), Is.EqualTo(new[] { Waits, Runs }), "One for each of its connections.");
        Assert.That(
            middle.Select(entry => entry.Text),
            Is.All.Match(@"thread gui/\d+ runs #\d+ \S+IStage.Call for .* → waits for #\d+ \S+IStage.Call of "));
        Assert.That(middle[1].Text, Does.Contain("it is held up by #").And.Contain("has not answered"));
        Assert.That(middle[1].Values["Request"], Is.EqualTo(_log.Entries.Single().Values["Request"]));
        Assert.That(_serverLog.Entries.Single().Values["Request"], Is.EqualTo(middle[0].Values["Request"]));
        Assert.That(_serverLog.Entries.Single().Text, Does.Contain("it waits for no other process"));
        _leave.Set();
        caller.Join();
    }

    [Test]
    public async Task An_asynchronous_call_is_written_about_and_names_the_call_in_which_it_was_made()
    {
        var middleLog = new TestLog(LogLevel.Warning);
        IpcConnectionOptions Watched(TestLog log) => new()
        {
            TimeProvider = _time,
            SlowCallWarning = s_limit,
            LoggerFactory = log,
        };
        IStage wallet = Serve<IStage>(Blocking(), client: Watched(middleLog), server: Watched(_serverLog)).Root;
        IStage node = Serve<IStage>(
            new Stage
            {
                OnCallAsync = async (x, _) =>
                {
                    await Task.Yield();
                    return await wallet.CallAsync(x);
                },
            },
            client: Watched(_log),
            server: Watched(middleLog)).Root;
        Task<int> call = node.CallAsync(1);
        _entered.Await();

        Pass(s_limit);

        Assert.That(
            _log.Entries.Single().Text,
            Does.Match(@"#\d+ \S+IStage.CallAsync has waited 8 s .*: asynchronous waits for #"));
        LogEntry waits = middleLog.Entries.Single(entry => entry.Id == Waits);
        Assert.That(
            waits.Text,
            Does.Match(@"asynchronous runs #\d+ \S+IStage.CallAsync for .* → waits for #\d+ \S+IStage.CallAsync of "));
        Assert.That(
            middleLog.Entries.Single(entry => entry.Id == Runs).Values["Request"],
            Is.EqualTo(_log.Entries.Single().Values["Request"]));
        Assert.That(_serverLog.Entries.Single().Id, Is.EqualTo(Runs));

        Pass(10 * s_limit);
        Assert.That(_log.Entries.Count + middleLog.Entries.Count + _serverLog.Entries.Count, Is.EqualTo(4));
        _leave.Set();
        await call.WaitAsync(Patience.Bound);
    }

    [Test]
    public void A_one_way_call_is_not_watched()
    {
        var stage = new Stage
        {
            OnPost = _ =>
            {
                _entered.Set();
                _leave.Await();
            },
        };
        IpcTestPair<IStage> pair = ServeWatched(stage);
        pair.Root.Post(1);
        _entered.Await();

        Pass(2 * s_limit);

        Assert.That(_log.Entries.Count + _serverLog.Entries.Count, Is.Zero);
        Assert.That(pair.Client.ListWaitingCalls(), Is.Empty);
    }

    [Test]
    public void A_very_deep_chain_is_cut_in_the_middle()
    {
        const int depth = 40;
        IStage root = null!;
        int Descend(int x)
        {
            if (x == 0)
            {
                _entered.Set();
                _leave.Await();
                return 0;
            }

            return root.CallBack(x - 1, Descend);
        }

        root = ServeWatched(new Stage()).Root;
        TestThread<int> caller = TestThread.Start(() => Descend(depth));
        _entered.Await();

        Pass(s_limit);

        string chain = (string)_log.Entries.Single().Values["Chain"]!;
        Assert.That(chain, Does.Contain($"… ({(2 * depth) - 20} more)"));
        Assert.That(chain.Split(" → "), Has.Length.EqualTo(21));
        _leave.Set();
        caller.Join();
    }

    [Test]
    public void The_watch_ends_with_its_connection()
    {
        IpcTestPair<IStage> pair = ServeWatched(new Stage());
        pair.Root.Call(1);

        pair.Client.Dispose();
        Assert.That(pair.Server.Closed.WaitHandle.WaitOne(Patience.Bound), Is.True);

        Patience.Until(() => _time.Timers == 0, "no timer is left");
    }

    [Test]
    public void Without_the_option_there_is_no_timer()
    {
        var options = new IpcConnectionOptions { TimeProvider = _time };
        IpcTestPair<IStage> pair = Serve<IStage>(new Stage(), options, options);

        pair.Root.Call(1);

        // The client looks for its threads that have ended; nothing else.
        Assert.That(_time.Timers, Is.EqualTo(1));
    }

    [Test]
    public void The_list_shows_who_waits_for_what_at_any_time()
    {
        IpcTestPair<IStage> pair = Serve<IStage>(Blocking());
        TestThread<int> caller = TestThread.Start(() => pair.Root.Call(1), "clerk");
        _entered.Await();
        Task<int> call = pair.Root.CallAsync(2);

        IReadOnlyList<IpcWaitingCall> calls = pair.Client.ListWaitingCalls();

        Assert.That(
            calls.Select(waiting => waiting.Method),
            Is.EqualTo(
                new[] { "Multiprocess.Tests.Support.IStage.Call", "Multiprocess.Tests.Support.IStage.CallAsync" }));
        Assert.That(calls.Select(waiting => waiting.Request), Is.Ordered.And.Unique);
        Assert.That(calls[0].Thread, Does.StartWith("clerk/"));
        Assert.That(calls[1].Thread, Is.Null);
        Assert.That(calls.Select(waiting => waiting.Age), Is.All.Null, "Nobody wanted to know.");
        Assert.That(
            calls[0].ToString(),
            Does.Match(
                @"^clerk/\d+: waits for #\d+ Multiprocess\.Tests\.Support\.IStage\.Call of process \d+ of user -?\d+$"));
        Assert.That(pair.Server.ListWaitingCalls(), Is.Empty, "It runs calls, and waits for none.");
        _leave.Set();
        caller.Join();
        call.Wait(Patience.Bound);
        Assert.That(pair.Client.ListWaitingCalls(), Is.Empty);
    }

    [Test]
    public void The_list_shows_the_whole_stack_and_with_the_option_how_long()
    {
        IpcTestPair<IStage> pair = ServeWatched(new Stage());
        IReadOnlyList<IpcWaitingCall> calls = [];

        int answer = pair.Root.CallBack(1, x =>
        {
            _time.Advance(TimeSpan.FromSeconds(2));
            calls = pair.Client.ListWaitingCalls();
            return x;
        });

        Assert.That(answer, Is.EqualTo(1));
        IpcWaitingCall call = calls.Single();
        Assert.That(call.Age, Is.EqualTo(TimeSpan.FromSeconds(2)));
        Assert.That(call.Stack.Select(step => step.IsOutgoing), Is.EqualTo(new[] { true, false }));
        Assert.That(call.Stack[0].Request, Is.EqualTo(call.Request));
        Assert.That(call.Stack.Select(step => step.Peer), Is.All.EqualTo(pair.Client.Peer));
        Assert.That(call.Stack.Select(step => step.Age), Is.All.EqualTo(TimeSpan.FromSeconds(2)));
    }

    [Test]
    public void A_call_that_failed_to_encode_leaves_nothing_behind()
    {
        IpcTestPair<IParcels> pair = Serve<IParcels>(new Parcels());

        Assert.That(() => pair.Root.Weigh(Parcel.Broken), Throws.TypeOf<IpcException>());

        Assert.That(pair.Client.ListWaitingCalls(), Is.Empty);
        Assert.That(pair.Root.Add(1, 2), Is.EqualTo(3));
    }

    [TestCase(0)]
    [TestCase(9)]
    [TestCase(-2)]
    public void A_limit_that_makes_no_sense_is_refused(int milliseconds)
        => Assert.That(
            () => new IpcConnectionOptions { SlowCallWarning = TimeSpan.FromMilliseconds(milliseconds) },
            Throws.TypeOf<ArgumentOutOfRangeException>());

    private IpcConnectionOptions Options(TestLog log) => new()
    {
        TimeProvider = _time,
        SlowCallWarning = s_limit,
        LoggerFactory = log,
    };

    private IpcTestPair<IStage> ServeWatched(Stage stage) => Serve<IStage>(stage, Options(_log), Options(_serverLog));

    /// <summary>Lets time pass, and each watch look when it would.</summary>
    private void Pass(TimeSpan time)
    {
        for (TimeSpan passed = TimeSpan.Zero; passed < time; passed += s_look)
        {
            _time.Advance(s_look);
        }
    }

    private Stage Blocking() => new()
    {
        OnCall = x =>
        {
            Interlocked.Increment(ref _calls);
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
