using System.Reflection;
using Multiprocess.Buffers;
using Multiprocess.Framing;
using Multiprocess.Messages;
using Multiprocess.Protocols;
using Multiprocess.Serialization;
using Multiprocess.Tests.Support;
using Multiprocess.Transports;

namespace Multiprocess.Tests.Framing;

/// <summary>
/// What waits for a peer that does not receive: no more than allowed, and no secret longer than it has to.
/// </summary>
[CancelAfter(60_000)]
public sealed class WaitingBytesTests(IpcTestTransport transport) : PairFixture(transport)
{
    private const int Limit = 64 * 1024;
    private static readonly byte[] s_secret = [.. Enumerable.Repeat((byte)0x5e, 100)];

    [Test]
    public async Task Answers_for_a_peer_that_does_not_receive_end_the_connection_at_the_limit()
    {
        IpcTestPair<IStage> pair = Serve<IStage>(
            new Stage(), server: new IpcConnectionOptions { Limits = new IpcLimits { MaxWaitingBytes = Limit } });
        pair.Root.Call(1);
        pair.Faults.ServerToClient.Stall();
        var calls = new List<Task<int>>();

        // Each answer has some ten bytes: a tenth of these fill the limit and whatever the system holds.
        while (!pair.Server.Closed.IsCancellationRequested && calls.Count < 1_000_000)
        {
            calls.Add(pair.Root.CallAsync(1));
        }

        IpcException? reason = await Assert.ThrowsAsync<IpcException>(
            () => pair.Server.Completion.WaitAsync(Patience.Bound));
        Assert.That(reason!.Kind, Is.EqualTo(IpcErrorKind.LimitExceeded));
        Assert.That(reason.Message, Does.Contain("does not receive").And.Contain("65,536"));
        Assert.That(async () => await calls[^1].WaitAsync(Patience.Bound), Throws.InstanceOf<IpcException>());
    }

    [Test]
    public void What_waits_stays_below_the_limit_whether_senders_may_wait_or_not()
    {
        using var stalled = new StalledTransport();
        FrameSender sender = Stall(stalled);
        for (int i = 0; i < Limit / s_secret.Length; i++)
        {
            sender.Send(s_secret, mayWait: false);
        }

        Assert.That(
            () => sender.Send(s_secret, mayWait: false),
            Throws.TypeOf<IpcException>().With.Property(nameof(IpcException.Kind)).EqualTo(IpcErrorKind.LimitExceeded));
        TestThread<bool> waiting = TestThread.Start(() => sender.Send(s_secret, mayWait: true));
        Assert.That(Left(sender).WrittenCount, Is.LessThanOrEqualTo(Limit));

        stalled.Open();

        Assert.That(waiting.Join(), Is.True);
        sender.Close(null);
    }

    [Test]
    [NonParallelizable]
    public async Task A_connection_for_whose_waiting_bytes_there_is_no_thread_ends_with_a_typed_error()
    {
        IpcTestPair<IStage> pair = Serve<IStage>(new Stage());
        pair.Root.Call(1);
        pair.Faults.ClientToServer.Stall();
        BackgroundThread.Refuses = name => name == "ipc writer";
        try
        {
            Task<int> call = pair.Root.CallAsync(1);

            IpcDisconnectedException? lost = await Assert.ThrowsAsync<IpcDisconnectedException>(
                () => call.WaitAsync(Patience.Bound));
            Assert.That(lost!.Message, Does.Contain("no thread"));
        }
        finally
        {
            BackgroundThread.Refuses = null;
        }
    }

    [TestCase(true)]
    [TestCase(false)]
    public void Sensitive_bytes_that_waited_are_wiped_when_they_were_sent_or_forgotten(bool sent)
    {
        using var stalled = new StalledTransport();
        FrameSender sender = Stall(stalled);
        sender.MarkSensitive();
        sender.Send(s_secret, mayWait: false);
        PooledBufferWriter held = Left(sender);
        Assert.That(Holds(held), Is.True, "it waits, so that the test means something");

        if (sent)
        {
            stalled.Open();
            Assert.That(sender.WaitUntilSent(Patience.Milliseconds), Is.True);
            Assert.That(stalled.Sent, Is.EqualTo(1 + s_secret.Length));
        }

        sender.Close(null);

        Assert.That(Holds(held), Is.False);
    }

