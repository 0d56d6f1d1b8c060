using Multiprocess.Tests.Support;

namespace Multiprocess.Tests.Calls;

public sealed class MemberTests(Reached reached) : ContractFixture(reached)
{
    private readonly List<int> _heard = [];
    private Members _members = null!;
    private IMembers _root = null!;

    [SetUp]
    public void MakePair()
    {
        _heard.Clear();
        _members = new Members();
        _root = Reach<IMembers>(_members);
    }

    [Test]
    public void A_property_of_a_base_interface_is_read_and_set()
    {
        Assert.That(_root.Name, Is.EqualTo("first"));

        _root.Name = "second";

        Assert.That(_members.Name, Is.EqualTo("second"));
        Assert.That(((INamed)_root).Name, Is.EqualTo("second"));
    }

    [Test]
    public void Indexers_are_read_and_set()
    {
        _root[4] = "four";

        Assert.That(_root[4], Is.EqualTo("four"));
        Assert.That(_root["abc"], Is.EqualTo(3));
        Assert.That(_root.Count, Is.EqualTo(1));
        Assert.That(() => _root[5], Throws.TypeOf<KeyNotFoundException>());
    }

    [Test]
    public void Overloads_are_told_apart()
    {
        Assert.That(_root.Overloaded(), Is.EqualTo("none"));
        Assert.That(_root.Overloaded(1), Is.EqualTo("int 1"));
        Assert.That(_root.Overloaded("1"), Is.EqualTo("string 1"));
        Assert.That(_root.Overloaded(1, 2), Is.EqualTo("two 1 2"));
    }

    [Test]
    public void Default_values_are_those_of_the_contract()
    {
        Assert.That(_root.WithDefaults(), Is.EqualTo("3 b Pear"));
        Assert.That(_root.WithDefaults(c: Fruit.Apple), Is.EqualTo("3 b Apple"));
        Assert.That(_root.WithParams(1, 2, 3), Is.EqualTo("1,2,3"));
        Assert.That(_root.WithParams(), Is.Empty);
    }

    [Test]
    public void A_method_with_a_body_in_the_contract_can_be_called() => Assert.That(_root.Twice(21), Is.EqualTo(42));

    [Test]
    public void A_handler_hears_an_event_until_it_is_removed()
    {
        _root.Changed += _heard.Add;
        _members.Raise(1);
        _root.Changed -= _heard.Add;
        _members.Raise(2);

        Assert.That(_heard, Is.EqualTo(new[] { 1 }));
        Assert.That(_members.HasHandlers, Is.False);
    }

    [Test]
    public void A_handler_that_was_added_twice_hears_twice_and_is_removed_once_at_a_time()
    {
        _root.Changed += _heard.Add;
        _root.Changed += _heard.Add;
        _members.Raise(1);
        _root.Changed -= _heard.Add;
        _members.Raise(2);

        Assert.That(_heard, Is.EqualTo(new[] { 1, 1, 2 }));
    }

    [Test]
    public void Handlers_of_both_sides_hear_the_same_event()
    {
        var here = new List<int>();
        _members.Changed += here.Add;
        _root.Changed += _heard.Add;

        _members.Raise(3);

        Assert.That(_heard, Is.EqualTo(new[] { 3 }));
        Assert.That(here, Is.EqualTo(new[] { 3 }));
    }

    [Test]
    public void What_a_handler_throws_reaches_the_raiser()
    {
        _root.Changed += x => throw new FormatException($"bad {x}");

        Assert.That(() => _members.Raise(5), Throws.TypeOf<FormatException>().With.Message.EqualTo("bad 5"));
    }

    [Test]
    public void An_event_with_a_sender_brings_its_argument()
    {
        string? heard = null;
        _root.Renamed += (_, name) => heard = name;

        _root.Name = "third";

        Assert.That(heard, Is.EqualTo("third"));
    }

    [Test]
    public void Adding_no_handler_does_nothing()
    {
        _root.Changed += null;

        Assert.That(_members.HasHandlers, Is.False);
    }
}
