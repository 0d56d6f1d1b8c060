using Multiprocess.CapnProto.Messages;
using Multiprocess.CapnProto.Rpc;
using Multiprocess.CapnProto.Rpc.Wire;

namespace Multiprocess.CapnProto.Tests.Rpc;

/// <summary>Message by message: what this side answers, and what it refuses.</summary>
public sealed class ProtocolTests
{
    [Test]
    public async Task Bootstrap_gives_the_root_once_for_each_time()
    {
        var root = new PeerObject();
        await using var peer = new RawPeer(root);
        for (uint question = 0; question < 3; question++)
        {
            await peer.BootstrapAsync(question);
            CapnpStructReader result = await peer.ReceiveAsync(MessageKind.Return);
            CapnpStructReader descriptor = result.Pointer(0).ReadStruct().Pointer(1).ReadList().Struct(0);

            Assert.That(result.ReadUInt32(0), Is.EqualTo(question));
            Assert.That((DescriptorKind)descriptor.ReadUInt16(0), Is.EqualTo(DescriptorKind.SenderHosted));
            Assert.That(descriptor.ReadUInt32(1), Is.Zero);
            await peer.FinishAsync(question, releaseResults: false);
        }

        await peer.ReleaseAsync(0, 2);
        await peer.CallAsync(3, 0, 10);
        await peer.ReceiveAsync(MessageKind.Return);
        await peer.FinishAsync(3);
        await peer.ReleaseAsync(0, 1);
        await peer.BootstrapAsync(4);
        await peer.ReceiveAsync(MessageKind.Return);
        Assert.That(root.Disposed.Task.IsCompleted, Is.False, "The connection may be asked for it again.");

        peer.End();

        await root.Disposed.Task.WaitAsync(PeerCalls.Bound);
    }

    [Test]
    public async Task Bootstrap_without_a_root_is_an_exception()
    {
        await using var peer = new RawPeer();
        await peer.BootstrapAsync(7);

        CapnpStructReader result = await peer.ReceiveAsync(MessageKind.Return);

        Assert.That((ReturnKind)result.ReadUInt16(3), Is.EqualTo(ReturnKind.Exception));
        Assert.That(result.Pointer(0).ReadStruct().Pointer(0).ReadText(), Does.StartWith("Bootstrap: Expected a root"));
    }

    [Test]
    public async Task Results_are_released_by_the_finish_that_says_so()
    {
        var root = new PeerObject();
        await using RawPeer peer = await WithRootAsync(root);
        await peer.CallAsync(1, 0, 3);
        await peer.ReceiveAsync(MessageKind.Return);
        Assert.That(root.Counters.Value, Is.EqualTo(1));

        await peer.FinishAsync(1);

        await PeerCalls.UntilAsync(() => Task.FromResult(root.Counters.Value), 0);
    }

    [Test]
    public async Task Call_on_the_results_of_an_answered_call_finds_them_until_it_is_finished()
    {
        await using RawPeer peer = await WithRootAsync(new PeerObject());
        await peer.CallAsync(1, 0, 3);
        await peer.ReceiveAsync(MessageKind.Return);

        await CallPromisedAsync(peer, 2, 1, [1, 0]);
        CapnpStructReader result = await peer.ReceiveAsync(MessageKind.Return);

        Assert.That((ReturnKind)result.ReadUInt16(3), Is.EqualTo(ReturnKind.Results));
        await peer.FinishAsync(1);
        await CallPromisedAsync(peer, 3, 1, [1, 0]);
        result = await peer.ReceiveAsync(MessageKind.Return);
        Assert.That((ReturnKind)result.ReadUInt16(3), Is.EqualTo(ReturnKind.Exception));
    }

    [Test]
    public async Task Path_that_leads_nowhere_is_an_exception([Values(0, 1, 7)] int field)
    {
        await using RawPeer peer = await WithRootAsync(new PeerObject());
        await peer.CallAsync(1, 0, 1);
        await peer.ReceiveAsync(MessageKind.Return);

        await CallPromisedAsync(peer, 2, 1, [(ushort)field]);

        CapnpStructReader result = await peer.ReceiveAsync(MessageKind.Return);
        Assert.That((ReturnKind)result.ReadUInt16(3), Is.EqualTo(ReturnKind.Exception));
    }

