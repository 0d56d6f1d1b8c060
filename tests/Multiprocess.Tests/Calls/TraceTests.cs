using System.Diagnostics;
using System.Globalization;
using Multiprocess.Calls;
using Multiprocess.Diagnostics;
using Multiprocess.Messages;
using Multiprocess.Protocols;
using Multiprocess.Serialization;
using Multiprocess.Tests.Support;
using Multiprocess.Transports;

namespace Multiprocess.Tests.Calls;

/// <summary>What of the caller's surroundings crosses with a call: its activity, and nothing else.</summary>
public sealed class TraceTests(IpcTestTransport transport) : PairFixture(transport)
{
    private static readonly AsyncLocal<string?> s_local = new();

    private readonly List<Activity> _stopped = [];
    private ActivityListener _listener = null!;

    [SetUp]
    public void Listen()
    {
        _stopped.Clear();
        _listener = new ActivityListener
        {
            ShouldListenTo = source => source.Name == CallTrace.SourceName,
            Sample = (ref ActivityCreationOptions<ActivityContext> _) => ActivitySamplingResult.AllData,
            ActivityStopped = activity =>
            {
                lock (_stopped)
                {
                    _stopped.Add(activity);
                }
            },
        };
        ActivitySource.AddActivityListener(_listener);
    }

    [TearDown]
    public void StopListening()
    {
        _listener.Dispose();
        Activity.Current = null;
    }

    [Test]
    public void A_synchronous_call_runs_in_an_activity_below_the_callers()
    {
        Activity? seen = null;
        IStage root = Serve<IStage>(new Stage { OnCall = x => Note(x, out seen) }).Root;
        using Activity caller = Start("caller");
        caller.TraceStateString = "congo=1";

        root.Call(1);

        Assert.That(seen, Is.Not.Null.And.Not.SameAs(caller));
        Assert.That(seen!.TraceId, Is.EqualTo(caller.TraceId));
        Assert.That(seen.ParentSpanId, Is.EqualTo(caller.SpanId));
        Assert.That(seen.TraceStateString, Is.EqualTo("congo=1"));
        Assert.That(seen.Source.Name, Is.EqualTo("Multiprocess"));
        Assert.That(seen.Kind, Is.EqualTo(ActivityKind.Server));
        Assert.That(seen.OperationName, Is.EqualTo("Multiprocess.Tests.Support.IStage/Call"));
        Assert.That(Activity.Current, Is.SameAs(caller));
        Patience.Until(() => Stopped("/Call") == 1, "the activity has ended");
    }

    [Test]
    public void A_worker_has_no_activity_left_after_a_traced_call()
    {
        var seen = new List<Activity?>();
        IStage root = Serve<IStage>(new Stage
        {
            OnCall = x =>
            {
                seen.Add(Activity.Current);
                return x;
            },
        }).Root;

        using (Start("caller"))
        {
            root.Call(1);
        }

        root.Call(2);

        Assert.That(seen[0], Is.Not.Null);
        Assert.That(seen[1], Is.Null);
    }

    [Test]
    public void One_trace_goes_through_nested_calls_and_each_is_below_the_one_before()
    {
        var seen = new List<Activity>();
        IStage root = null!;
        root = Serve<IStage>(new Stage
        {
            OnCallBack = (x, callback) =>
            {
                seen.Add(Activity.Current!);
                return callback(x);
            },
        }).Root;
        using Activity caller = Start("caller");
        int Descend(int x)
        {
            seen.Add(Activity.Current!);
            return x == 0 ? 0 : root.CallBack(x - 1, Descend);
        }

        Descend(3);

        Assert.That(seen[0], Is.SameAs(caller));
        Assert.That(seen.Select(activity => activity.TraceId), Is.All.EqualTo(caller.TraceId));
        Assert.That(
            seen.Skip(1).Select(activity => activity.ParentSpanId),
            Is.EqualTo(seen.SkipLast(1).Select(activity => activity.SpanId)));
        Assert.That(Activity.Current, Is.SameAs(caller), "The callbacks on this thread have put back what was there.");
    }

