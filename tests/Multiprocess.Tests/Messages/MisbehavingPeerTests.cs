using Multiprocess.Messages;
using Multiprocess.Objects;
using Multiprocess.Protocols;
using Multiprocess.Serialization;
using Multiprocess.Tests.Support;
using Multiprocess.Transports;

namespace Multiprocess.Tests.Messages;

/// <summary>
/// A peer that breaks the protocol: its connection ends, with a reason, on both sides, and harms nothing else.
/// </summary>
public sealed class MisbehavingPeerTests(IpcTestTransport transport) : PairFixture(transport)
{
    private const long Root = 1;

    private RawRoot _root = null!;

    [SetUp]
    public void MakeRoot() => _root = new RawRoot();

    [Test]
    public void A_well_behaved_raw_peer_is_answered()
    {
        using RawPeer peer = Attach(out IpcConnection server);

        SendAdd(peer, request: 1);
        Message answer = peer.Receive()!;

        var reader = new MessagePackReader(answer.Body);
        Assert.That(answer.Type, Is.EqualTo(MessageType.Return));
        Assert.That(answer.Request, Is.EqualTo(1));
        Assert.That(reader.ReadArrayHeader(), Is.EqualTo(1));
        Assert.That(reader.ReadInt32(), Is.EqualTo(5));
        Assert.That(server.Completion.IsCompleted, Is.False);
    }

    [Test]
    public void An_unknown_type_of_message_is_refused()
        => AssertRefused(peer => peer.SendFrame(0x91, 99), "message type");

    [Test]
    public void A_shape_that_is_too_long_is_refused()
        => AssertRefused(peer => SendShape(peer, new string('a', 65_537)), "Expected at most");

    [Test]
    public void More_shapes_than_allowed_are_refused()
        => AssertRefused(
            peer =>
            {
                for (int i = 0; i < 64; i++)
                {
                    SendShape(peer, new string('a', 65_536));
                }
            },
            "Expected at most");

    [Test]
    public void A_shape_of_nothing_is_refused() => AssertRefused(peer => SendShape(peer, null), "got nil");

    [Test]
    public void A_second_Hello_is_refused() => AssertRefused(peer => peer.SayHello(null, null), "got a Hello");

    [Test]
    public void A_frame_that_is_no_array_is_refused()
        => AssertRefused(peer => peer.SendFrame(0xa1, (byte)'x'), "array");

    [Test]
    public void An_empty_frame_is_refused() => AssertRefused(peer => peer.SendFrame(), "");

    [Test]
    public void A_header_with_a_wrong_type_is_refused()
        => AssertRefused(peer => peer.SendFrame(0x98, 1, 0, 1, 0xc0, 0, 1, 1, 0x90), "integer");

    [Test]
    public void A_header_that_is_too_short_is_refused()
        => AssertRefused(peer => peer.SendFrame(0x93, 1, 0, 1), "at least 8 elements");

    [Test]
    public void A_header_that_ends_in_the_middle_is_refused()
        => AssertRefused(peer => peer.SendFrame(0x98, 1, 0, 1), "");

    [Test]
    public void A_negative_request_is_refused()
        => AssertRefused(peer => peer.SendFrame(0x98, 1, 0, 1, 0xff, 0, 1, 1, 0x90), "identifiers");

    [Test]
    public void A_frame_over_the_limit_is_refused_before_it_arrives()
        => AssertRefused(
            peer => peer.SendBytes([0xff, 0xff, 0xff, 0x7f]), "which is the receiver's IpcLimits.MaxFrameBytes");

    [Test]
    public void A_call_of_an_unknown_object_is_refused()
        => AssertRefused(peer => SendAdd(peer, 1, target: 77), "handle 77");

    [Test]
    public void A_synchronous_call_without_a_thread_is_refused()
        => AssertRefused(peer => SendAdd(peer, 1, thread: 0), "Expected a thread, got none");