    [TestCase(false)]
    [TestCase(true)]
    public void While_threads_that_wait_to_send_hold_the_limit_no_other_begins_a_frame(bool closes)
    {
        using var stalled = new StalledTransport();
        FrameSender sender = Stall(stalled);
        byte[] frame = new byte[Limit / 2];
        TestThread<bool>[] senders = [.. Enumerable.Range(0, 3).Select(
            _ => TestThread.Start(() => sender.Send(frame, mayWait: true)))];

        // One frame is always taken.
        Patience.Until(() => sender.HeldByWaiters == 2 * frame.Length, "two threads wait");
        TestThread<bool> next = TestThread.Start(sender.AwaitRoom);
        Patience.Until(() => sender.Waiting == 3, "the next one waits too");

        if (closes)
        {
            sender.Close(null);
        }

        stalled.Open();

        Assert.That(next.Join(), Is.True);
        Assert.That(senders.All(one => one.Join()), Is.True);
        Assert.That(sender.HeldByWaiters, Is.Zero);
        sender.AwaitRoom();
        sender.Close(null);
    }

    [Test]
    public void A_peer_that_does_not_receive_has_no_more_calls_run_than_fit()
    {
        // One answer in the carrier's hands, one that is left for it, and two whose threads hold the limit.
        const int Fit = 4;
        const int More = 30;
        var text = new Text(new string('x', Limit / 2));
        IpcTestPair<IText> pair = Serve<IText>(
            text, server: new IpcConnectionOptions { Limits = new IpcLimits { MaxWaitingBytes = Limit } });
        FrameSender sender = pair.Server.Core.Channel.Sender;
        pair.Faults.ServerToClient.Stall();
        List<TestThread<string>> callers = [.. Enumerable.Range(0, Fit).Select(_ => TestThread.Start(pair.Root.Get))];
        Patience.Until(() => sender.HeldByWaiters >= Limit, "the answers wait");
        callers.AddRange(Enumerable.Range(0, More).Select(_ => TestThread.Start(pair.Root.Get)));
        Patience.Until(() => sender.Waiting == Fit - 2 + More, "the others wait for room");
        int begun = text.Begun;

        pair.Faults.ServerToClient.Resume();

        Assert.That(callers.All(caller => caller.Join().Length == Limit / 2), Is.True);
        Assert.That(begun, Is.EqualTo(Fit));
        Assert.That(text.Begun, Is.EqualTo(Fit + More));
    }

    [Test]
    public void Calls_that_had_begun_before_the_peer_stopped_to_receive_encode_no_more_answers_than_fit()
    {
        const int Callers = 12;
        using var gate = new SemaphoreSlim(0);
        var text = new Text(new string('x', Limit / 2), gate);
        IpcTestPair<IText> pair = Serve<IText>(
            text, server: new IpcConnectionOptions { Limits = new IpcLimits { MaxWaitingBytes = Limit } });
        FrameSender sender = pair.Server.Core.Channel.Sender;
        TestThread<string>[] callers = [.. Enumerable.Range(0, Callers).Select(_ => TestThread.Start(pair.Root.Get))];
        Patience.Until(() => text.Begun == Callers, "all run");
        pair.Faults.ServerToClient.Stall();
        long frames = sender.Frames;

        // The first is in the carrier's hands, the second is left for it; each of the others makes its thread wait.
        gate.Release(2);
        Patience.Until(() => sender.Frames == frames + 2, "two answers are handed over");
        for (int waiting = 1; waiting <= Callers - 2; waiting++)
        {
            gate.Release();
            Patience.Until(() => sender.Waiting == waiting, "one more waits");
        }

        long held = sender.HeldByWaiters;
        pair.Faults.ServerToClient.Resume();

        Assert.That(held, Is.InRange(Limit, 2 * Limit));
        Assert.That(callers.All(caller => caller.Join().Length == Limit / 2), Is.True);
    }

    [Test]
    public void Interrupted_senders_wait_on_and_are_interrupted_afterwards()
    {
        const int Senders = 4;
        using var stalled = new StalledTransport();
        FrameSender sender = Stall(stalled);
        byte[] frame = new byte[Limit];
        sender.Send(frame, mayWait: false);
        TestThread<bool>[] senders = [.. Enumerable.Range(0, Senders).Select(i => TestThread.Start(() =>
        {
            if (i % 2 == 0)
            {
                sender.Send(frame, mayWait: true);
            }
            else
            {
                sender.WaitUntilSent(Patience.Milliseconds);
            }

            Thread.Sleep(Patience.Milliseconds);
        }))];
        Patience.Until(() => sender.Waiting == Senders, "all wait");

        Array.ForEach(senders, one => one.Interrupt());
        stalled.Open();

        Array.ForEach(senders, one => Assert.That(one.Join, Throws.TypeOf<ThreadInterruptedException>()));
        Assert.That(sender.WaitUntilSent(Patience.Milliseconds), Is.True);
        Assert.That(stalled.Sent, Is.EqualTo(1 + ((1 + (Senders / 2)) * Limit)));
        Assert.That(sender.HeldByWaiters, Is.Zero);
        sender.Close(null);
    }