    [Test]
    public async Task An_asynchronous_call_keeps_its_activity_across_its_waits()
    {
        var go = new Signal();
        Activity? before = null;
        Activity? after = null;
        IStage root = Serve<IStage>(new Stage
        {
            OnCallAsync = async (x, _) =>
            {
                before = Activity.Current;
                await go.Task;
                after = Activity.Current;
                return x;
            },
        }).Root;
        Task<int> call;
        Activity caller;
        using (caller = Start("caller"))
        {
            call = root.CallAsync(1);
        }

        int endedBefore = Stopped("/CallAsync");
        go.Set();
        await call.WaitAsync(Patience.Bound);

        Assert.That(before!.ParentSpanId, Is.EqualTo(caller.SpanId));
        Assert.That(after, Is.SameAs(before));
        Assert.That(endedBefore, Is.Zero);
        Patience.Until(() => Stopped("/CallAsync") == 1, "the activity has ended with its method");
    }

    [Test]
    public async Task Asynchronous_calls_do_not_see_each_others_activities()
    {
        var seen = new List<string?>();
        IStage root = Serve<IStage>(new Stage
        {
            OnCallAsync = (x, _) =>
            {
                lock (seen)
                {
                    seen.Add(Activity.Current?.ParentSpanId.ToHexString());
                }

                return Task.FromResult(x);
            },
        }).Root;
        var expected = new List<string?>();
        var calls = new List<Task>();
        for (int i = 0; i < 20; i++)
        {
            using Activity? caller = i % 2 == 0 ? Start("caller") : null;
            expected.Add(caller?.SpanId.ToHexString());
            calls.Add(root.CallAsync(i));
        }

        await Task.WhenAll(calls).WaitAsync(Patience.Bound);

        Assert.That(seen, Is.EqualTo(expected));
    }

    [Test]
    public void A_one_way_call_carries_its_activity_too()
    {
        var heard = new Signal();
        Activity? seen = null;
        IStage root = Serve<IStage>(new Stage
        {
            OnPost = x =>
            {
                seen = Activity.Current;
                heard.Set();
            },
        }).Root;
        using Activity caller = Start("caller");

        root.Post(1);
        heard.Await();

        Assert.That(seen!.ParentSpanId, Is.EqualTo(caller.SpanId));
    }

    [Test]
    public void What_a_method_throws_is_noted_in_its_activity()
    {
        IStage root = Serve<IStage>(new Stage { OnCall = _ => throw new FormatException("bad") }).Root;
        using Activity caller = Start("caller");

        Assert.That(() => root.Call(1), Throws.TypeOf<FormatException>());

        Patience.Until(() => Stopped("/Call") == 1, "the activity has ended");
        Assert.That(_stopped[0].Status, Is.EqualTo(ActivityStatusCode.Error));
        Assert.That(_stopped[0].StatusDescription, Is.EqualTo("System.FormatException"));
        Assert.That(_stopped[0].GetTagItem("error.type"), Is.EqualTo("System.FormatException"));
    }

    [Test]
    public async Task An_activity_says_what_was_called_and_has_no_error_when_there_was_none()
    {
        IStage root = Serve<IStage>(new Stage()).Root;
        using Activity caller = Start("caller");

        root.Call(1);
        await root.CallAsync(1).WaitAsync(Patience.Bound);

        Patience.Until(() => Stopped("/Call") == 1 && Stopped("/CallAsync") == 1, "both activities have ended");
        foreach (Activity activity in _stopped)
        {
            Assert.That(activity.GetTagItem("rpc.system"), Is.EqualTo("multiprocess"));
            Assert.That(activity.GetTagItem("rpc.service"), Is.EqualTo("Multiprocess.Tests.Support.IStage"));
            Assert.That(
                activity.OperationName,
                Is.EqualTo($"Multiprocess.Tests.Support.IStage/{activity.GetTagItem("rpc.method")}"));
            Assert.That(activity.Status, Is.EqualTo(ActivityStatusCode.Unset));
            Assert.That(activity.GetTagItem("error.type"), Is.Null);
        }
    }