    [Test]
    public void A_call_on_a_thread_of_ours_that_does_not_exist_is_refused()
        => AssertRefused(peer => SendAdd(peer, 1, thread: -5), "that has not ended");

    [Test]
    public void A_nested_call_on_a_worker_that_waits_for_nothing_is_refused()
        => AssertRefused(
            peer => peer.SendCall(1, 1, parent: 9, Root, 1, (ref MessagePackWriter writer) => WriteTwo(ref writer)),
            "nothing waits there");

    [Test]
    public void An_answer_to_an_asynchronous_request_that_is_not_open_is_refused()
        => AssertRefused(
            peer => peer.Send((ref MessagePackWriter writer) => WriteAnswer(ref writer, thread: 0, request: 3)),
            "to an open request");

    [Test]
    public void An_answer_on_a_thread_that_does_not_exist_is_refused()
        => AssertRefused(
            peer => peer.Send((ref MessagePackWriter writer) => WriteAnswer(ref writer, thread: -3, request: 3)),
            "a thread of this side");

    [Test]
    public void An_answer_to_another_request_than_the_one_that_waits_is_refused()
        => AssertRefused(
            peer =>
            {
                peer.SendCall(1, 1, 0, Root, 2, (ref MessagePackWriter writer) => WriteReferences(ref writer, 5));
                Message nested = peer.Receive()!;
                peer.Send((ref MessagePackWriter writer) => WriteAnswer(ref writer, thread: 1, nested.Request + 100));
            },
            "waits");

    [Test]
    public void A_call_inside_another_request_than_the_one_that_waits_is_refused()
        => AssertRefused(
            peer =>
            {
                peer.SendCall(1, 1, 0, Root, 2, (ref MessagePackWriter writer) => WriteReferences(ref writer, 5));
                Message nested = peer.Receive()!;
                peer.SendCall(
                    1, 2, nested.Request + 100, Root, 1, (ref MessagePackWriter writer) => WriteTwo(ref writer));
            },
            "waits");

    [Test]
    public void A_request_number_used_twice_is_refused()
    {
        var leave = new Signal();
        _root.OnAsk = _ =>
        {
            leave.Await();
            return 1;
        };
        AssertRefused(
            peer =>
            {
                peer.SendCall(
                    1,
                    1,
                    0,
                    Root,
                    2,
                    (ref MessagePackWriter writer) => WriteReferences(ref writer, 5),
                    MessageFlags.Cancellable);
                peer.SendCall(
                    2,
                    1,
                    0,
                    Root,
                    2,
                    (ref MessagePackWriter writer) => WriteReferences(ref writer, 5),
                    MessageFlags.Cancellable);
            },
            "not used before");
        leave.Set();
    }

    [Test]
    public void A_thread_that_is_started_twice_is_refused()
        => AssertRefused(
            peer =>
            {
                peer.Send((ref MessagePackWriter writer) => ThreadStartedMessage.Write(ref writer, 1, "one"));
                peer.Send((ref MessagePackWriter writer) => ThreadStartedMessage.Write(ref writer, 1, "one"));
            },
            "Expected a new thread");

    [Test]
    public void Releasing_an_unknown_object_is_refused()
        => AssertRefused(
            peer => peer.Send((ref MessagePackWriter writer) => ReleaseMessage.Write(ref writer, 55, 1)), "handle 55");

    [Test]
    public void Releasing_more_than_was_sent_is_refused()
        => AssertRefused(
            peer => peer.Send((ref MessagePackWriter writer) => ReleaseMessage.Write(ref writer, Root, 2)),
            "Expected 1 to 1 references");

    [TestCase(0)]
    [TestCase(-1)]
    public void Releasing_nothing_is_refused(long count)
        => AssertRefused(
            peer => peer.Send((ref MessagePackWriter writer) => ReleaseMessage.Write(ref writer, Root, count)),
            "Expected 1 to 1 references");

