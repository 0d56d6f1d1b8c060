using Multiprocess.Generator.Tests.Harness;

namespace Multiprocess.Generator.Tests.Behaviour;

/// <summary>What is no case of a closed hierarchy, or none to the peer, does not cross.</summary>
[CancelAfter(60_000)]
public sealed class UnionProxyTests
{
    private readonly IpcTestPair<ICanvas> _pair = IpcTestPair.Create<ICanvas>(new Canvas());

    [OneTimeTearDown]
    public void End() => _pair.Dispose();

    [TestCaseSource(nameof(Strangers))]
    public void Value_that_is_no_case_is_refused_before_it_is_sent(Shape stranger)
    {
        Assert.That(
            () => _pair.Root.Draw(stranger),
            Throws.InstanceOf<IpcException>().With.Property("Kind")
                .EqualTo(IpcErrorKind.ArgumentNotEncoded).And.Message.Contains("Shape"));
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
            Throws.InstanceOf<IpcException>().With.Property("Kind")
                .EqualTo(IpcErrorKind.ArgumentNotDecoded).And.Message.Contains("IAnimal has no case with the key 0"));
        Assert.That(connection.Root.Feed(new Fish(2)), Is.EqualTo(new IAnimal[] { new Fish(2) }));
    }

    private static IEnumerable<Shape> Strangers() => [new Unlisted(), new Subgroup([], 1), new Group([new Unlisted()])];
}
