using System.Runtime.CompilerServices;
using Multiprocess.Tests.Support;

namespace Multiprocess.Tests.Objects;

public sealed class LifetimeTests(IpcTestTransport transport) : PairFixture(transport)
{
    private readonly Store _store = new();

    [Test]
    public void A_collected_proxy_releases_its_object()
    {
        IpcTestPair<IStore> pair = Serve<IStore>(_store);

        MakeAndForget(pair.Root, 50);

        Patience.UntilCollected(() => pair.LiveObjects == 0, "all objects released");
        Assert.That(pair.Client.LiveImports, Is.EqualTo(1), "only the root");
    }

    [Test]
    public void A_proxy_that_is_released_gives_its_object_back_without_a_collection()
    {
        IpcTestPair<IStore> pair = Serve<IStore>(_store);
        IThing thing = pair.Root.Make("one");
        Action<int> handler = pair.Root.SameHandler();

        Assert.That(IpcReference.Release(thing), Is.True);
        Assert.That(IpcReference.Release(handler), Is.True);

        Patience.Until(() => pair.LiveObjects == 0, "both released");
        Assert.That(() => thing.Name, Throws.TypeOf<ObjectDisposedException>());
        Assert.That(() => handler(1), Throws.TypeOf<ObjectDisposedException>());
        Assert.That(IpcReference.Release(thing), Is.False, "it was released before");
        Assert.That(IpcReference.Release(new Thing("mine")), Is.False, "nothing of the peer's");
        Assert.That(IpcReference.Release((Action)(() => { })), Is.False, "nothing of the peer's");
        Assert.That(IpcReference.Release(pair.Root), Is.False, "the root lives as long as the connection");
        Assert.That(pair.Root.Make("two").Name, Is.EqualTo("two"));
    }

    [Test]
    public void A_callback_that_its_callee_releases_is_given_back_while_the_callee_is_idle()
    {
        var stage = new Stage
        {
            OnCallBack = (x, callback) =>
            {
                int answer = callback(x);
                IpcReference.Release(callback);
                return answer;
            },
        };
        IpcTestPair<IStage> pair = Serve<IStage>(stage);

        Assert.That(pair.Root.CallBack(3, x => x + 1), Is.EqualTo(4));

        Patience.Until(() => pair.Client.LiveExports == 0, "the callback is released");
    }

    [Test]
    public void An_object_lives_as_long_as_its_proxy()
    {
        IpcTestPair<IStore> pair = Serve<IStore>(_store);
        IThing thing = pair.Root.Make("kept");
        MakeAndForget(pair.Root, 5);

        Patience.UntilCollected(() => pair.LiveObjects == 1, "all but one released");

        Assert.That(thing.Name, Is.EqualTo("kept"));
    }

    [Test]
    public void An_object_whose_proxy_was_collected_can_be_sent_again()
    {
        IpcTestPair<IStore> pair = Serve<IStore>(_store);
        for (int i = 0; i < 20; i++)
        {
            SameAndForget(pair.Root);
            GC.Collect();
            GC.WaitForPendingFinalizers();
        }

        Assert.That(SameComesHome(pair.Root), Is.True);
        Patience.UntilCollected(() => pair.LiveObjects == 0, "all released");
    }

    [Test]
    public void A_release_that_crosses_the_same_object_on_its_way_takes_back_only_what_had_arrived()
    {
        var giver = new Giver();
        IpcTestPair<IGiver> pair = Serve<IGiver>(giver);
        IThing? second = null;
        pair.Root.Keep(thing => second = thing);
        GetAndForget(pair.Root);
        pair.Faults.ClientToServer.Stall();

        // Neither the finalizer nor anybody else waits for a peer that takes nothing.
        Patience.UntilCollected(
            () => pair.Client.LiveImports == 1, "the proxy is collected, and its release waits to be sent");
        TestThread<bool> giving = TestThread.Start(() => giver.Kept!(giver.Thing));
        Patience.Until(() => Volatile.Read(ref second) is not null, "the object has come again");
        long sent = pair.Server.ListLiveObjects().Single(live => live.Type == typeof(IThing)).Count;
        pair.Faults.ClientToServer.Resume();
        giving.Join();

        Assert.That(sent, Is.EqualTo(2), "The release was still under way.");
        Assert.That(second!.Name, Is.EqualTo("the one"));
        Patience.Until(
            () => pair.Server.ListLiveObjects().Single(live => live.Type == typeof(IThing)).Count == 1,
            "one count was given back");
        Assert.That(pair.Root.Get(), Is.SameAs(second));
    }