    [Test]
    public void An_object_brought_home_under_another_contract_is_refused()
        => AssertRefused(
            peer => peer.SendCall(
                1,
                1,
                0,
                Root,
                2,
                (ref MessagePackWriter writer) => WriteReferences(ref writer, -Root),
                MessageFlags.BringsHome),
            "comes home: Expected");

    [Test]
    public void A_handle_sent_under_two_contracts_is_refused()
        => AssertRefused(
            peer => peer.SendCall(
                1, 1, 0, Root, 4, (ref MessagePackWriter writer) => WriteReferences(ref writer, 5, 5)),
            "of the peer: Expected ");

    [Test]
    public void An_unknown_object_brought_home_is_refused()
        => AssertRefused(
            peer => peer.SendCall(
                1,
                1,
                0,
                Root,
                4,
                (ref MessagePackWriter writer) => WriteReferences(ref writer, -99, 5),
                MessageFlags.BringsHome),
            "handle 99");

    [Test]
    public void An_argument_of_a_wrong_type_is_refused()
        => AssertRefused(
            peer => peer.SendCall(1, 1, 0, Root, 1, (ref MessagePackWriter writer) =>
            {
                writer.WriteArrayHeader(2);
                writer.Write(1);
                writer.Write("two");
            }),
            "integer");

    [TestCase(1)]
    [TestCase(3)]
    public void A_wrong_number_of_arguments_is_refused(int count)
        => AssertRefused(
            peer => peer.SendCall(1, 1, 0, Root, 1, (ref MessagePackWriter writer) =>
            {
                writer.WriteArrayHeader(count);
                for (int i = 0; i < count; i++)
                {
                    writer.Write(i);
                }
            }),
            "argument");

    [Test]
    public void An_announced_collection_that_is_larger_than_its_bytes_is_refused()
        => AssertRefused(
            peer => peer.SendCall(1, 1, 0, Root, 5, (ref MessagePackWriter writer) =>
            {
                writer.WriteArrayHeader(1);
                writer.WriteArrayHeader(int.MaxValue);
            }),
            "");

    [Test]
    public void A_peer_that_ends_in_the_middle_of_a_message_is_a_lost_connection()
    {
        RawPeer peer = Attach(out IpcConnection server);

        peer.SendBytes([100, 0, 0, 0, 0x98, 1]);
        peer.Dispose();

        Assert.That(
            async () => await server.Completion.WaitAsync(Patience.Bound),
            Throws.TypeOf<IpcDisconnectedException>().With.Message.Contains("in the middle of a message"));
    }

    [Test]
    public void A_peer_that_ends_without_a_word_is_a_lost_connection()
    {
        RawPeer peer = Attach(out IpcConnection server);

        peer.Dispose();

        Assert.That(
            async () => await server.Completion.WaitAsync(Patience.Bound),
            Throws.TypeOf<IpcDisconnectedException>().With.Message.Contains("without saying goodbye"));
    }

    [Test]
    public void A_method_that_does_not_exist_is_an_error_that_says_so_and_no_end()
    {
        using RawPeer peer = Attach(out IpcConnection server);

        peer.SendCall(1, 1, 0, Root, 4711, (ref MessagePackWriter writer) => WriteTwo(ref writer));
        Message answer = peer.Receive()!;
        SendAdd(peer, 2);

        Assert.That(answer.Type, Is.EqualTo(MessageType.Error));
        Assert.That(
            (IpcErrorKind)new MessagePackReader(answer.Body).ReadByte(), Is.EqualTo(IpcErrorKind.MethodMissing));
        Assert.That(peer.Receive()!.Type, Is.EqualTo(MessageType.Return));
        Assert.That(server.Completion.IsCompleted, Is.False);
    }