    [Test]
    public async Task Call_that_is_finished_first_is_cancelled_and_still_returned()
    {
        var root = new PeerObject();
        await using RawPeer peer = await WithRootAsync(root);
        await peer.CallAsync(1, 0, 9);
        await root.NeverRuns.Task.WaitAsync(PeerCalls.Bound);

        await peer.FinishAsync(1);

        CapnpStructReader result = await peer.ReceiveAsync(MessageKind.Return);
        Assert.That(((ReturnKind)result.ReadUInt16(3), result.ReadUInt32(0)), Is.EqualTo((ReturnKind.Canceled, 1u)));
        await root.NeverEnded.Task.WaitAsync(PeerCalls.Bound);
        // The number is free again.
        await peer.CallAsync(1, 0, 10);
        Assert.That((await peer.ReceiveAsync(MessageKind.Return)).ReadUInt32(0), Is.EqualTo(1));
    }

    [Test]
    public async Task Finished_call_whose_results_are_in_use_is_cancelled_with_its_connection()
    {
        var root = new PeerObject();
        RawPeer peer = await WithRootAsync(root);
        await peer.CallAsync(1, 0, 9);
        await root.NeverRuns.Task.WaitAsync(PeerCalls.Bound);
        await CallPromisedAsync(peer, 2, 1, [0]);
        await peer.FinishAsync(1);

        await peer.DisposeAsync();

        await root.NeverEnded.Task.WaitAsync(PeerCalls.Bound);
        await root.Disposed.Task.WaitAsync(PeerCalls.Bound);
    }

    [Test]
    public async Task Results_without_objects_need_no_finish_and_one_that_comes_is_ignored()
    {
        await using RawPeer peer = await WithRootAsync(new PeerObject());
        await peer.CallAsync(1, 0, 10);

        CapnpStructReader result = await peer.ReceiveAsync(MessageKind.Return);

        Assert.That(result.ReadBool(33), Is.True, "The number is free at once.");
        Assert.That(peer.Connection.State.Calls.Count, Is.Zero);
        await peer.FinishAsync(1);
        await peer.CallAsync(1, 0, 10);
        Assert.That((await peer.ReceiveAsync(MessageKind.Return)).ReadUInt32(0), Is.EqualTo(1));
    }

    [Test]
    public async Task Results_with_objects_need_a_finish()
    {
        await using RawPeer peer = await WithRootAsync(new PeerObject());
        await peer.CallAsync(1, 0, 3);

        CapnpStructReader result = await peer.ReceiveAsync(MessageKind.Return);

        Assert.That(result.ReadBool(33), Is.False);
        Assert.That(peer.Connection.State.Calls.Count, Is.EqualTo(1));
    }

    [TestCase(false)]
    [TestCase(true)]
    public async Task Return_that_needs_no_finish_gets_none(bool needsNone)
    {
        await using var peer = new RawPeer();
        using CapnpReference remote = peer.Connection.Bootstrap();
        await peer.ReceiveAsync(MessageKind.Bootstrap);
        CapnpAnswer answer = remote.Add(1, 2);
        uint question = (await peer.ReceiveAsync(MessageKind.Call)).ReadUInt32(0);

        await peer.SendAsync(MessageKind.Return, RpcFormat.Return, body =>
        {
            body.WriteUInt32(0, question);
            body.WriteBool(33, needsNone);
            body.Pointer(0).InitStruct(RpcFormat.Payload).Pointer(0).InitStruct(PeerSchema.Number).WriteInt32(0, 3);
        });

        Assert.That(await answer.NumberAsync(), Is.EqualTo(3));
        remote.Add(3, 4).Dispose(); // What comes next shows that nothing came between.
        CapnpStructReader next = await peer.ReceiveAsync();
        Assert.That(
            (MessageKind)next.ReadUInt16(0), Is.EqualTo(needsNone ? MessageKind.Call : MessageKind.Finish));
    }

    [Test]
    public async Task Results_are_kept_for_a_call_that_they_answer()
    {
        await using RawPeer peer = await WithRootAsync(new PeerObject());
        using CapnpReference remote = peer.Connection.Bootstrap();
        CapnpAnswer answer = remote.Add(1, 2);
        uint bootstrap = (await peer.ReceiveAsync(MessageKind.Bootstrap)).ReadUInt32(0);
        uint question = (await peer.ReceiveAsync(MessageKind.Call)).ReadUInt32(0);

        // The peer calls this side's own object, keeps the results here, and gives them as the answer.
        await peer.CallAsync(1, 0, 0, body =>
        {
            body.WriteUInt16(3, (ushort)ResultsTo.Yourself);
            CapnpStructBuilder parameters = body.Pointer(1).GetOrInitStruct(RpcFormat.Payload).Pointer(0).InitStruct(
                PeerSchema.Number);
            parameters.WriteInt32(0, 40);
            parameters.WriteInt32(1, 2);
        });
        CapnpStructReader kept = await peer.ReceiveAsync(MessageKind.Return);
        Assert.That((ReturnKind)kept.ReadUInt16(3), Is.EqualTo(ReturnKind.ResultsSentElsewhere));
        await peer.SendAsync(MessageKind.Return, RpcFormat.Return, body =>
        {
            body.WriteUInt32(0, question);
            body.WriteUInt16(3, (ushort)ReturnKind.TakeFromOtherQuestion);
            body.WriteUInt32(2, 1);
        });

        Assert.That(await answer.NumberAsync(), Is.EqualTo(42));
        Assert.That(bootstrap, Is.Not.EqualTo(question));
        Assert.That((await peer.ReceiveAsync(MessageKind.Finish)).ReadUInt32(0), Is.EqualTo(question));
    }