    [Test]
    public void When_all_who_share_a_bound_hold_too_much_one_that_receives_nothing_makes_this_side_hold_no_copy()
    {
        var shared = new SharedByteLimit(Limit, outer: null);
        using var first = new StalledTransport();
        using var second = new StalledTransport();
        FrameSender greedy = Stall(first, shared);
        greedy.Send(new byte[4 * Limit], mayWait: false);
        Assert.That(shared.IsOver, Is.True);
        var another = new FrameSender(second, MessagePackProtocol.Instance, 100 * Limit, shared, _ => { }, () => { });

        // The frame stays with its thread, whose memory it is, and counts.
        long before = shared.Bytes;
        TestThread<bool> carrier = TestThread.Start(() => another.Send(new byte[3 * Limit], mayWait: true));
        Patience.Until(() => shared.Bytes - before >= 2 * Limit, "the frame counts");
        another.Send(s_secret, mayWait: false);
        IpcException? refused = Assert.Throws<IpcException>(() => another.Send(new byte[2 * Limit], mayWait: false));
        TestThread<bool> next = TestThread.Start(another.AwaitRoom);
        Patience.Until(() => another.Waiting == 1, "no other call begins");

        second.Open();

        Assert.That(refused!.Message, Does.Contain("of its user or of the server"));
        Assert.That(carrier.Join(), Is.True);
        Assert.That(next.Join(), Is.True);
        Assert.That(another.WaitUntilSent(Patience.Milliseconds), Is.True);
        Assert.That(second.Sent, Is.EqualTo((3 * Limit) + s_secret.Length));
        Assert.That(Writer(another), Is.Null, "Nothing was handed to a writer.");
        another.Close(null);
        greedy.Close(null);
        Assert.That(shared.Bytes, Is.Zero);
    }

    [Test]
    public void The_memory_counts_that_waiting_bytes_take_and_not_their_number()
    {
        var shared = new SharedByteLimit(100 * Limit, outer: null);
        using var stalled = new StalledTransport();
        FrameSender sender = Stall(stalled, shared);

        sender.Send(new byte[(8 * Limit) + 1], mayWait: false);

        Assert.That(Left(sender).Capacity, Is.EqualTo(10 * Limit));
        Assert.That(shared.Bytes, Is.InRange(9 * Limit, 10 * Limit));
        sender.Close(null);
        Assert.That(shared.Bytes, Is.Zero);
    }

    [Test]
    public void A_large_frame_counts_as_soon_as_it_is_begun_and_no_copy_exceeds_what_connections_share()
    {
        var shared = new SharedByteLimit(4 * Limit, outer: null);
        using var stalled = new StalledTransport();
        var sender = new FrameSender(stalled, MessagePackProtocol.Instance, 100 * Limit, shared, _ => { }, () => { });

        TestThread<bool> carrier = TestThread.Start(() => sender.Send(new byte[3 * Limit], mayWait: true));
        Patience.Until(() => sender.IsBusy && shared.Bytes >= 2 * Limit, "the frame counts");
        TestThread<bool> second = TestThread.Start(() => sender.Send(new byte[3 * Limit], mayWait: true));
        Patience.Until(() => sender.HeldByWaiters == 3 * Limit, "the second keeps its bytes");
        int copied = Left(sender).Capacity;

        stalled.Open();

        Assert.That(copied, Is.Zero);
        Assert.That(carrier.Join() && second.Join(), Is.True);
        Assert.That(sender.WaitUntilSent(Patience.Milliseconds), Is.True);
        Assert.That(stalled.Sent, Is.EqualTo(6 * Limit));
        Assert.That(shared.Bytes, Is.Zero);
        sender.Close(null);
    }