    [Test]
    public void What_comes_too_late_is_passed_over()
    {
        using RawPeer peer = Attach(out IpcConnection server);

        peer.Send((ref MessagePackWriter writer) => CancelMessage.Write(ref writer, 1, 99));
        peer.Send((ref MessagePackWriter writer) => ThreadEndedMessage.Write(ref writer, 99));
        SendAdd(peer, 1);

        Assert.That(peer.Receive()!.Type, Is.EqualTo(MessageType.Return));
        Assert.That(server.Completion.IsCompleted, Is.False);
    }

    [Test]
    public void References_of_a_call_to_a_missing_method_are_given_back()
    {
        using RawPeer peer = Attach(out IpcConnection server);

        peer.SendCall(1, 1, 0, Root, 4711, (ref MessagePackWriter writer) => WriteReferences(ref writer, 5, 6));

        var released = new List<MessageType>();
        for (int i = 0; i < 3; i++)
        {
            released.Add(peer.Receive()!.Type);
        }

        Assert.That(released, Is.EquivalentTo(new[] { MessageType.Error, MessageType.Release, MessageType.Release }));
        Assert.That(server.LiveImports, Is.Zero);
    }

    [Test]
    public void A_call_inside_a_request_that_was_answered_ends_the_clients_connection_at_once()
        => AssertRefusedByClient((peer, call, own, handle) =>
        {
            Answer(peer, call, own);
            peer.SendCall(-own, 1, call.Request, handle, 1, (ref MessagePackWriter writer) => WriteTwo(ref writer));
        });

    [Test]
    public void A_call_inside_the_request_that_the_client_makes_next_is_never_run()
    {
        var next = new Signal();
        AssertRefusedByClient(
            (peer, call, own, handle) =>
            {
                Answer(peer, call, own);
                peer.SendCall(
                    -own, 1, call.Request + 1, handle, 1, (ref MessagePackWriter writer) => WriteTwo(ref writer));
            },
            afterwards: next.Await,
            letGo: next.Set);
    }

    [Test]
    public void A_guessed_request_is_refused_while_another_waits()
        => AssertRefusedByClient((peer, call, own, handle)
            => peer.SendCall(
                -own, 1, call.Request + 1, handle, 1, (ref MessagePackWriter writer) => WriteTwo(ref writer)));

    [TestCase(0)]
    [TestCase(1)]
    [TestCase(-1)]
    public void A_one_way_call_inside_another_request_than_the_one_that_waits_is_never_run(int distance)
        => AssertRefusedByClient((peer, call, own, handle)
            => peer.SendCall(
                -own, 1, distance == -1 ? 0 : call.Request + 1 + distance, handle, 1, (ref MessagePackWriter writer)
                    => WriteTwo(ref writer), MessageFlags.OneWay));

    [Test]
    public void A_call_inside_a_request_on_another_connection_is_never_run()
    {
        using RawPeer other = RawPeer.Serve(Transport, out IpcConnection<IRaw> elsewhere);
        EndWithTest(elsewhere);
        AssertRefusedByClient(
            (peer, call, own, handle) =>
            {
                Answer(peer, call, own);

                // The very same thread waits, with the same numbers, but for another peer.
                Message waiting = other.Receive()!;
                peer.SendCall(
                    -own, 1, waiting.Request, handle, 1, (ref MessagePackWriter writer) => WriteTwo(ref writer));
            },
            afterwards: () => elsewhere.Root.Add(1, 2),
            letGo: elsewhere.Dispose);
    }

    [TestCase(MessageFlags.None)]
    [TestCase(MessageFlags.OneWay)]
    public void A_call_outside_of_the_request_that_a_worker_waits_for_is_never_run(object flags)
    {
        AssertRefused(
            peer =>
            {
                peer.SendCall(1, 1, 0, Root, 2, (ref MessagePackWriter writer) => WriteReferences(ref writer, 5));
                peer.Receive();
                peer.SendCall(
                    1, 2, 0, Root, 1, (ref MessagePackWriter writer) => WriteTwo(ref writer), (MessageFlags)flags);
            },
            "waits");
        Assert.That(_root.Calls, Is.Zero);
    }

