using Multiprocess.Tests.Support;

namespace Multiprocess.Tests.Objects;

public sealed class IdentityTests(IpcTestTransport transport) : PairFixture(transport)
{
    private readonly List<int> _heard = [];
    private Store _store = null!;
    private IStore _root = null!;

    [SetUp]
    public void MakePair()
    {
        _heard.Clear();
        _store = new Store();
        _root = Serve<IStore>(_store).Root;
    }

    [Test]
    public void The_same_object_twice_is_one_proxy()
    {
        IThing one = _root.Same();
        IThing other = _root.Same();

        Assert.That(other, Is.SameAs(one));
        Assert.That(one.Equals(other), Is.True);
    }

    [Test]
    public void Different_objects_that_are_equal_are_different_proxies()
    {
        IThing one = _root.Make("a");
        IThing other = _root.Make("a");

        Assert.That(other, Is.Not.SameAs(one));
        Assert.That(other, Is.Not.EqualTo(one));
    }

    [Test]
    public void Proxies_are_keys_as_the_objects_would_be()
    {
        var names = new Dictionary<IThing, string>
        {
            [_root.Same()] = "same",
            [_root.Make("a")] = "first",
            [_root.Make("a")] = "second",
        };

        Assert.That(names, Has.Count.EqualTo(3));
        Assert.That(names[_root.Same()], Is.EqualTo("same"));
        (IThing one, IThing other) = (_root.Same(), _root.Same());
        (Action<int> handler, Action<int> again) = (_root.SameHandler(), _root.SameHandler());
        Assert.That(one == other, Is.True);
        Assert.That(handler == again, Is.True, "Delegates are equal when they call the same object.");
        Assert.That(_root.Make("a").Equals(_root.Make("a")), Is.False, "A user's Equals stays where the object is.");
    }

    [Test]
    public void A_proxy_sent_home_arrives_as_the_object() => Assert.That(_root.IsSame(_root.Same()), Is.True);

    [Test]
    public void A_proxy_sent_home_under_a_wider_contract_arrives_as_the_object()
    {
        ISpecialThing special = _root.SameSpecial();

        Assert.That(_root.IsSame(special), Is.True);
        Assert.That(special.Weight, Is.EqualTo(7));
    }

    [Test]
    public void An_object_of_the_client_comes_back_as_itself()
    {
        var thing = new Thing("mine");

        Assert.That(_root.Echo(thing), Is.SameAs(thing));

        _root.Keep(thing);
        Assert.That(_root.GetKept(), Is.SameAs(thing));
        Assert.That(_root.AreSame(thing, thing), Is.True);
        Assert.That(_root.AreSame(thing, new Thing("mine")), Is.False);
    }

    [Test]
    public void Null_stays_null()
    {
        Assert.That(_root.Echo(null), Is.Null);
        Assert.That(_root.EchoHandler(null), Is.Null);
        Assert.That(_root.MakeMany(10)[9], Is.Null);
    }

    [Test]
    public void A_proxy_implements_the_contract_under_which_it_was_sent_and_nothing_wider()
    {
        IThing thing = _root.Same();

        Assert.That(thing, Is.Not.InstanceOf<ISpecialThing>());
        Assert.That(thing, Is.Not.InstanceOf<IDisposable>());
        Assert.That(_root.SameSpecial(), Is.InstanceOf<IThing>());
        Assert.That(_root.Open(), Is.InstanceOf<IDisposable>());
    }

    [Test]
    public void A_proxy_of_one_connection_crosses_another_as_a_reference_to_the_proxy()
    {
        IStore other = Serve<IStore>(new Store()).Root;
        IThing thing = other.Make("far");

        Assert.That(_root.NameOf(thing), Is.EqualTo("far"));
        Assert.That(_root.Echo(thing), Is.SameAs(thing));
    }

    [Test]
    public void The_same_delegate_twice_is_one_reference()
    {
        Action<int> one = _heard.Add;
        Action<int> equal = _heard.Add;

        Assert.That(equal, Is.Not.SameAs(one));
        Assert.That(_root.AreSameHandlers(one, one), Is.True);
        Assert.That(_root.AreSameHandlers(one, equal), Is.True);
        Assert.That(_root.AreSameHandlers(one, x => { }), Is.False);
    }

    [Test]
    public void A_delegate_of_the_server_is_one_proxy_and_comes_home_as_itself()
    {
        Action<int> handler = _root.SameHandler();

        Assert.That(_root.SameHandler(), Is.SameAs(handler));
        Assert.That(_root.AreSameHandlers(handler, handler), Is.True);

        _root.Add(handler);
        _store.Raise(4);

        Assert.That(_store.LastHandled, Is.EqualTo(4));
    }

    [Test]
    public void A_delegate_of_the_client_comes_back_as_itself()
    {
        Action<int> handler = _heard.Add;

        Assert.That(_root.EchoHandler(handler), Is.SameAs(handler));
    }

    [Test]
    public void A_multicast_delegate_crosses_whole_and_is_removed_whole()
    {
        Action<int> both = _heard.Add;
        both += x => _heard.Add(-x);

        _root.Add(both);
        _store.Raise(3);
        _root.Remove(both);
        _store.Raise(4);

        Assert.That(_heard, Is.EqualTo(new[] { 3, -3 }));
        Assert.That(_store.HasHandlers, Is.False);
    }
}