    [TestCase(true)]
    [TestCase(false)]
    public void What_waits_for_room_without_a_thread_begins_once_when_there_is_room_or_never_will_be(bool closes)
    {
        var shared = new SharedByteLimit(Limit, outer: null);
        using var stalled = new StalledTransport();
        FrameSender sender = Stall(stalled, shared);
        int begun = 0;
        Assert.That(sender.HasRoom(() => begun++), Is.True);
        sender.Send(new byte[4 * Limit], mayWait: false);

        Assert.That(sender.IsHeldBack, Is.True);
        Assert.That(sender.HasRoom(() => Interlocked.Increment(ref begun)), Is.False);
        Assert.That(begun, Is.Zero);

        if (closes)
        {
            sender.Close(null);
        }

        stalled.Open();

        Patience.Until(() => Volatile.Read(ref begun) == 1, "the work begins");
        Patience.Until(() => closes || !sender.IsBusy, "all is sent");
        Assert.That(sender.HasRoom(() => begun++), Is.True);
        sender.Close(null);
        Assert.That(begun, Is.EqualTo(1));
    }

    [Test]
    public void A_control_message_finds_room_while_senders_that_wait_use_up_the_limit()
    {
        const int Each = 100;
        using var stalled = new StalledTransport();
        FrameSender sender = Stall(stalled);
        sender.Send(new byte[2 * Limit], mayWait: false);
        TestThread<bool> waiting = TestThread.Start(() => sender.Send(new byte[Limit], mayWait: true));
        Patience.Until(() => sender.Waiting == 1, "another waits");

        for (int i = 0; i < SharedByteLimitPart.FreeBytes / Each; i++)
        {
            sender.SendControl(new byte[Each]);
        }

        IpcException? refused = Assert.Throws<IpcException>(() => sender.SendControl(new byte[Each]));
        stalled.Open();

        Assert.That(refused!.Kind, Is.EqualTo(IpcErrorKind.LimitExceeded));
        Assert.That(waiting.Join(), Is.True);
        Assert.That(sender.WaitUntilSent(Patience.Milliseconds), Is.True);
        sender.SendControl(new byte[Each]);
        sender.Close(null);
    }

    private static FrameSender Stall(StalledTransport transport, SharedByteLimit? shared = null)
    {
        var sender = new FrameSender(transport, MessagePackProtocol.Instance, Limit, shared, _ => { }, () => { });
        sender.Send([1], mayWait: false);
        return sender;
    }

    private static PooledBufferWriter Left(FrameSender sender)
        => (PooledBufferWriter)Field(Field(sender, "_backlog"), "_left");

    private static object Field(object owner, string name)
        => owner.GetType().GetField(name, BindingFlags.NonPublic | BindingFlags.Instance)!.GetValue(owner)!;

    private static object? Writer(FrameSender sender)
        => typeof(FrameSender).GetField("_writer", BindingFlags.NonPublic | BindingFlags.Instance)!.GetValue(sender);

    private static bool Holds(PooledBufferWriter writer)
        => ((byte[])typeof(PooledBufferWriter).GetField(
            "_buffer", BindingFlags.NonPublic | BindingFlags.Instance)!.GetValue(writer)!)
            .AsSpan()
            .IndexOf((byte)0x5e) >= 0;

    /// <summary>Takes nothing until it is opened, then everything.</summary>
    private sealed class StalledTransport : Transport
    {
        private readonly ManualResetEventSlim _open = new();

        public override string Description => "stalled";

        public override IpcPeer Peer => PeerCredentials.Unknown;

        public long Sent { get; private set; }

        public void Open() => _open.Set();

        public override int TryReceive(Span<byte> buffer) => WouldBlock;

        public override int Receive(Span<byte> buffer) => 0;

        public override bool WaitToReceive(int milliseconds) => true;

        public override int TrySend(ReadOnlySpan<byte> first, ReadOnlySpan<byte> second)
        {
            if (!_open.IsSet)
            {
                return WouldBlock;
            }

            Sent += first.Length + second.Length;
            return first.Length + second.Length;
        }

        public override bool WaitToSend(int milliseconds) => _open.Wait(milliseconds);

        public override void Close() => _open.Set();

        public override void Dispose() => Close();
    }

    private sealed class Text(string text, SemaphoreSlim? gate = null) : IText
    {
        private int _begun;

        public int Begun => Volatile.Read(ref _begun);

        public string Get()
        {
            Interlocked.Increment(ref _begun);
            _ = gate?.Wait(Patience.Bound);
            return text;
        }
    }
}

/// <summary>Answers that fill what may wait.</summary>
[IpcInterface]
public interface IText
{
    string Get();
}