    [Test]
    public void A_result_that_cannot_be_encoded_is_an_error_of_the_activity_too()
    {
        IParcels root = Serve<IParcels>(new Parcels()).Root;
        using Activity caller = Start("caller");

        Assert.That(() => root.Get(broken: true), Throws.TypeOf<IpcException>());
        Assert.That(() => root.GetAsync(broken: true).GetAwaiter().GetResult(), Throws.TypeOf<IpcException>());

        Patience.Until(() => Stopped("/Get") == 1 && Stopped("/GetAsync") == 1, "both activities have ended");
        Assert.That(_stopped.Select(activity => activity.Status), Is.All.EqualTo(ActivityStatusCode.Error));
        Assert.That(
            _stopped.Select(activity => activity.GetTagItem("error.type")),
            Is.All.EqualTo("Multiprocess.IpcException"));
    }

    [Test]
    public void A_trace_goes_through_a_process_that_listens_to_nothing()
    {
        _listener.Dispose();
        Activity? seen = null;
        IStage far = Serve<IStage>(new Stage { OnCall = x => Note(x, out seen) }).Root;
        IStage near = Serve<IStage>(new Stage { OnCall = far.Call }).Root;
        using Activity caller = Start("caller");
        caller.TraceStateString = "congo=1";

        near.Call(1);

        Assert.That(seen!.TraceId, Is.EqualTo(caller.TraceId));
        Assert.That(seen.ParentSpanId, Is.Not.EqualTo(caller.SpanId), "Below the near program's own.");
        Assert.That(seen.TraceStateString, Is.EqualTo("congo=1"));
    }

    [Test]
    public void Large_bytes_at_the_end_and_a_trace_behind_them_arrive_both()
    {
        byte[] bytes = [.. Enumerable.Range(0, 300_000).Select(i => (byte)i)];
        IShapes root = Serve<IShapes>(new Shapes()).Root;
        using Activity caller = Start("caller");

        Assert.That(root.EchoBytes(bytes), Is.EqualTo(bytes));
        Patience.Until(() => Stopped("/EchoBytes") == 1, "the call was traced");
    }

    [Test]
    public void A_state_that_is_too_long_is_left_out()
    {
        Activity? seen = null;
        IStage root = Serve<IStage>(new Stage { OnCall = x => Note(x, out seen) }).Root;
        using Activity caller = Start("caller");
        caller.TraceStateString = "congo=" + new string('x', 600);

        root.Call(1);

        Assert.That(seen!.TraceStateString, Is.Null);
        Assert.That(seen.ParentSpanId, Is.EqualTo(caller.SpanId));
    }

    [TestCase(false, 8, MessageFlags.None)]
    [TestCase(true, 9, MessageFlags.Traced)]
    public void Only_a_traced_call_is_longer_on_the_wire(bool isTraced, int elements, object flags)
    {
        using RawPeer peer = RawPeer.Serve(Transport, out IpcConnection<IRaw> client);
        EndWithTest(client);
        using Activity? activity = isTraced ? Start("caller") : null;
        TestThread<int> caller = TestThread.Start(() => client.Root.Add(1, 2));
        Message call = peer.Receive()!;

        Assert.That(call.Contents[0] & 0x0f, Is.EqualTo(elements));
        Assert.That(call.Flags, Is.EqualTo(flags));

        client.Dispose();
        Assert.That(caller.Join, Throws.TypeOf<IpcDisconnectedException>());
    }

