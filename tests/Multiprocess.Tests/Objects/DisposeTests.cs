using Multiprocess.Tests.Support;

namespace Multiprocess.Tests.Objects;

public sealed class DisposeTests(IpcTestTransport transport) : PairFixture(transport)
{
    private static readonly TimeSpan s_bound = TimeSpan.FromSeconds(5);

    private Store _store = null!;
    private IpcTestPair<IStore> _pair = null!;

    [SetUp]
    public void MakePair()
    {
        _store = new Store();
        _pair = Serve<IStore>(_store);
    }

    [TearDown]
    public void ForgetPair() => _pair.Dispose();

    [Test]
    public void Disposing_a_proxy_disposes_the_object_on_the_mapped_thread_and_releases_it()
    {
        IResource resource = _pair.Root.Open();
        Assert.That(resource.Use(3), Is.EqualTo(3));

        resource.Dispose();

        Assert.That(_store.Opened[0].Disposals, Is.EqualTo(1));
        Assert.That(_store.Opened[0].DisposedOn, Is.EqualTo(_store.Opened[0].UsedOn));
        Patience.Until(() => _pair.LiveObjects == 0, "the object is released");
    }

    [Test]
    public void Disposing_twice_disposes_once()
    {
        IResource resource = _pair.Root.Open();

        resource.Dispose();
        resource.Dispose();

        Assert.That(_store.Opened[0].Disposals, Is.EqualTo(1));
    }

    [Test]
    public async Task Disposing_asynchronously_disposes_the_object()
    {
        IAsyncResource resource = _pair.Root.OpenAsync();

        await resource.DisposeAsync();

        Assert.That(_store.Opened[0].Disposals, Is.EqualTo(1));
        Patience.Until(() => _pair.LiveObjects == 0, "the object is released");
    }

    [Test]
    public void A_disposed_proxy_can_neither_be_called_nor_sent()
    {
        IResource resource = _pair.Root.Open();
        resource.Dispose();

        Assert.That(() => resource.Use(1), Throws.TypeOf<ObjectDisposedException>());
        Assert.That(() => _pair.Root.Lend(resource), Throws.InstanceOf<Exception>().With.Message.Contains("disposed"));
        Assert.That(() => _pair.Root.Ping(), Throws.Nothing);
    }

    [Test]
    public void What_the_remote_Dispose_throws_is_thrown()
    {
        IResource resource = _pair.Root.Open();
        _store.Opened[0].OnDispose = () => throw new InvalidOperationException("cannot close");

        Assert.That(resource.Dispose, Throws.InvalidOperationException.With.Message.EqualTo("cannot close"));
        Patience.Until(() => _pair.LiveObjects == 0, "the object is released all the same");
    }

    [Test]
    public void Disposing_after_the_connection_is_gone_is_silent()
    {
        IResource resource = _pair.Root.Open();
        IAsyncResource other = _pair.Root.OpenAsync();
        _pair.Server.Dispose();
        Assert.That(_pair.Client.Closed.WaitHandle.WaitOne(Patience.Bound), Is.True);

        Assert.That(resource.Dispose, Throws.Nothing);
        Assert.That(async () => await other.DisposeAsync(), Throws.Nothing);
    }

    [Test]
    public void Disposing_is_silent_when_the_connection_goes_meanwhile()
    {
        var entered = new Signal();
        var leave = new Signal();
        IResource resource = _pair.Root.Open();
        _store.Opened[0].OnDispose = () =>
        {
            entered.Set();
            leave.Await();
        };
        TestThread<bool> disposing = TestThread.Start(resource.Dispose);
        entered.Await();

        _pair.Server.Dispose();

        Assert.That(disposing.Join, Throws.Nothing);
        leave.Set();
        Assert.That(_store.Opened[0].Disposals, Is.EqualTo(1));
    }

    [Test]
    public void Disposing_waits_no_longer_than_its_bound()
    {
        var time = new ManualTime();
        var entered = new Signal();
        var leave = new Signal();
        var store = new Store();
        IpcTestPair<IStore> pair = Serve<IStore>(
            store, client: new IpcConnectionOptions { TimeProvider = time, DisposeTimeout = s_bound });
        IResource resource = pair.Root.Open();
        store.Opened[0].OnDispose = () =>
        {
            entered.Set();
            leave.Await();
        };
        TestThread<bool> disposing = TestThread.Start(resource.Dispose);
        entered.Await();
        time.AwaitTimer(s_bound);

        time.Advance(s_bound);

        Assert.That(disposing.Join, Throws.Nothing);
        leave.Set();
    }

    [Test]
    public void A_lost_connection_disposes_what_the_peer_owned_once()
    {
        IResource kept = _pair.Root.Open();
        IResource disposed = _pair.Root.Open();
        disposed.Dispose();

        _pair.Client.Dispose();

        Patience.Until(() => _store.Opened[0].Disposals == 1, "the object is disposed");
        Assert.That(_store.Opened[1].Disposals, Is.EqualTo(1));
        Assert.That(() => kept.Use(1), Throws.InstanceOf<IpcDisconnectedException>());
    }

    [Test]
    public void A_lost_connection_does_not_dispose_what_was_only_lent()
    {
        var mine = new Resource();
        var store = new KeepingStore();
        IpcTestPair<ILending> pair = Serve<ILending>(store);
        pair.Root.Lend(mine);

        pair.Server.Dispose();

        Assert.That(pair.Client.Closed.WaitHandle.WaitOne(Patience.Bound), Is.True);
        Assert.That(mine.Disposals, Is.Zero);
    }

    [Test]
    public void A_root_with_a_disposable_contract_is_disposed_with_its_connection()
    {
        var root = new Resource();
        IpcTestPair<IResource> pair = Serve<IResource>(root);
        Assert.That(pair.Root.Use(1), Is.EqualTo(1));

        pair.Client.Dispose();

        Patience.Until(() => root.Disposals == 1, "the root is disposed");
    }

    private sealed class KeepingStore : ILending
    {
        private IResource? _kept;

        public void Lend(IResource resource)
        {
            _kept = resource;
            _kept.Use(1);
        }
    }
}

[IpcInterface]
public interface ILending
{
    void Lend(IResource resource);
}
