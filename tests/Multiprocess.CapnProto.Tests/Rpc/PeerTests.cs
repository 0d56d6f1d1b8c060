using Multiprocess.CapnProto.Messages;
using Multiprocess.CapnProto.Rpc;

namespace Multiprocess.CapnProto.Tests.Rpc;

/// <summary>Calls on a peer: of this library, and of the C++ one.</summary>
[TestFixture(PeerLanguage.CSharp)]
[TestFixture(PeerLanguage.CSharpOverSocket)]
[TestFixture(PeerLanguage.Cpp)]
public sealed class PeerTests(PeerLanguage language) : PeerFixture(language)
{
    private readonly PeerLanguage _language = language;

    [Test]
    public async Task Call_gives_its_results()
        => Assert.That(await Peer.Add(1, 2).NumberAsync(), Is.EqualTo(3));

    [Test]
    public async Task Large_values_go_there_and_come_back()
    {
        byte[] data = new byte[1_000_000];
        new Random(1).NextBytes(data);
        using CapnpAnswer answer = Peer.Call(1, PeerSchema.TwoPointers, (_, parameters) =>
        {
            parameters.Pointer(0).WriteText("Grüße");
            parameters.Pointer(1).WriteData(data);
        });

        await answer.Completion.WaitAsync(PeerCalls.Bound);

        CapnpStructReader results = answer.Results.ReadStruct();
        Assert.That(results.Pointer(0).ReadText(), Is.EqualTo("Grüße"));
        Assert.That(results.Pointer(1).ReadData().SequenceEqual(data), Is.True);
    }

    [Test]
    public async Task Many_calls_at_once_are_each_answered()
    {
        CapnpAnswer[] answers = [.. Enumerable.Range(0, 300).Select(i => Peer.Add(i, 1))];

        for (int i = 0; i < answers.Length; i++)
        {
            Assert.That(await answers[i].NumberAsync(), Is.EqualTo(i + 1));
        }

        Assert.That(Connection.State.QuestionCount, Is.Zero);
    }

    [Test]
    public async Task Calls_of_many_threads_are_each_answered()
        => await Task.WhenAll(Enumerable.Range(0, 8).Select(thread => Task.Run(async () =>
        {
            for (int i = 0; i < 100; i++)
            {
                Assert.That(await Peer.Add(thread, i).NumberAsync(), Is.EqualTo(thread + i));
            }
        }))).WaitAsync(PeerCalls.Bound);

    [Test]
    public async Task Exception_arrives_with_its_type_and_text([Values] CapnpExceptionType type)
    {
        CapnpAnswer answer = Peer.Call(2, PeerSchema.NumberAndPointer, (_, parameters) =>
        {
            parameters.WriteUInt16(0, (ushort)type);
            parameters.Pointer(0).WriteText("a reason");
        });

        CapnpException exception = (await Assert.ThrowsAsync<CapnpException>(() => answer.WaitAsync()))!;

        Assert.That((exception.Type, exception.Message), Is.EqualTo((type, "a reason")));
    }

    [Test]
    public async Task Method_that_there_is_not_is_unimplemented([Values] bool isInterfaceThere)
    {
        using CapnpRequest request = Peer.Call(isInterfaceThere ? PeerSchema.Peer : 0x1234, 99);
        CapnpAnswer answer = request.Send();

        CapnpException exception = (await Assert.ThrowsAsync<CapnpException>(() => answer.WaitAsync()))!;

        Assert.That(
            (exception.Type, exception.Kind),
            Is.EqualTo((CapnpExceptionType.Unimplemented, IpcErrorKind.MethodMissing)));
    }

