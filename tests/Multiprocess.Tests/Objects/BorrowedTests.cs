using Multiprocess.Messages;
using Multiprocess.Objects;
using Multiprocess.Protocols;
using Multiprocess.Serialization;
using Multiprocess.Tests.Support;
using Multiprocess.Transports;

namespace Multiprocess.Tests.Objects;

/// <summary>Arguments that the callee may use until its call has ended.</summary>
public sealed class BorrowedTests(IpcTestTransport transport) : PairFixture(transport)
{
    private Borrower _borrower = null!;
    private IpcTestPair<IBorrower> _pair = null!;

    [SetUp]
    public void MakePair()
    {
        _borrower = new Borrower();
        _pair = Serve<IBorrower>(_borrower);
    }

    [TearDown]
    public void ForgetPair() => _pair.Dispose();

    [Test]
    public void A_borrowed_object_can_be_used_in_its_call_and_is_free_when_it_has_ended()
    {
        string name = _pair.Root.Use(new Thing("lent"));

        Assert.That(name, Is.EqualTo("lent"));

        // The Release comes behind the answer on the same wire; no collector has to run.
        Patience.Until(() => _pair.LiveObjects == 0, "the object is released");
        Assert.That(_pair.Server.LiveImports, Is.Zero);
    }

    [Test]
    public void A_borrowed_proxy_that_was_kept_says_so_when_it_is_used_or_sent()
    {
        _pair.Root.Use(new Thing("lent"));

        // When the next answer is there, the call before it is over.
        _pair.Root.Ping();

        Assert.That(
            () => _borrower.LastUsed!.Name,
            Throws.TypeOf<ObjectDisposedException>().With.Message.Contains("borrowed for one call"));
        Assert.That(
            () => _pair.Root.GiveLastUsed(),
            Throws.TypeOf<IpcException>().With.Message.Contains("borrowed for one call"));
        _borrower.LastUsed = null;
    }

    [Test]
    public void A_borrowed_delegate_ends_with_its_call_too()
    {
        int heard = 0;

        _pair.Root.Tell(x => heard += x);
        _pair.Root.Ping();

        Assert.That(heard, Is.EqualTo(3));
        Assert.That(() => _borrower.LastTold!(1), Throws.TypeOf<ObjectDisposedException>());
        Patience.Until(() => _pair.LiveObjects == 0, "the delegate is released");
    }

    [Test]
    public void A_borrowed_object_may_be_returned()
    {
        var thing = new Thing("lent");

        Assert.That(_pair.Root.Return(thing), Is.SameAs(thing));

        Patience.Until(() => _pair.LiveObjects == 0, "the object is released");
    }

    [Test]
    public void What_the_callee_holds_by_another_way_stays()
    {
        var thing = new Thing("kept");
        _pair.Root.Keep(thing);

        _pair.Root.Use(thing);
        _pair.Root.Ping();

        Assert.That(_borrower.Kept!.Name, Is.EqualTo("kept"));
        Assert.That(_borrower.LastUsed, Is.SameAs(_borrower.Kept), "The same object is the same proxy.");
        Assert.That(_pair.LiveObjects, Is.EqualTo(1));
    }

    [Test]
    public void What_the_callee_is_given_for_good_during_the_call_stays()
    {
        var thing = new Thing("kept");

        _pair.Root.UseAndAsk(thing, () => thing);
        _pair.Root.Ping();

        Assert.That(_borrower.Kept!.Name, Is.EqualTo("kept"));
    }

    [Test]
    public void A_borrowed_object_can_be_lent_again_and_then_given()
    {
        var thing = new Thing("again");
        for (int i = 0; i < 100; i++)
        {
            Assert.That(_pair.Root.Use(thing), Is.EqualTo("again"));
        }

        _pair.Root.Keep(thing);
        _pair.Root.Ping();

        Assert.That(_borrower.Kept!.Name, Is.EqualTo("again"));
    }

    [Test]
    public void One_object_lent_twice_in_one_call_is_given_back_twice()
    {
        var thing = new Thing("twice");

        Assert.That(_pair.Root.UseBoth(thing, thing), Is.True);

        Patience.Until(() => _pair.LiveObjects == 0, "the object is released");
    }

