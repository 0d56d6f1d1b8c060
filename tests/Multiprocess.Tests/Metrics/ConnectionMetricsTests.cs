using Multiprocess.Metrics;
using Multiprocess.Tests.Objects;
using Multiprocess.Tests.Support;

namespace Multiprocess.Tests.Metrics;

/// <summary>What is looked up on the open connections: right for a listener that comes late.</summary>
/// <remarks>
/// The connections of other tests may end a moment after these, so each test compares with what was there before.
/// </remarks>
public sealed class ConnectionMetricsTests(IpcTestTransport transport) : PairFixture(transport)
{
    private const string Stage = "Multiprocess.Tests.Support.IStage";
    private const string Listener = "Multiprocess.Tests.Support.IListener";

    private Signal _entered = null!;
    private Signal _leave = null!;

    [SetUp]
    public void Wait()
    {
        _entered = new Signal();
        _leave = new Signal();
        using var meter = new TestMeter();
        Patience.Until(() => meter.Sum("multiprocess.connections") == 0, "the connections of other tests have ended");
    }

    [TearDown]
    public void LetGo() => _leave.Set();

    [Test]
    public void Open_connections_are_counted_until_they_end()
    {
        IpcTestPair<IStage> pair = Serve<IStage>(new Stage());
        using var meter = new TestMeter();

        Assert.That(meter.Sum("multiprocess.connections"), Is.EqualTo(2));

        pair.Client.Dispose();
        Patience.Until(() => meter.Sum("multiprocess.connections") == 0, "both ends are gone");
    }

    [Test]
    public void Calls_under_way_are_there_for_a_listener_that_comes_late()
    {
        IStage root = Serve<IStage>(new Stage
        {
            OnCall = x =>
            {
                _entered.Set();
                _leave.Await();
                return x;
            },
            OnCallAsync = async (x, _) =>
            {
                await _leave.Task;
                return x;
            },
        }).Root;
        TestThread<int> caller = TestThread.Start(() => root.Call(1));
        Task[] calls = [root.CallAsync(1), root.CallAsync(2)];
        _entered.Await();

        using var meter = new TestMeter();
        IReadOnlyList<Measured> found = meter.Look("multiprocess.calls.active");

        Assert.That(
            found.Where(call => call.Tag(IpcMeter.Role) == "client").Select(
                call => (call.Tag(IpcMeter.Service), call.Tag(IpcMeter.Method), call.Value)),
            Is.EquivalentTo(new[] { (Stage, "Call", 1.0), (Stage, "CallAsync", 2.0) }));
        Patience.Until(() => meter.Sum("multiprocess.calls.active", IpcMeter.Role, "server") == 3, "three calls run");

        _leave.Set();
        caller.Join();
        Task.WaitAll(calls);
        Patience.Until(() => meter.Sum("multiprocess.calls.active") == 0, "no call is under way");
    }

    [Test]
    public void Threads_of_both_roles_are_counted()
    {
        IStage root = Serve<IStage>(new Stage()).Root;
        root.Call(1);
        using var meter = new TestMeter();

        Assert.That(meter.Sum("multiprocess.threads", IpcMeter.Role, "server"), Is.EqualTo(1));
        Assert.That(meter.Sum("multiprocess.threads", IpcMeter.Role, "client"), Is.EqualTo(1));
    }

    [Test]
    public void Objects_are_counted_by_contract_and_direction()
    {
        IListener? kept = null;
        IStage root = Serve<IStage>(new Stage
        {
            OnCallWithListener = listener =>
            {
                kept = listener;
                return 1;
            },
        }).Root;
        root.CallWithListener(new Listener());
        using var meter = new TestMeter();

        IReadOnlyList<Measured> found = meter.Look("multiprocess.objects");

        // Both ends are in this process: what one exports, the other imports.
        Assert.That(
            found.Select(held => (held.Tag("multiprocess.direction"), held.Tag(IpcMeter.Service), held.Value)),
            Is.EquivalentTo(new[]
            {
                ("exported", Stage, 1.0), ("imported", Stage, 1.0),
                ("exported", Listener, 1.0), ("imported", Listener, 1.0)
            }));
        GC.KeepAlive(kept);
    }

    [Test]
    public void What_is_sent_is_received_and_a_call_is_two_messages()
    {
        const int calls = 50;
        using var meter = new TestMeter();
        double messages = Transmitted(meter, "multiprocess.messages");
        double messagesReceived = Received(meter, "multiprocess.messages");
        double bytes = Transmitted(meter, "multiprocess.network.io");
        double bytesReceived = Received(meter, "multiprocess.network.io");
        IpcTestPair<IStage> pair = Serve<IStage>(new Stage());

        // With its first call a thread says its name too.
        pair.Root.Call(0);
        double before = Transmitted(meter, "multiprocess.messages") - messages;

        for (int i = 0; i < calls; i++)
        {
            pair.Root.Call(1);
        }

        Assert.That(Transmitted(meter, "multiprocess.messages") - messages - before, Is.EqualTo(2 * calls));
        Assert.That(Received(meter, "multiprocess.messages") - messagesReceived - before, Is.EqualTo(2 * calls));

        // The last answer may be here before its sender has counted it.
        double Sent() => pair.Faults.ClientToServer.SentBytes + pair.Faults.ServerToClient.SentBytes;
        Patience.Until(
            () => Transmitted(meter, "multiprocess.network.io") - bytes == Sent(),
            "every byte that was sent is counted");
        Assert.That(Received(meter, "multiprocess.network.io") - bytesReceived, Is.EqualTo(Sent()));
    }

    [Test]
    public void Frames_that_are_sent_together_are_counted_each()
    {
        IpcTestPair<IStage> pair = Serve<IStage>(new Stage());
        using var meter = new TestMeter();
        double before = Transmitted(meter, "multiprocess.messages");
        double beforeReceived = Received(meter, "multiprocess.messages");

        // A thread with a name says it first, and its first call goes with that.
        TestThread.Run(() => pair.Root.Call(1), "named");

        Assert.That(Transmitted(meter, "multiprocess.messages") - before, Is.EqualTo(3));
        Assert.That(Received(meter, "multiprocess.messages") - beforeReceived, Is.EqualTo(3));
    }

    [Test]
    public void Totals_do_not_go_back_when_a_connection_ends()
    {
        using var meter = new TestMeter();
        IpcTestPair<IStage> pair = Serve<IStage>(new Stage());
        pair.Root.Call(1);
        double before = Transmitted(meter, "multiprocess.network.io");

        pair.Client.Dispose();
        Patience.Until(() => meter.Sum("multiprocess.connections") == 0, "both ends are gone");

        Assert.That(Transmitted(meter, "multiprocess.network.io"), Is.GreaterThanOrEqualTo(before));
    }

    private static double Transmitted(TestMeter meter, string name)
        => meter.Sum(name, "network.io.direction", "transmit");

    private static double Received(TestMeter meter, string name) => meter.Sum(name, "network.io.direction", "receive");
}