    [Test]
    public async Task Calls_on_results_are_sent_before_the_results_are_there()
    {
        using CapnpAnswer made = Peer.Call(3, PeerSchema.Number, (_, parameters) => parameters.WriteInt32(0, 10));
        using CapnpReference counter = made.Pipeline(0);
        using CapnpReference inBox = made.Pipeline(1, 0);
        CapnpAnswer first = counter.Next();
        CapnpAnswer second = inBox.Next();
        CapnpAnswer third = counter.Next();

        int[] values = [await first.NumberAsync(), await second.NumberAsync(), await third.NumberAsync()];

        // The order holds for calls on one reference; that the other one is the same object is not known when it is
        // called.
        Assert.That(values, Is.EquivalentTo(new[] { 10, 11, 12 }));
        Assert.That(values[0], Is.LessThan(values[2]));
        await made.Completion.WaitAsync(PeerCalls.Bound);
        using CapnpReference direct = made.Capability(made.Results.ReadStruct().Pointer(0))!;
        Assert.That(await direct.Next().NumberAsync(), Is.EqualTo(13));
        Assert.That(await counter.Next().NumberAsync(), Is.EqualTo(14));
    }

    [Test]
    public void Call_on_the_results_of_a_call_that_fails_fails_with_it()
    {
        CapnpAnswer failing = Peer.Call(2, PeerSchema.NumberAndPointer, (_, parameters) =>
            parameters.Pointer(0).WriteText("no results"));
        using CapnpReference nothing = failing.Pipeline(0);
        CapnpAnswer onNothing = nothing.Next();

        Assert.That(
            async () => await onNothing.WaitAsync(),
            Throws.InstanceOf<CapnpException>().With.Message.Contains("no results"));
        Assert.That(async () => await failing.WaitAsync(), Throws.InstanceOf<CapnpException>());
        Assert.That(
            async () => await nothing.WhenResolvedAsync().WaitAsync(PeerCalls.Bound),
            Throws.InstanceOf<CapnpException>());
    }

    [Test]
    public async Task Object_lives_until_its_last_reference_is_disposed()
    {
        CapnpReference first = await Peer.Call(3, PeerSchema.Number).CapabilityAsync();
        CapnpReference second = first.Share();
        first.Dispose();
        first.Dispose();
        Assert.That(await second.Next().NumberAsync(), Is.Zero);
        Assert.That(() => first.Next(), Throws.InstanceOf<ObjectDisposedException>());

        second.Dispose();

        await PeerCalls.UntilAsync(() => Peer.Call(7).NumberAsync(), 0);
        Assert.That(Connection.State.Imports.Count, Is.EqualTo(1), "The root is left.");
    }

    [Test]
    public async Task Objects_in_results_that_nobody_reads_are_released()
    {
        await Peer.Call(3, PeerSchema.Number).WaitAsync();
        CapnpAnswer cancelled = Peer.Call(3, PeerSchema.Number);
        cancelled.Dispose();

        await PeerCalls.UntilAsync(() => Peer.Call(7).NumberAsync(), 0);
    }

    [Test]
    public async Task Callback_is_called_during_the_call_and_released_after_it()
    {
        var callback = new Callback();
        CapnpAnswer answer;
        using (CapnpReference reference = CapnpReference.Of(callback))
        {
            answer = Peer.Call(4, PeerSchema.NumberAndPointer, (request, parameters) =>
            {
                request.Write(parameters.Pointer(0), reference);
                parameters.WriteInt32(0, 3);
            });
        }

        Assert.That(await answer.NumberAsync(), Is.EqualTo(12));
        Assert.That(callback.Seen, Is.EqualTo(new[] { 3, 2, 1 }));
        await callback.Disposed.Task.WaitAsync(PeerCalls.Bound);
        Assert.That(Connection.State.Exports.Count, Is.Zero);
    }

    [Test]
    public async Task Callback_that_is_kept_is_called_later_and_released_when_it_is_replaced()
    {
        var callback = new Callback();
        using (CapnpReference reference = CapnpReference.Of(callback))
        {
            await Peer.Call(5, reference).WaitAsync();
            await Peer.Call(5, reference).WaitAsync();
        }

        Assert.That(
            await Peer.Call(6, PeerSchema.Number, (_, parameters) => parameters.WriteInt32(0, 21)).NumberAsync(),
            Is.EqualTo(42));
        Assert.That(callback.Disposed.Task.IsCompleted, Is.False);

        await Peer.Call(5, capability: null).WaitAsync();

        await callback.Disposed.Task.WaitAsync(PeerCalls.Bound);
    }

