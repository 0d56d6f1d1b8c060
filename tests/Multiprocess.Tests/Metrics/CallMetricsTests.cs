using Multiprocess.Messages;
using Multiprocess.Metrics;
using Multiprocess.Protocols;
using Multiprocess.Serialization;
using Multiprocess.Tests.Support;
using Multiprocess.Transports;

namespace Multiprocess.Tests.Metrics;

/// <summary>What is measured of calls, on both sides.</summary>
public sealed class CallMetricsTests(IpcTestTransport transport) : PairFixture(transport)
{
    private const string Duration = "multiprocess.call.duration";

    private ManualTime _time = null!;
    private Stage _stage = null!;
    private Signal _entered = null!;
    private Signal _leave = null!;

    [SetUp]
    public void MakeStage()
    {
        _time = new ManualTime();
        _stage = new Stage();
        _entered = new Signal();
        _leave = new Signal();
    }

    [TearDown]
    public void LetGo() => _leave.Set();

    [Test]
    public void A_call_is_counted_and_timed_on_both_sides()
    {
        using var meter = new TestMeter();
        _stage.OnCall = x =>
        {
            _time.Advance(TimeSpan.FromSeconds(3));
            return x;
        };

        ServeTimed().Root.Call(1);

        foreach (string role in new[] { "client", "server" })
        {
            Patience.Until(() => meter.Calls("Call", role, Duration).Count == 1, $"the call is measured by the {role}");
            Measured counted = meter.Calls("Call", role).Single();
            Measured timed = meter.Calls("Call", role, Duration).Single();
            Assert.That(counted.Value, Is.EqualTo(1));
            Assert.That(timed.Value, Is.EqualTo(3));
            Assert.That(counted.Tag(IpcMeter.Service), Is.EqualTo("Multiprocess.Tests.Support.IStage"));
            Assert.That(counted.Tag(IpcMeter.Outcome), Is.EqualTo("ok"));
            Assert.That(timed.Tags, Is.EquivalentTo(counted.Tags));
        }
    }

    [Test]
    public async Task An_asynchronous_call_is_timed_until_its_task_ends()
    {
        using var meter = new TestMeter();
        _stage.OnCallAsync = async (x, _) =>
        {
            _entered.Set();
            await _leave.Task;
            return x;
        };
        Task<int> call = ServeTimed().Root.CallAsync(1);
        _entered.Await();

        _time.Advance(TimeSpan.FromSeconds(2));
        Assert.That(meter.Of(Duration), Is.Empty);
        _leave.Set();
        await call.WaitAsync(Patience.Bound);

        Patience.Until(() => meter.Of(Duration).Count == 2, "both sides have measured");
        Assert.That(meter.Of(Duration).Select(measured => measured.Value), Is.All.EqualTo(2));
        Assert.That(
            meter.Of(Duration).Select(measured => measured.Tag(IpcMeter.Role)),
            Is.EquivalentTo(new[] { "client", "server" }));
        Assert.That(meter.Of(Duration).Select(measured => measured.Tag(IpcMeter.Outcome)), Is.All.EqualTo("ok"));
    }

    [Test]
    public void A_callback_is_a_call_of_the_other_side()
    {
        using var meter = new TestMeter();

        ServeTimed().Root.CallBack(1, x => x);

        Patience.Until(() => meter.Of("multiprocess.calls").Count == 4, "two calls are counted on two sides");
        Assert.That(
            meter.Of("multiprocess.calls")
                .Select(
                    call => (call.Tag(IpcMeter.Role), IsStage: call.Tag(IpcMeter.Service)!.EndsWith(
                        "IStage", StringComparison.Ordinal))),
            Is.EquivalentTo(new[] { ("client", true), ("server", true), ("client", false), ("server", false) }));
    }