    [Test]
    public async Task An_asynchronous_method_borrows_until_its_task_has_ended()
    {
        Task<string> call = _pair.Root.UseAsync(new Thing("lent"));
        await _borrower.Waits.Task;
        string during = _borrower.LastUsed!.Name;

        _borrower.Go.Set();
        string after = await call.WaitAsync(Patience.Bound);

        Assert.That((during, after), Is.EqualTo(("lent", "lent")));
        Patience.Until(() => _pair.LiveObjects == 0, "the object is released");
        Assert.That(() => _borrower.LastUsed!.Name, Throws.TypeOf<ObjectDisposedException>());
    }

    [Test]
    public void A_method_that_throws_gives_back_what_it_had_borrowed()
    {
        Assert.That(() => _pair.Root.UseAndThrow(new Thing("lent")), Throws.TypeOf<FormatException>());

        Patience.Until(() => _pair.LiveObjects == 0, "the object is released");
    }

    [Test]
    public void One_that_comes_home_is_not_lent()
    {
        IThing own = _pair.Root.GiveOwn();

        _pair.Root.Use(own);
        _pair.Root.Ping();

        Assert.That(_borrower.LastUsed, Is.SameAs(_borrower.Own));
        Assert.That(own.Name, Is.EqualTo("own"));
    }

    [Test]
    public void The_reference_is_released_right_behind_the_answer()
    {
        using RawPeer peer = RawPeer.Attach<IBorrower>(_borrower, Transport, null, out IpcConnection server);
        EndWithTest(server);

        peer.SendCall(1, 1, 0, 1, 7, (ref MessagePackWriter writer) =>
        {
            writer.WriteArrayHeader(1);
            ReferenceFormat.Write(ref writer, 42);
        });

        Assert.That(peer.Receive()!.Type, Is.EqualTo(MessageType.Return));
        Assert.That(peer.Receive()!.Type, Is.EqualTo(MessageType.Release));
        _borrower.LastUsed = null;
    }

    private sealed class Borrower : IBorrower
    {
        public IThing? LastUsed { get; set; }

        public IThing? Kept { get; private set; }

        public Action<int>? LastTold { get; private set; }

        public Thing Own { get; } = new("own");

        public Signal Waits { get; } = new();

        public Signal Go { get; } = new();

        public string Use(IThing thing) => (LastUsed = thing).Name;

        public void Touch(IThing thing) => LastUsed = thing;

        public bool UseBoth(IThing one, IThing other) => ReferenceEquals(one, other) && one.Name == other.Name;

        public void UseAndAsk(IThing thing, Func<IThing> ask)
        {
            LastUsed = thing;
            Kept = ask();
        }

        public async Task<string> UseAsync(IThing thing)
        {
            LastUsed = thing;
            Waits.Set();
            await Go.Task;
            return thing.Name;
        }

        public void UseAndThrow(IThing thing) => throw new FormatException(thing.Name);

        public void Tell(Action<int> tell)
        {
            LastTold = tell;
            tell(1);
            tell(2);
        }

        public IThing Return(IThing thing) => thing;

        public void Keep(IThing thing) => Kept = thing;

        public IThing GiveLastUsed() => LastUsed!;

        public IThing GiveOwn() => Own;

        public void Ping()
        {
        }
    }
}

/// <summary>Borrows, keeps and gives.</summary>
[IpcInterface]
public interface IBorrower
{
    string Use([IpcBorrowed] IThing thing);

    [IpcMethod(7)]
    void Touch([IpcBorrowed] IThing thing);

    bool UseBoth([IpcBorrowed] IThing one, [IpcBorrowed] IThing other);

    void UseAndAsk([IpcBorrowed] IThing thing, [IpcBorrowed] Func<IThing> ask);

    Task<string> UseAsync([IpcBorrowed] IThing thing);

    void UseAndThrow([IpcBorrowed] IThing thing);

    void Tell([IpcBorrowed] Action<int> tell);

    IThing Return([IpcBorrowed] IThing thing);

    void Keep(IThing thing);

    IThing GiveLastUsed();

    IThing GiveOwn();

    void Ping();
}