    [Test]
    public async Task Object_that_comes_home_is_itself()
    {
        var callback = new Callback();
        using CapnpReference reference = CapnpReference.Of(callback);

        using CapnpReference home = await Peer.Call(8, reference).CapabilityAsync();

        Assert.That(home.Target, Is.SameAs(callback));
    }

    [Test]
    public async Task Object_of_the_peer_that_is_sent_to_it_is_its_own()
    {
        using CapnpReference counter = await Peer.Call(3, PeerSchema.Number).CapabilityAsync();

        using CapnpReference same = await Peer.Call(8, counter).CapabilityAsync();

        await counter.Next().WaitAsync();
        Assert.That(await same.Next().NumberAsync(), Is.EqualTo(1));
        Assert.That(Connection.State.Imports.Count, Is.EqualTo(2), "The root and one counter.");
        Assert.That(Connection.State.Exports.Count, Is.Zero);
    }

    [Test]
    public async Task Results_that_are_not_there_yet_can_be_sent_as_parameters()
    {
        using CapnpAnswer made = Peer.Call(3, PeerSchema.Number, (_, parameters) => parameters.WriteInt32(0, 5));
        using CapnpReference promised = made.Pipeline(0);

        using CapnpReference echoed = await Peer.Call(8, promised).CapabilityAsync();

        Assert.That(await echoed.Next().NumberAsync(), Is.EqualTo(5));
    }

    [Test]
    public async Task Calls_through_a_promise_that_comes_home_stay_in_order()
    {
        for (int round = 0; round < 30; round++)
        {
            var callback = new Callback();
            using CapnpReference reference = CapnpReference.Of(callback);
            using CapnpAnswer answer = Peer.Call(8, reference);
            using CapnpReference promised = answer.Pipeline(0);
            List<CapnpAnswer> calls = [.. Enumerable.Range(0, 3).Select(i => Callback.Call(promised, i))];

            // From now on it is known that the promise is an object of this side. The calls are still on their way.
            await answer.Completion.WaitAsync(PeerCalls.Bound);
            calls.AddRange(Enumerable.Range(3, 3).Select(i => Callback.Call(promised, i)));
            foreach (CapnpAnswer call in calls)
            {
                await call.WaitAsync();
            }

            Assert.That(callback.Seen, Is.EqualTo(Enumerable.Range(0, 6)));
            Assert.That(Connection.State.EmbargoCount, Is.Zero);
        }
    }

    [Test]
    public async Task Promise_of_the_peer_is_called_before_and_after_it_is_kept()
    {
        var callback = new Callback();
        using CapnpReference reference = CapnpReference.Of(callback);
        using CapnpReference promised = await Peer.Call(11).CapabilityAsync();
        Assert.That(promised.Target, Is.Null);
        List<CapnpAnswer> calls = [.. Enumerable.Range(0, 3).Select(i => Callback.Call(promised, i))];

        await Peer.Call(12, reference).WaitAsync();
        await promised.WhenResolvedAsync().WaitAsync(PeerCalls.Bound);
        calls.AddRange(Enumerable.Range(3, 3).Select(i => Callback.Call(promised, i)));
        foreach (CapnpAnswer call in calls)
        {
            await call.WaitAsync();
        }

        Assert.That(callback.Seen, Is.EqualTo(Enumerable.Range(0, 6)));
        Assert.That(promised.Target, Is.SameAs(callback));
    }

    [Test]
    public async Task Promise_of_the_peer_that_is_broken_fails_its_calls()
    {
        using CapnpReference promised = await Peer.Call(11).CapabilityAsync();
        CapnpAnswer call = Callback.Call(promised, 1);

        await Peer.Call(13, PeerSchema.Pointer, (_, parameters) => parameters.Pointer(0).WriteText("changed my mind"))
            .WaitAsync();

        Assert.That(
            async () => await call.WaitAsync(),
            Throws.InstanceOf<CapnpException>().With.Message.Contains("changed my mind"));
        Assert.That(
            async () => await promised.WhenResolvedAsync().WaitAsync(PeerCalls.Bound),
            Throws.InstanceOf<CapnpException>().With.Message.Contains("changed my mind"));
    }