    [TestCase(false)]
    [TestCase(true)]
    public void What_a_method_throws_is_a_fault(bool asynchronous)
    {
        using var meter = new TestMeter();
        _stage.OnCall = _ => throw new FormatException("bad");
        _stage.OnCallAsync = (_, _) => throw new FormatException("bad");
        IStage root = ServeTimed().Root;

        Assert.That(() => Call(root, asynchronous), Throws.TypeOf<FormatException>());

        AssertOutcome(meter, asynchronous, "client", "fault");
        AssertOutcome(meter, asynchronous, "server", "fault");
    }

    [TestCase(false)]
    [TestCase(true)]
    public void What_the_caller_cancels_is_cancelled_on_both_sides(bool asynchronous)
    {
        using var meter = new TestMeter();
        using var cancel = new CancellationTokenSource();
        _stage.OnCallUntil = (x, token) => WaitFor(x, token);
        _stage.OnCallAsync = async (x, token) =>
        {
            await Task.Yield();
            return WaitFor(x, token);
        };
        IStage root = ServeTimed().Root;
        TestThread<int> caller = TestThread.Start(
            () => asynchronous ? root.CallAsync(
                1, cancel.Token).GetAwaiter().GetResult() : root.CallUntil(1, cancel.Token));
        _entered.Await();

        cancel.Cancel();

        Assert.That(caller.Join, Throws.InstanceOf<OperationCanceledException>());
        string method = asynchronous ? "CallAsync" : "CallUntil";
        AssertOutcome(meter, method, "client", "cancelled");
        AssertOutcome(meter, method, "server", "cancelled");
    }

    [TestCase(false)]
    [TestCase(true)]
    public void What_runs_out_of_time_is_a_timeout_for_its_caller(bool asynchronous)
    {
        using var meter = new TestMeter();
        Block();
        IStage root = ServeTimed().Root;
        TestThread<int> caller = TestThread.Start(
            () => asynchronous ? root.CallBoundedAsync(1).GetAwaiter().GetResult() : root.CallBounded(1));
        _entered.Await();
        _time.AwaitTimer(TimeSpan.FromSeconds(1.5));

        _time.Advance(TimeSpan.FromSeconds(1.5));

        Assert.That(caller.Join, Throws.TypeOf<IpcTimeoutException>());
        AssertOutcome(meter, asynchronous ? "CallBoundedAsync" : "CallBounded", "client", "timeout");
    }

    [TestCase(false)]
    [TestCase(true)]
    public void What_loses_its_connection_is_disconnected_on_both_sides(bool asynchronous)
    {
        using var meter = new TestMeter();
        Block();
        IpcTestPair<IStage> pair = ServeTimed();
        TestThread<int> caller = TestThread.Start(() => Call(pair.Root, asynchronous));
        _entered.Await();

        pair.Client.Dispose();
        Assert.That(caller.Join, Throws.TypeOf<IpcDisconnectedException>());
        AssertOutcome(meter, asynchronous, "client", "disconnected");

        Assert.That(pair.Server.Closed.WaitHandle.WaitOne(Patience.Bound), Is.True);
        _leave.Set();
        AssertOutcome(meter, asynchronous, "server", "disconnected");
    }

    [Test]
    public void A_result_that_cannot_be_encoded_is_a_fault_of_an_asynchronous_call_too()
    {
        using var meter = new TestMeter();
        IParcels root = Serve<IParcels>(new Parcels(), server: new IpcConnectionOptions { TimeProvider = _time }).Root;

        Assert.That(() => root.GetAsync(broken: true).GetAwaiter().GetResult(), Throws.TypeOf<IpcException>());

        AssertOutcome(meter, "GetAsync", "client", "fault");
        AssertOutcome(meter, "GetAsync", "server", "fault");
    }