    [Test]
    public async Task Messages_of_higher_levels_are_sent_back([Values(7, 9, 10, 11, 12, 14, 999)] int kind)
    {
        await using RawPeer peer = await WithRootAsync(new PeerObject());
        await peer.SendAsync((MessageKind)kind, new(1, 0), body => body.WriteUInt64(0, 0x1234));

        CapnpStructReader back = await peer.ReceiveAsync(MessageKind.Unimplemented);

        Assert.That(back.ReadUInt16(0), Is.EqualTo(kind));
        Assert.That(back.Pointer(0).ReadStruct().ReadUInt64(0), Is.EqualTo(0x1234));
    }

    [Test]
    public async Task Call_for_a_third_party_is_sent_back()
    {
        await using RawPeer peer = await WithRootAsync(new PeerObject());
        await peer.CallAsync(1, 0, 0, body => body.WriteUInt16(3, (ushort)ResultsTo.ThirdParty));

        CapnpStructReader back = await peer.ReceiveAsync(MessageKind.Unimplemented);

        Assert.That((MessageKind)back.ReadUInt16(0), Is.EqualTo(MessageKind.Call));
    }

    [Test]
    public async Task Object_of_a_third_party_is_used_through_its_vine()
    {
        var root = new PeerObject();
        await using RawPeer peer = await WithRootAsync(root);
        await peer.CallAsync(1, 0, 5, body => Describe(body, DescriptorKind.ThirdPartyHosted, descriptor =>
            descriptor.Pointer(0).InitStruct(new(1, 1)).WriteUInt32(0, 17)));
        await peer.ReceiveAsync(MessageKind.Return);

        await peer.CallAsync(2, 0, 6);

        CapnpStructReader call = await peer.ReceiveAsync(MessageKind.Call);
        Assert.That(call.Pointer(0).ReadStruct().ReadUInt32(0), Is.EqualTo(17));
    }

    [Test]
    public async Task Peer_that_does_not_know_promises_has_their_objects_released()
    {
        var callback = new Callback();
        var promise = new TaskCompletionSource<CapnpReference>();
        await using var peer = new RawPeer();
        using CapnpReference remote = peer.Connection.Bootstrap();
        using CapnpReference promised = CapnpReference.Of(promise.Task);
        using CapnpAnswer answer = remote.Call(5, promised);
        await peer.ReceiveAsync(MessageKind.Bootstrap);
        await peer.ReceiveAsync(MessageKind.Call);
        promise.SetResult(CapnpReference.Of(callback));
        CapnpStructReader resolve = await peer.ReceiveAsync(MessageKind.Resolve);
        uint hosted = resolve.Pointer(0).ReadStruct().ReadUInt32(1);

        await peer.SendAsync(MessageKind.Unimplemented, RpcFormat.Message, body =>
        {
            body.WriteUInt16(0, (ushort)MessageKind.Resolve);
            CapnpStructBuilder back = body.Pointer(0).InitStruct(RpcFormat.Resolve);
            CapnpStructBuilder descriptor = back.Pointer(0).InitStruct(RpcFormat.Descriptor);
            descriptor.WriteUInt16(0, (ushort)DescriptorKind.SenderHosted);
            descriptor.WriteUInt32(1, hosted);
        });
        await peer.ReleaseAsync(resolve.ReadUInt32(0), 1);
        promised.Dispose();

        await callback.Disposed.Task.WaitAsync(PeerCalls.Bound);
    }

    [Test]
    public async Task Return_may_release_what_the_parameters_had()
    {
        var callback = new Callback();
        await using var peer = new RawPeer();
        using CapnpReference remote = peer.Connection.Bootstrap();
        CapnpAnswer answer;
        using (CapnpReference reference = CapnpReference.Of(callback))
        {
            answer = remote.Call(5, reference);
        }

        await peer.ReceiveAsync(MessageKind.Bootstrap);
        uint question = (await peer.ReceiveAsync(MessageKind.Call)).ReadUInt32(0);

        await peer.SendAsync(MessageKind.Return, RpcFormat.Return, body => body.WriteUInt32(0, question));

        await answer.WaitAsync();
        await callback.Disposed.Task.WaitAsync(PeerCalls.Bound);
    }