    [Test]
    public async Task Promise_of_this_side_is_called_by_the_peer_when_it_is_kept()
    {
        var callback = new Callback();
        var promise = new TaskCompletionSource<CapnpReference>();
        CapnpAnswer answer;
        using (CapnpReference promised = CapnpReference.Of(promise.Task))
        {
            answer = Peer.Call(4, PeerSchema.NumberAndPointer, (request, parameters) =>
            {
                request.Write(parameters.Pointer(0), promised);
                parameters.WriteInt32(0, 2);
            });
        }

        // The peer has answered a later call, so it has begun with that one.
        await Peer.Add(0, 0).WaitAsync();
        Assert.That(callback.Seen, Is.Empty);
        promise.SetResult(CapnpReference.Of(callback));

        Assert.That(await answer.NumberAsync(), Is.EqualTo(6));
        await callback.Disposed.Task.WaitAsync(PeerCalls.Bound);
    }

    [Test]
    public async Task Promise_of_this_side_that_is_broken_fails_the_calls_of_the_peer()
    {
        using CapnpReference promised = CapnpReference.Of(
            Task.FromException<CapnpReference>(new InvalidOperationException("not today")));

        CapnpAnswer answer = Peer.Call(4, PeerSchema.NumberAndPointer, (request, parameters) =>
        {
            request.Write(parameters.Pointer(0), promised);
            parameters.WriteInt32(0, 1);
        });

        Assert.That(
            async () => await answer.WaitAsync(),
            Throws.InstanceOf<CapnpException>().With.Message.Contains("not today"));
        await Peer.Add(0, 0).WaitAsync();
    }

    [Test]
    public async Task Answer_that_is_disposed_cancels_the_call([Values] bool byToken)
    {
        using var cancellation = new CancellationTokenSource();
        using CapnpRequest request = Peer.Call(PeerSchema.Peer, 9);
        CapnpAnswer answer = request.Send(cancellation.Token);
        if (byToken)
        {
            await cancellation.CancelAsync();
        }
        else
        {
            answer.Dispose();
        }

        Assert.That(async () => await answer.WaitAsync(), Throws.InstanceOf<OperationCanceledException>());
        if (_language == PeerLanguage.Cpp)
        {
            await PeerCalls.UntilAsync(() => Peer.Call(10).NumberAsync(), 1);
        }

        await Peer.Add(0, 0).WaitAsync();
        await PeerCalls.UntilAsync(() => Task.FromResult(Connection.State.QuestionCount), 0);
    }

    [Test]
    public async Task Lost_peer_ends_what_waits_and_releases_what_it_held()
    {
        var callback = new Callback();
        using (CapnpReference reference = CapnpReference.Of(callback))
        {
            await Peer.Call(5, reference).WaitAsync();
        }

        using CapnpReference counter = await Peer.Call(3, PeerSchema.Number).CapabilityAsync();
        CapnpAnswer waiting = Peer.Call(9);

        KillPeer();

        Assert.That(async () => await waiting.WaitAsync(), Throws.InstanceOf<IpcDisconnectedException>());
        Assert.That(async () => await counter.Next().WaitAsync(), Throws.InstanceOf<IpcDisconnectedException>());
        await callback.Disposed.Task.WaitAsync(PeerCalls.Bound);
        await Connection.Completion.WaitAsync(PeerCalls.Bound).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        Assert.That(
            (Connection.State.QuestionCount, Connection.State.Exports.Count, Connection.State.Imports.Count),
            Is.EqualTo((0, 0, 0)));
    }

    [Test]
    public async Task Closed_connection_fails_its_calls()
    {
        CapnpAnswer waiting = Peer.Call(9);

        await Connection.DisposeAsync().AsTask().WaitAsync(PeerCalls.Bound);

        Assert.That(async () => await waiting.WaitAsync(), Throws.InstanceOf<IpcDisconnectedException>());
        Assert.That(async () => await Peer.Add(1, 2).WaitAsync(), Throws.InstanceOf<IpcDisconnectedException>());
        Assert.That(Connection.Completion.IsCompletedSuccessfully, Is.True);
        using CapnpReference late = Connection.Bootstrap();
        Assert.That(async () => await late.Add(1, 2).WaitAsync(), Throws.InstanceOf<IpcDisconnectedException>());
    }
}