    [Test]
    public void A_one_way_call_is_counted_when_it_is_sent_and_timed_where_it_runs()
    {
        using var meter = new TestMeter();
        _stage.OnPost = _ => _time.Advance(TimeSpan.FromSeconds(5));

        ServeTimed().Root.Post(1);

        Patience.Until(() => meter.Calls("Post", "server", Duration).Count == 1, "it has run");
        Assert.That(meter.Calls("Post", "server", Duration).Single().Value, Is.EqualTo(5));
        Assert.That(meter.Calls("Post", "client").Single().Tag(IpcMeter.Outcome), Is.EqualTo("ok"));
        Assert.That(meter.Calls("Post", "client", Duration), Is.Empty);
    }

    [Test]
    public void Methods_that_do_not_exist_are_one_series_whatever_number_the_peer_sends()
    {
        using var meter = new TestMeter();
        using RawPeer peer = RawPeer.Attach<IRaw>(new RawRoot(), Transport, null, out IpcConnection server);
        EndWithTest(server);

        foreach (uint method in new uint[] { 1001, 1002, 1003 })
        {
            peer.SendCall(1, method, 0, 1, method, static (ref MessagePackWriter writer) => writer.WriteArrayHeader(0));
            Assert.That(peer.Receive()!.Type, Is.EqualTo(MessageType.Error));
        }

        Patience.Until(() => meter.Calls("_OTHER", "server").Count == 3, "three calls are counted");
    }

    [Test]
    public void Without_a_listener_no_call_reads_the_clock()
    {
        var clock = new CountingTime();
        var options = new IpcConnectionOptions { TimeProvider = clock };
        IStage root = Serve<IStage>(_stage, options, options).Root;
        root.Call(1);
        long before = clock.Readings;

        root.Call(2);
        root.CallAsync(3).GetAwaiter().GetResult();
        Assert.That(clock.Readings, Is.EqualTo(before));

        using var meter = new TestMeter();
        root.Call(4);
        Assert.That(clock.Readings, Is.GreaterThan(before));
    }

    [Test]
    public void A_call_that_began_before_anybody_listened_is_not_measured()
    {
        Block();
        IStage root = ServeTimed().Root;
        TestThread<int> caller = TestThread.Start(() => root.Call(1));
        _entered.Await();
        using var meter = new TestMeter();

        _leave.Set();
        caller.Join();
        root.Call(2);

        Patience.Until(() => meter.Calls("Call", "server").Count == 1, "the second call is counted");
        Assert.That(meter.Calls("Call", "client"), Has.Count.EqualTo(1));
    }

    private static int Call(IStage root, bool asynchronous)
        => asynchronous ? root.CallAsync(1).GetAwaiter().GetResult() : root.Call(1);

    private static void AssertOutcome(TestMeter meter, bool asynchronous, string role, string outcome)
        => AssertOutcome(meter, asynchronous ? "CallAsync" : "Call", role, outcome);

    private static void AssertOutcome(TestMeter meter, string method, string role, string outcome)
    {
        Patience.Until(() => meter.Calls(method, role, Duration).Count == 1, $"the {role} has measured {method}");
        Assert.That(meter.Calls(method, role).Single().Tag(IpcMeter.Outcome), Is.EqualTo(outcome));
    }

    private IpcTestPair<IStage> ServeTimed()
    {
        var options = new IpcConnectionOptions { TimeProvider = _time };
        return Serve<IStage>(_stage, options, options);
    }

    private void Block()
    {
        _stage.OnCall = x =>
        {
            _entered.Set();
            _leave.Await();
            return x;
        };
        _stage.OnCallAsync = async (x, _) =>
        {
            _entered.Set();
            await _leave.Task;
            return x;
        };
    }

    private int WaitFor(int x, CancellationToken token)
    {
        _entered.Set();
        Assert.That(token.WaitHandle.WaitOne(Patience.Bound), Is.True);
        token.ThrowIfCancellationRequested();
        return x;
    }

    /// <summary>The system's time, which counts how often it is asked.</summary>
    private sealed class CountingTime : TimeProvider
    {
        private long _readings;

        public long Readings => Interlocked.Read(ref _readings);

        public override long GetTimestamp()
        {
            Interlocked.Increment(ref _readings);
            return base.GetTimestamp();
        }
    }
}
