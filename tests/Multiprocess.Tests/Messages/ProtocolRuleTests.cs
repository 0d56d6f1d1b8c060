using Multiprocess.Calls;
using Multiprocess.Messages;
using Multiprocess.Objects;
using Multiprocess.Protocols;
using Multiprocess.Serialization;
using Multiprocess.Tests.Support;

namespace Multiprocess.Tests.Messages;

/// <summary>
/// The rules of PROTOCOL.md that a peer breaks only over time or by a single element: each ends the connection.
/// </summary>
public sealed class ProtocolRuleTests(IpcTestTransport transport) : PairFixture(transport)
{
    private const long Root = 1;
    private const uint Add = 1;
    private const uint Ask = 2;

    private RawRoot _root = null!;

    [SetUp]
    public void MakeRoot() => _root = new RawRoot();

    [TestCase(0x98, 1, 0, 1, 0, 0, 1, 1, 0x90, TestName = "Call")]
    [TestCase(0x95, 2, 0, 1, 0, 0x90, TestName = "Return")]
    [TestCase(0x96, 3, 0, 1, 0, 2, 0xc0, TestName = "Error")]
    [TestCase(0x93, 4, 1, 0, TestName = "Cancel")]
    public void Request_number_0_is_refused(params int[] frame)
        => AssertEnds(peer => peer.SendFrame([.. frame.Select(value => (byte)value)]), "Expected identifiers from 1");

    [TestCase(0x98, 1, 0, 1, 1, 0, 0, 1, 0x90, TestName = "target")]
    [TestCase(0x98, 1, 0, 1, 1, 0, 1, 0, 0x90, TestName = "method")]
    public void Number_0_that_names_nothing_is_refused(params int[] frame)
        => AssertEnds(peer => peer.SendFrame([.. frame.Select(value => (byte)value)]), "Expected identifiers from 1");

    [TestCase(1, 1)]
    [TestCase(2, 1)]
    [TestCase(3, 2)]
    public void A_request_number_that_was_answered_is_not_used_again(long last, long again)
        => AssertEnds(
            peer =>
            {
                for (long request = 1; request <= last; request++)
                {
                    AddAndAwait(peer, request);
                }

                SendAdd(peer, again);
            },
            "not used before");

    [Test]
    public void A_request_number_is_not_used_again_on_another_thread_of_another_kind_or_when_it_was_refused(
        [Values] bool oneWay)
        => AssertEnds(
            peer =>
            {
                peer.SendCall(1, 7, 0, Root, 4711, WriteTwo);
                Assert.That(peer.Receive()!.Type, Is.EqualTo(MessageType.Error));
                peer.SendCall(2, 7, 0, Root, Add, WriteTwo, oneWay ? MessageFlags.OneWay : MessageFlags.Asynchronous);
            },
            "not used before");

    [Test]
    public void Request_numbers_may_come_in_any_order_and_leave_gaps()
    {
        using RawPeer peer = Attach(out IpcConnection server);

        foreach (long request in new long[] { 5, 3, 1_000_000, 4, 1, long.MaxValue, 2 })
        {
            AddAndAwait(peer, request);
        }

        Assert.That(server.Completion.IsCompleted, Is.False);
    }

    [Test]
    public void A_thread_that_has_ended_is_not_named_again([Values("call", "start", "one-way")] string how)
        => AssertEnds(
            peer =>
            {
                AddAndAwait(peer, request: 1);
                peer.Send((ref MessagePackWriter writer) => ThreadEndedMessage.Write(ref writer, 1));
                if (how == "start")
                {
                    peer.Send((ref MessagePackWriter writer) => ThreadStartedMessage.Write(ref writer, 1, "again"));
                }
                else
                {
                    peer.SendCall(
                        1, 2, 0, Root, Add, WriteTwo, how == "one-way" ? MessageFlags.OneWay : MessageFlags.None);
                }
            },
            "ended");

    [TestCase(0)]
    [TestCase(-1)]
    public void A_thread_that_is_not_the_peers_own_is_not_ended_by_it(long thread)
        => AssertEnds(
            peer => peer.Send((ref MessagePackWriter writer) => ThreadEndedMessage.Write(ref writer, thread)),
            "Expected a thread of the peer");

    [Test]
    public void A_second_call_on_a_thread_waits_for_the_answer_to_the_first()
    {
        var leave = new Signal();
        _root.OnAsk = _ =>
        {
            leave.Await();
            return 1;
        };
        AssertEnds(
            peer =>
            {
                peer.SendCall(1, 1, 0, Root, Ask, WriteListener);
                SendAdd(peer, 2);
            },
            "no other open request",
            leave.Set);
    }