    [Test]
    public void Ten_thousand_objects_made_by_many_threads_are_all_released()
    {
        IpcTestPair<IStore> pair = Serve<IStore>(_store);
        TestThread<bool>[] threads =
            [
                .. Enumerable.Range(0, 10).Select(_ => TestThread.Start(() => MakeAndForget(pair.Root, 1000))),
            ];
        foreach (TestThread<bool> thread in threads)
        {
            thread.Join();
        }

        Patience.UntilCollected(() => pair.LiveObjects == 0, "all objects released");
    }

    [Test]
    public void A_list_of_objects_counts_each()
    {
        IpcTestPair<IStore> pair = Serve<IStore>(_store);

        MakeManyAndForget(pair);

        Patience.UntilCollected(() => pair.LiveObjects == 0, "all objects released");
    }

    [Test]
    public void The_live_list_names_type_count_age_and_creation_stack()
    {
        var time = new ManualTime();
        IpcTestPair<IStore> pair = Serve<IStore>(
            _store,
            client: new IpcConnectionOptions { TimeProvider = time },
            server: new IpcConnectionOptions { TimeProvider = time, CaptureCreationStacks = true });
        IThing thing = pair.Root.Same();
        _ = pair.Root.Same();
        time.Advance(TimeSpan.FromMinutes(3));

        IpcLiveObject export = pair.Server.ListLiveObjects().Single(live => live.Type == typeof(IThing));
        IpcLiveObject import = pair.Client.ListLiveObjects().Single(live => live.Type == typeof(IThing));

        Assert.That(export.IsExport, Is.True);
        Assert.That(export.Count, Is.EqualTo(2));
        Assert.That(export.Age, Is.EqualTo(TimeSpan.FromMinutes(3)));
        Assert.That(export.CreationStack, Does.Contain("StoreStub"));
        Assert.That(import.IsExport, Is.False);
        Assert.That(import.Count, Is.EqualTo(2));
        Assert.That(import.Handle, Is.EqualTo(export.Handle));
        Assert.That(import.CreationStack, Is.Null);
        GC.KeepAlive(thing);
    }

    [Test]
    public void More_objects_than_allowed_fail_the_call_and_the_connection_lives_on()
    {
        IpcTestPair<IStore> pair = Serve<IStore>(
            _store, server: new IpcConnectionOptions { Limits = new IpcLimits { MaxObjects = 3 } });
        IThing[] things = [pair.Root.Make("1"), pair.Root.Make("2")];

        IpcException? caught = Assert.Throws<IpcException>(() => pair.Root.Make("3"));

        Assert.That(caught!.Kind, Is.EqualTo(IpcErrorKind.LimitExceeded));
        Assert.That(things.Select(thing => thing.Name), Is.EqualTo(new[] { "1", "2" }));
    }

    [MethodImpl(MethodImplOptions.NoInlining)]
    private static void GetAndForget(IGiver root) => Assert.That(root.Get().Name, Is.EqualTo("the one"));

    private sealed class Giver : IGiver
    {
        public Thing Thing { get; } = new("the one");

        public Action<IThing>? Kept { get; private set; }

        public IThing Get() => Thing;

        public void Keep(Action<IThing> take) => Kept = take;
    }

    [MethodImpl(MethodImplOptions.NoInlining)]
    private static void MakeAndForget(IStore root, int count)
    {
        for (int i = 0; i < count; i++)
        {
            root.Make($"{i}");
        }
    }

    [MethodImpl(MethodImplOptions.NoInlining)]
    private static void SameAndForget(IStore root) => root.Same();

    [MethodImpl(MethodImplOptions.NoInlining)]
    private static bool SameComesHome(IStore root) => root.IsSame(root.Same());

    [MethodImpl(MethodImplOptions.NoInlining)]
    private static void MakeManyAndForget(IpcTestPair<IStore> pair)
    {
        List<IThing?> things = pair.Root.MakeMany(100);

        Assert.That(pair.LiveObjects, Is.EqualTo(90));
        Assert.That(things[42]!.Name, Is.EqualTo("42"));
    }
}

/// <summary>Gives one object, as a result and to a callback.</summary>
[IpcInterface]
public interface IGiver
{
    IThing Get();

    void Keep(Action<IThing> take);
}