    [Test]
    public async Task Calls_over_the_limit_are_refused_and_do_not_run()
    {
        var root = new PeerObject();
        await using RawPeer peer = await WithRootAsync(root, new CapnpConnectionOptions { MaxCallsInFlight = 2 });
        await peer.CallAsync(1, 0, 9);
        await peer.CallAsync(2, 0, 9);

        await peer.CallAsync(3, 0, 3);

        CapnpStructReader result = await peer.ReceiveAsync(MessageKind.Return);
        Assert.That((result.ReadUInt32(0), (ReturnKind)result.ReadUInt16(3)), Is.EqualTo((3u, ReturnKind.Exception)));
        Assert.That(
            (CapnpExceptionType)result.Pointer(0).ReadStruct().ReadUInt16(2),
            Is.EqualTo(CapnpExceptionType.Overloaded));
        Assert.That(root.Counters.Value, Is.Zero);
        await peer.CallAsync(4, 0, 3);
        await peer.CallAsync(5, 0, 3);
        Assert.That(await peer.ReceiveAbortAsync(), Does.Contain("not finished"));
    }

    [Test]
    public async Task Capabilities_over_the_limit_end_the_connection()
    {
        await using RawPeer peer = await WithRootAsync(new PeerObject(), new CapnpConnectionOptions { MaxObjects = 1 });

        await peer.CallAsync(1, 0, 5, body =>
        {
            CapnpListBuilder table = body.Pointer(1).GetOrInitStruct(RpcFormat.Payload).Pointer(1).InitStructList(
                RpcFormat.Descriptor, 2);
            for (int i = 0; i < 2; i++)
            {
                table.Struct(i).WriteUInt16(0, (ushort)DescriptorKind.SenderHosted);
                table.Struct(i).WriteUInt32(1, (uint)i);
            }
        });

        Assert.That(
            await peer.ReceiveAbortAsync(), Is.EqualTo("Capabilities: Expected at most 1 of the peer, got one more."));
    }

    [TestCaseSource(nameof(Names))]
    public async Task Violation_ends_the_connection_on_both_sides(string name)
    {
        (_, Func<RawPeer, Task> violate, string reason) = Violations().Single(violation => violation.Name == name);
        await using RawPeer peer = await WithRootAsync(new PeerObject());

        await violate(peer);

        Assert.That(await peer.ReceiveAbortAsync(), Does.Contain(reason));
        Assert.That(
            async () => await peer.Connection.Completion.WaitAsync(PeerCalls.Bound),
            Throws.InstanceOf<IpcProtocolException>());
    }

    [Test]
    public async Task Peer_that_aborts_is_believed_and_not_answered()
    {
        await using RawPeer peer = await WithRootAsync(new PeerObject());
        using CapnpReference remote = peer.Connection.Bootstrap();
        CapnpAnswer waiting = remote.Add(1, 2);
        await peer.ReceiveAsync(MessageKind.Bootstrap);
        await peer.ReceiveAsync(MessageKind.Call);

        await peer.SendAsync(
            MessageKind.Abort, RpcFormat.Exception, body => body.Pointer(0).WriteText("nonsense received"));

        Assert.That(
            async () => await waiting.WaitAsync(),
            Throws.InstanceOf<IpcDisconnectedException>().With.Message.Contains("nonsense received"));
        Assert.That(
            async () => await peer.Connection.Completion.WaitAsync(PeerCalls.Bound),
            Throws.InstanceOf<IpcProtocolException>());
    }

    [Test]
    public async Task Connection_that_ends_inside_of_a_message_was_lost()
    {
        await using RawPeer peer = await WithRootAsync(new PeerObject());
        await peer.SendAsync([0, 0, 0, 0, 9, 0, 0, 0, 1]);

        peer.End();

        Assert.That(
            async () => await peer.Connection.Completion.WaitAsync(PeerCalls.Bound),
            Throws.InstanceOf<IpcDisconnectedException>());
    }

    private static IEnumerable<string> Names() => Violations().Select(violation => violation.Name);

