using Multiprocess.Generator.Tests.Harness;

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

/// <summary>Closed hierarchies: each case crosses as what it is, and nothing else does.</summary>
[CancelAfter(60_000)]
public sealed class UnionTests
{
    private readonly IpcTestPair<ICanvas> _pair = IpcTestPair.Create<ICanvas>(new Canvas());

    [OneTimeTearDown]
    public void End() => _pair.Dispose();

    [Test]
    public void Each_case_arrives_as_what_it_is()
    {
        Assert.That(_pair.Root.Draw(new Disc(4)), Is.EqualTo(new Disc(5)));
        var group = (Group)_pair.Root.Draw(new Group([new Disc(1), new Group([])]))!;
        Assert.That(group.Shapes[0], Is.EqualTo(new Disc(1)));
        Assert.That(group.Shapes[1], Is.TypeOf<Group>());
        Assert.That(_pair.Root.Draw(null), Is.Null);
    }

    [Test]
    public void Case_may_hold_a_reference()
    {
        var node = new Node(1);

        Assert.That(((Linked)_pair.Root.Draw(new Linked(node))!).Node, Is.SameAs(node));
    }

    [Test]
    public void Union_for_MessagePack_may_be_an_interface_with_structs()
    {
        var fed = _pair.Root.Feed(new Dog { Name = "Rex" });

        Assert.That(((Dog)fed[0]).Name, Is.EqualTo("Rex"));
        Assert.That(fed[1], Is.EqualTo(new Fish(3)));
    }

    [TestCaseSource(nameof(Strangers))]
    public void Value_that_is_no_case_is_refused_before_it_is_sent(Shape stranger)
    {
        Assert.That(
            () => _pair.Root.Draw(stranger),
            Throws.InstanceOf<IpcException>().With.Property("Kind").EqualTo(IpcErrorKind.ArgumentNotEncoded).And.Message.Contains("Shape"));
        Assert.That(_pair.Root.Draw(new Disc(0)), Is.Not.Null, "the connection lives on");
    }

    [Test]
    public void Case_that_the_peer_does_not_know_is_refused_by_name()
    {
        const string older = """
            namespace Multiprocess.Generator.Tests.Behaviour;

            public record Fish(int Depth) : IAnimal;

            [Multiprocess.IpcUnion(1, typeof(Fish))]
            public interface IAnimal;

            public abstract record Shape;

            [Multiprocess.IpcInterface]
            public interface ICanvas
            {
                System.Collections.Generic.List<IAnimal> Feed(IAnimal animal);
            }

            public sealed class Early : ICanvas
            {
                public System.Collections.Generic.List<IAnimal> Feed(IAnimal animal) => [animal];

                public static System.IDisposable Listen(string address) => Multiprocess.IpcServer.Listen<ICanvas>(address, _ => new Early());
            }
            """;
        using var peer = OtherVersion.Listen(older);
        using var connection = IpcConnection.Connect<ICanvas>(peer.Address);

        Assert.That(
            () => connection.Root.Feed(new Dog()),
            Throws.InstanceOf<IpcException>().With.Property("Kind").EqualTo(IpcErrorKind.ArgumentNotDecoded).And.Message.Contains("IAnimal has no case with the key 0"));
        Assert.That(connection.Root.Feed(new Fish(2)), Is.EqualTo(new IAnimal[] { new Fish(2) }));
    }

    private static IEnumerable<Shape> Strangers() => [new Unlisted(), new Subgroup([], 1), new Group([new Unlisted()])];
}