    [TestCase(1)]
    [TestCase(2)]
    public void Random_frames_never_do_more_than_end_their_connection(int seed)
    {
        var random = new Random(seed);
        IRaw other = Serve<IRaw>(new RawRoot()).Root;
        for (int round = 0; round < 60; round++)
        {
            RawPeer peer = Attach(out IpcConnection server);
            byte[] frame = new byte[random.Next(1, 40)];
            random.NextBytes(frame);
            frame[0] = (byte)(0x90 | random.Next(2, 10));
            if (frame.Length > 1)
            {
                frame[1] = (byte)random.Next(0, 10);
            }

            peer.SendFrame(frame);
            peer.Dispose();

            Assert.That(server.Closed.WaitHandle.WaitOne(Patience.Bound), Is.True, $"round {round}");
        }

        Assert.That(other.Add(1, 2), Is.EqualTo(3));
    }

    private static void SendShape(RawPeer peer, string? shape)
        => peer.Send((ref MessagePackWriter writer) => ShapeMessage.Write(ref writer, "Some.IContract", 1, shape!));

    /// <summary>
    /// A client hands an object to a peer that serves it; what the peer then does ends the connection, and never runs
    /// the object.
    /// </summary>
    private void AssertRefusedByClient(
        Action<RawPeer, Message, long, long> misbehave, Action? afterwards = null, Action? letGo = null)
    {
        using RawPeer peer = RawPeer.Serve(Transport, out IpcConnection<IRaw> client);
        EndWithTest(client);
        var root = new RawRoot();
        TestThread<bool> caller = TestThread.Start(() =>
        {
            client.Root.Take(root, null);
            afterwards?.Invoke();
            client.Root.Add(1, 2);
        });
        Message call = peer.Receive()!;

        misbehave(peer, call, -call.Thread, FirstReference(call));

        Assert.That(
            async () => await client.Completion.WaitAsync(Patience.Bound),
            Throws.TypeOf<IpcProtocolException>().With.Message.Contains("waits there"));
        letGo?.Invoke();
        Assert.That(caller.Join, Throws.InstanceOf<IpcException>());
        Assert.That(root.Calls, Is.Zero);
    }

    private static void Answer(RawPeer peer, Message call, long own)
        => peer.Send((ref MessagePackWriter writer) =>
        {
            ReturnMessage.Write(ref writer, -own, call.Request);
            writer.WriteArrayHeader(0);
        });

    private static void SendAdd(RawPeer peer, long request, long thread = 1, long target = Root)
        => peer.SendCall(thread, request, 0, target, 1, (ref MessagePackWriter writer) => WriteTwo(ref writer));

    private static void WriteTwo(ref MessagePackWriter writer)
    {
        writer.WriteArrayHeader(2);
        writer.Write(2);
        writer.Write(3);
    }

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

    private static long FirstReference(Message call)
    {
        long found = 0;
        ReferenceFormat.ForEach(call.Body, handle => found = handle);
        return found;
    }

    private RawPeer Attach(out IpcConnection server)
    {
        RawPeer peer = RawPeer.Attach<IRaw>(_root, Transport, null, out server);
        EndWithTest(server);
        return peer;
    }

    private void AssertRefused(Action<RawPeer> misbehave, string reason)
    {
        using RawPeer peer = Attach(out IpcConnection server);
        int before = _root.Calls;

        misbehave(peer);
        (IpcErrorKind kind, string said) = peer.ReceiveGoodbye();

        Assert.That(kind, Is.EqualTo(IpcErrorKind.Protocol));
        Assert.That(said, Does.Contain(reason));
        Assert.That(
            async () => await server.Completion.WaitAsync(Patience.Bound), Throws.InstanceOf<IpcProtocolException>());
        Assert.That(_root.Calls, Is.EqualTo(before), "No method ran.");
    }
}
