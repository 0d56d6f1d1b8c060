namespace Multiprocess.Generator.Tests.Behaviour;

[IpcUnion(0, typeof(Disc)), IpcUnion(1, typeof(Group)), IpcUnion(7, typeof(Linked))]
public abstract record Shape;

public sealed record Disc(int Radius) : Shape;

public record Group(Shape[] Shapes) : Shape;

public sealed record Linked(INode Node) : Shape;

public sealed record Unlisted : Shape;

public record Subgroup(Shape[] Shapes, int Lost) : Group(Shapes);

[MessagePack.Union(0, typeof(Dog)), MessagePack.Union(1, typeof(Fish))]
public interface IAnimal;

[MessagePack.MessagePackObject]
public sealed class Dog : IAnimal
{
    [MessagePack.Key(0)]
    public string Name { get; set; } = "";
}

public readonly record struct Fish(int Depth) : IAnimal;

[IpcInterface]
public interface ICanvas
{
    Shape? Draw(Shape? shape);

    List<IAnimal> Feed(IAnimal animal);
}

internal sealed class Canvas : ICanvas
{
    public Shape? Draw(Shape? shape) => shape is Disc disc ? disc with { Radius = disc.Radius + 1 } : shape;

    public List<IAnimal> Feed(IAnimal animal) => [animal, new Fish(3)];
}

/// <summary>Closed hierarchies: each case crosses as what it is.</summary>
[TestFixture(Reached.Directly)]
[TestFixture(Reached.ThroughProxy)]
[CancelAfter(60_000)]
public sealed class UnionTests(Reached reached)
{
    private readonly Subject<ICanvas> _subject = new(new Canvas(), reached);

    [OneTimeTearDown]
    public void End() => _subject.Dispose();

    [Test]
    public void Each_case_arrives_as_what_it_is()
    {
        Assert.That(_subject.Root.Draw(new Disc(4)), Is.EqualTo(new Disc(5)));
        var group = (Group)_subject.Root.Draw(new Group([new Disc(1), new Group([])]))!;
        Assert.That(group.Shapes[0], Is.EqualTo(new Disc(1)));
        Assert.That(group.Shapes[1], Is.TypeOf<Group>());
        Assert.That(_subject.Root.Draw(null), Is.Null);
    }

    [Test]
    public void Case_may_hold_a_reference()
    {
        var node = new Node(1);

        Assert.That(((Linked)_subject.Root.Draw(new Linked(node))!).Node, Is.SameAs(node));
    }

    [Test]
    public void Union_for_MessagePack_may_be_an_interface_with_structs()
    {
        var fed = _subject.Root.Feed(new Dog { Name = "Rex" });

        Assert.That(((Dog)fed[0]).Name, Is.EqualTo("Rex"));
        Assert.That(fed[1], Is.EqualTo(new Fish(3)));
    }
}