    [Test]
    public void A_second_nested_call_waits_for_the_answer_to_the_first()
    {
        var leave = new Signal();
        int asked = 0;
        _root.OnAsk = listener =>
        {
            if (asked++ == 0)
            {
                return listener.Ask(1);
            }

            leave.Await();
            return 1;
        };
        AssertEnds(
            peer =>
            {
                peer.SendCall(1, 1, 0, Root, Ask, WriteListener);
                Message back = peer.Receive()!;
                peer.SendCall(1, 2, back.Request, Root, Ask, WriteListener);
                peer.SendCall(1, 3, back.Request, Root, Add, WriteTwo);
            },
            "no other open request",
            leave.Set);
        Assert.That(_root.Calls, Is.Zero);
    }

    [Test]
    public void Nested_calls_one_after_the_other_and_one_way_calls_beside_them_are_in_order()
    {
        using RawPeer peer = Attach(out IpcConnection server);
        peer.SendCall(1, 1, 0, Root, Ask, WriteListener);
        Message back = peer.Receive()!;
        for (long request = 2; request < 5; request++)
        {
            peer.SendCall(1, request, back.Request, Root, Add, WriteTwo);
            peer.SendCall(1, 10 * request, back.Request, Root, Add, WriteTwo, MessageFlags.OneWay);
            Assert.That(peer.Receive()!.Request, Is.EqualTo(request));
        }

        peer.Send((ref MessagePackWriter writer) => WriteAnswer(ref writer, thread: 1, back.Request));

        Assert.That(peer.Receive()!.Request, Is.EqualTo(1));
        Assert.That(server.Completion.IsCompleted, Is.False);
    }

    [Test]
    public void An_asynchronous_call_is_inside_no_request()
        => AssertEnds(
            peer => peer.SendCall(1, 1, parent: 1, Root, Add, WriteTwo, MessageFlags.Asynchronous),
            "may be inside none");

    [Test]
    public void A_call_is_not_asynchronous_and_one_way()
        => AssertEnds(
            peer => peer.SendCall(1, 1, 0, Root, Add, WriteTwo, MessageFlags.Asynchronous | MessageFlags.OneWay),
            "asynchronous or one-way, got both");

    [Test]
    public void A_request_is_answered_once()
        => AssertEnds(
            peer =>
            {
                peer.SendCall(1, 1, 0, Root, Ask, WriteListener);
                Message back = peer.Receive()!;

                // In one piece: after the second answer the connection may be gone.
                byte[] answer = RawPeer.Frame(
                    (ref MessagePackWriter writer) => WriteAnswer(ref writer, thread: 1, back.Request));
                peer.SendBytes([.. answer, .. answer, .. answer]);
            },
            string.Empty);

    [Test]
    public void An_answer_to_a_thread_that_waits_for_nothing_ends_the_clients_connection_at_once()
    {
        using RawPeer peer = RawPeer.Serve<IRaw>(Transport, out IpcConnection<IRaw> client);
        EndWithTest(client);
        var leave = new Signal();
        TestThread<bool> caller = TestThread.Start(() =>
        {
            client.Root.Add(1, 2);
            leave.Await();
        });
        Message call = peer.Receive()!;
        peer.Send((ref MessagePackWriter writer) => WriteAnswer(ref writer, call.Thread, call.Request));

        // The thread has its answer and makes no call: nobody would ever look into its mailbox.
        peer.Send((ref MessagePackWriter writer) => WriteAnswer(ref writer, call.Thread, call.Request + 1));

        Assert.That(
            async () => await client.Completion.WaitAsync(Patience.Bound), Throws.TypeOf<IpcProtocolException>());
        leave.Set();
        caller.Join();
    }

    [Test]
    public void What_comes_home_is_said_to()
        => AssertEnds(
            peer => peer.SendCall(
                1, 1, 0, Root, 4, (ref MessagePackWriter writer) => WriteReferences(ref writer, -Root, 5)),
            "the flag BringsHome");

    [Test]
    public void What_is_said_to_come_home_does()
        => AssertEnds(
            peer => peer.SendCall(1, 1, 0, Root, Add, WriteTwo, MessageFlags.BringsHome),
            "Expected objects that come home");

    [Test]
    public void Only_a_Dispose_is_said_to_dispose()
        => AssertEnds(peer => peer.SendCall(1, 1, 0, Root, Add, WriteTwo, MessageFlags.Disposes), "does not");

    [Test]
    public void Nothing_stands_behind_a_message([Values(0x93, 0x94)] int header)
        => AssertEnds(
            peer => peer.SendFrame(header == 0x93
                ? [0x93, 5, 1, 1, 0xc0]
                : [0x94, 5, 1, 1, 0xc1]),
            string.Empty);

    [TestCase(0x93, 4, 1, 9, 0xc0, TestName = "Cancel")]
    [TestCase(0x92, 7, 1, 0xc0, TestName = "ThreadEnded")]
    [TestCase(0x93, 6, 1, 0xa1, 0x61, 0xc0, TestName = "ThreadStarted")]
    [TestCase(0x98, 1, 0, 1, 1, 0, 1, 1, 0x92, 2, 3, 0xc0, TestName = "Call")]
    public void Bytes_behind_the_array_are_refused(params int[] frame)
        => AssertEnds(peer => peer.SendFrame([.. frame.Select(value => (byte)value)]), "Expected the end");