    private static IEnumerable<(string Name, Func<RawPeer, Task> Violate, string Reason)> Violations()
    {
        static (string, Func<RawPeer, Task>, string) Case(string name, Func<RawPeer, Task> violate, string reason)
            => (name, violate, reason);

        yield return Case("call of an export that there is not", peer => peer.CallAsync(1, 5, 0), "got number 5");
        yield return Case(
            "number in use", async peer =>
            {
                await peer.CallAsync(1, 0, 9);
                await peer.CallAsync(1, 0, 9);
            },
            "not in use");
        yield return Case("more released than sent", peer => peer.ReleaseAsync(0, 2), "at most 1 references, got 2");
        yield return Case("export that there is not released", peer => peer.ReleaseAsync(3, 1), "got number 3");
        yield return Case(
            "return of a call that there is not",
            peer => peer.SendAsync(MessageKind.Return, RpcFormat.Return, body => body.WriteUInt32(0, 8)),
            "got number 8");
        yield return Case(
            "embargo that there is not",
            peer => peer.SendAsync(MessageKind.Disembargo, RpcFormat.Disembargo, body => body.WriteUInt16(2, 1)),
            "Expected an embargo");
        yield return Case(
            "embargo on an object of this side",
            peer => peer.SendAsync(
                MessageKind.Disembargo, RpcFormat.Disembargo, body => body.Pointer(0).InitStruct(RpcFormat.Target)),
            "object of the sender");
        yield return Case(
            "receiver's object that there is not",
            peer => peer.CallAsync(1, 0, 5, body => Describe(body, DescriptorKind.ReceiverHosted, descriptor =>
                descriptor.WriteUInt32(1, 44))),
            "got number 44");
        yield return Case(
            "object that is resolved",
            async peer =>
            {
                await peer.CallAsync(1, 0, 5, body => Describe(body, DescriptorKind.SenderHosted, _ => { }));
                await peer.SendAsync(MessageKind.Resolve, RpcFormat.Resolve, _ => { });
            },
            "Expected a promise");
        yield return Case(
            "resolve of an unknown kind",
            peer => peer.SendAsync(MessageKind.Resolve, RpcFormat.Resolve, body => body.WriteUInt16(2, 5)),
            "got kind 5");
        yield return Case(
            "target of an unknown kind",
            peer => peer.CallAsync(1, 0, 0, body => body.Pointer(0).GetOrInitStruct(default).WriteUInt16(2, 9)),
            "got kind 9");
        yield return Case(
            "call that this side must know not understood",
            peer => peer.SendAsync(
                MessageKind.Unimplemented, RpcFormat.Message, body => body.WriteUInt16(0, (ushort)MessageKind.Call)),
            "knows Call");
        yield return Case("no message", peer => peer.SendAsync([0, 0, 0, 0, 0, 0, 0, 0]), "root pointer");
        yield return Case("too many segments", peer => peer.SendAsync([255, 255, 255, 255]), "at most 512 segments");
        yield return Case(
            "too large", peer => peer.SendAsync([0, 0, 0, 0, 255, 255, 255, 255]), "at most 67,108,864 bytes");
        yield return Case(
            "pointer to nowhere",
            peer => peer.SendAsync([0, 0, 0, 0, 1, 0, 0, 0, 252, 255, 255, 127, 1, 0, 1, 0]), "inside of segment");
    }

    private static async Task<RawPeer> WithRootAsync(ICapnpObject root, CapnpConnectionOptions? options = null)
    {
        var peer = new RawPeer(root, options);
        await peer.BootstrapAsync(0);
        await peer.ReceiveAsync(MessageKind.Return);
        await peer.FinishAsync(0, releaseResults: false);
        return peer;
    }

    private static Task CallPromisedAsync(RawPeer peer, uint question, uint promised, ushort[] path)
        => peer.SendAsync(MessageKind.Call, RpcFormat.Call, body =>
        {
            body.WriteUInt32(0, question);
            body.WriteUInt64(1, PeerSchema.Counter);
            CapnpStructBuilder target = body.Pointer(0).InitStruct(RpcFormat.Target);
            target.WriteUInt16(2, 1);
            CapnProto.Rpc.Calls.PromisedAnswers.Write(target.Pointer(0), promised, path);
            body.Pointer(1).InitStruct(RpcFormat.Payload).Pointer(0).InitStruct(default);
        });

    private static void Describe(CapnpStructBuilder body, DescriptorKind kind, Action<CapnpStructBuilder> fill)
    {
        CapnpStructBuilder payload = body.Pointer(1).GetOrInitStruct(RpcFormat.Payload);
        CapnpStructBuilder descriptor = payload.Pointer(1).InitStructList(RpcFormat.Descriptor, 1).Struct(0);
        descriptor.WriteUInt16(0, (ushort)kind);
        fill(descriptor);
        payload.Pointer(0).InitStruct(PeerSchema.Pointer).Pointer(0).WriteCapabilityIndex(0);
    }
}