    [TestCase("nonsense")]
    [TestCase("")]
    [TestCase("00-00000000000000000000000000000000-b7ad6b7169203331-01")]
    public void A_trace_context_that_cannot_be_read_is_as_none(string parent)
    {
        var root = new RawRoot();
        using RawPeer peer = RawPeer.Attach<IRaw>(root, Transport, null, out IpcConnection server);
        EndWithTest(server);

        SendTraced(peer, parent, null);

        Assert.That(peer.Receive()!.Type, Is.EqualTo(MessageType.Return));
        Assert.That(root.Calls, Is.EqualTo(1));
    }

    [TestCase(129, 0, "at most 128")]
    [TestCase(55, 513, "at most 512")]
    [TestCase(-1, 0, "Expected a trace context")]
    public void A_trace_context_that_is_missing_or_too_long_ends_the_connection(
        int parentLength, int stateLength, string reason)
    {
        var root = new RawRoot();
        using RawPeer peer = RawPeer.Attach<IRaw>(root, Transport, null, out IpcConnection server);
        EndWithTest(server);

        SendTraced(peer, parentLength < 0 ? null : new string('0', parentLength), new string('x', stateLength));

        (IpcErrorKind kind, string said) = peer.ReceiveGoodbye();
        Assert.That(kind, Is.EqualTo(IpcErrorKind.Protocol));
        Assert.That(said, Does.Contain(reason));
        Assert.That(root.Calls, Is.Zero);
    }

    [Test]
    public async Task Other_async_locals_do_not_cross()
    {
        var seen = new List<string?>();
        var stage = new Stage
        {
            OnCall = x =>
            {
                seen.Add(s_local.Value);
                return x;
            },
            OnCallAsync = async (x, _) =>
            {
                await Task.Yield();
                seen.Add(s_local.Value);
                return x;
            },
        };
        IStage root = Serve<IStage>(stage).Root;
        s_local.Value = "the caller's";

        root.Call(1);
        await root.CallAsync(2).WaitAsync(Patience.Bound);

        Assert.That(seen, Is.EqualTo(new string?[] { null, null }));
        Assert.That(s_local.Value, Is.EqualTo("the caller's"));
    }

    [Test]
    public void Culture_does_not_cross()
    {
        string? seen = null;
        IStage root = Serve<IStage>(new Stage
        {
            OnCall = x =>
            {
                seen = 1.5.ToString(CultureInfo.CurrentCulture);
                return x;
            },
        }).Root;
        var culture = (CultureInfo)CultureInfo.InvariantCulture.Clone();
        culture.NumberFormat.NumberDecimalSeparator = "!";

        string own = TestThread.Run(() =>
        {
            CultureInfo.CurrentCulture = culture;
            root.Call(1);
            return 1.5.ToString(CultureInfo.CurrentCulture);
        });

        Assert.That(own, Is.EqualTo("1!5"));
        Assert.That(seen, Is.Not.Null.And.Not.EqualTo("1!5"));
    }

    private static Activity Start(string name) => new Activity(name).SetIdFormat(ActivityIdFormat.W3C).Start();

    private static int Note(int x, out Activity? seen)
    {
        seen = Activity.Current;
        return x;
    }

    private static void SendTraced(RawPeer peer, string? parent, string? state)
        => peer.Send((ref MessagePackWriter writer) =>
        {
            MessageFormat.Begin(ref writer);
            writer.WriteArrayHeader(parent is null ? 8 : 9);
            writer.Write((byte)MessageType.Call);
            writer.Write((byte)MessageFlags.Traced);
            writer.Write(1);
            writer.Write(1);
            writer.Write(0);
            writer.Write(1);
            writer.Write(1);
            writer.WriteArrayHeader(2);
            writer.Write(2);
            writer.Write(3);
            if (parent is not null)
            {
                writer.WriteArrayHeader(2);
                writer.Write(parent);
                writer.Write(state);
            }
        });

    private int Stopped(string suffix)
    {
        lock (_stopped)
        {
            return _stopped.Count(activity => activity.OperationName.EndsWith(suffix, StringComparison.Ordinal));
        }
    }
}