    [TestCase(0x94, 4, 1, 9, 0xc0, TestName = "Cancel")]
    [TestCase(0x99, 1, 0, 1, 1, 0, 1, 1, 0x92, 2, 3, 0x91, 0xc0, TestName = "Call")]
    public void Elements_of_a_later_version_are_passed_over(params int[] frame)
    {
        using RawPeer peer = Attach(out IpcConnection server);

        peer.SendFrame([.. frame.Select(value => (byte)value)]);
        peer.SendCall(2, 2, 0, Root, Add, WriteTwo);

        Message answer = peer.Receive()!;
        Assert.That(answer.Type, Is.EqualTo(MessageType.Return));
        Assert.That(server.Completion.IsCompleted, Is.False);
    }

    [TestCase(4)]
    [TestCase(10)]
    [TestCase(11)]
    public void A_kind_of_error_that_is_never_on_the_wire_is_refused(int kind)
    {
        using RawPeer peer = RawPeer.Serve<IRaw>(Transport, out IpcConnection<IRaw> client);
        EndWithTest(client);
        TestThread<int> caller = TestThread.Start(() => client.Root.Add(1, 2));
        Message call = peer.Receive()!;

        peer.Send((ref MessagePackWriter writer) =>
        {
            ErrorMessage.Write(ref writer, call.Thread, call.Request, (IpcErrorKind)kind);
            writer.WriteArrayHeader(5);
            writer.Write("System.Exception");
            writer.Write("no");
            writer.WriteNil();
            writer.WriteNil();
            writer.WriteNil();
        });

        Assert.That(caller.Join, Throws.InstanceOf<IpcProtocolException>());
        Assert.That(
            async () => await client.Completion.WaitAsync(Patience.Bound), Throws.InstanceOf<IpcProtocolException>());
    }

    [TestCase(0x93, 8, 0, 0xc0, TestName = "no reason")]
    [TestCase(0x93, 8, 2, 0xa0, TestName = "a kind of calls")]
    [TestCase(0x93, 8, 0, 0xa0, 0xc0, TestName = "more behind it")]
    public void A_Goodbye_that_is_none_is_a_protocol_error(params int[] frame)
    {
        using RawPeer peer = Attach(out IpcConnection server);

        peer.SendFrame([.. frame.Select(value => (byte)value)]);

        Assert.That(
            async () => await server.Completion.WaitAsync(Patience.Bound), Throws.InstanceOf<IpcProtocolException>());
    }

    [Test]
    public void The_name_of_a_thread_is_held_cut()
    {
        using RawPeer peer = Attach(out _);
        string? seen = null;
        _root.OnAsk = _ =>
        {
            seen = Thread.CurrentThread.Name;
            return 1;
        };

        peer.Send(
            (ref MessagePackWriter writer) => ThreadStartedMessage.Write(ref writer, 1, new string('n', 100_000)));
        peer.SendCall(1, 1, 0, Root, Ask, WriteListener);
        peer.Receive();

        Assert.That(seen, Is.EqualTo(new string('n', 200)));
    }

    private static void AddAndAwait(RawPeer peer, long request)
    {
        SendAdd(peer, request);
        Message answer = peer.Receive()!;
        Assert.That((answer.Type, answer.Request), Is.EqualTo((MessageType.Return, request)));
    }

    private static void SendAdd(RawPeer peer, long request) => peer.SendCall(1, request, 0, Root, Add, WriteTwo);

    private static void WriteTwo(ref MessagePackWriter writer)
    {
        writer.WriteArrayHeader(2);
        writer.Write(2);
        writer.Write(3);
    }

    private static void WriteListener(ref MessagePackWriter writer) => WriteReferences(ref writer, 5);

    private static void WriteReferences(ref MessagePackWriter writer, params long[] handles)
    {
        writer.WriteArrayHeader(handles.Length);
        foreach (long handle in handles)
        {
            ReferenceFormat.Write(ref writer, handle);
        }
    }

    private static void WriteAnswer(ref MessagePackWriter writer, long thread, long request)
    {
        ReturnMessage.Write(ref writer, thread, request);
        writer.WriteArrayHeader(1);
        writer.Write(1);
    }

    private RawPeer Attach(out IpcConnection server)
    {
        RawPeer peer = RawPeer.Attach<IRaw>(_root, Transport, null, out server);
        EndWithTest(server);
        return peer;
    }

    private void AssertEnds(Action<RawPeer> misbehave, string reason, Action? letGo = null)
    {
        using RawPeer peer = Attach(out IpcConnection server);

        misbehave(peer);
        (IpcErrorKind kind, string said) = peer.ReceiveGoodbye();
        letGo?.Invoke();

        Assert.That(kind, Is.EqualTo(IpcErrorKind.Protocol));
        Assert.That(said, Does.Contain(reason));
        Assert.That(
            async () => await server.Completion.WaitAsync(Patience.Bound), Throws.InstanceOf<IpcProtocolException>());
    }
}
