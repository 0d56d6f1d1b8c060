namespace Multiprocess.Generator.Tests.Behaviour;

/// <summary>
/// What emitted code does that the object itself does not: it refuses what would be lost, and disposes from afar.
/// </summary>
[CancelAfter(30_000)]
public sealed class EmittedProxyTests
{
    private readonly IpcTestPair<IEveryForm> _pair = IpcTestPair.Create<IEveryForm>(new EveryForm());

    private IEveryForm Root => _pair.Root;

    [OneTimeTearDown]
    public void End() => _pair.Dispose();

    [Test]
    public void Class_crosses_without_what_it_keeps_behind()
    {
        var settings = new Settings
        {
            Path = "p",
            Factors = { ["a"] = 1.5 },
            Origin = new Point(1, 2),
            Cached = "here",
        };

        var loaded = Root.Load(settings);

        Assert.That(
            (loaded.Path, loaded.Origin.X, loaded.Origin.Y, loaded.Cached), Is.EqualTo(("p", 1, 2, (string?)null)));
        Assert.That(loaded.Factors, Is.EqualTo(settings.Factors));
    }

    [Test]
    public void Null_is_refused_where_the_type_does_not_admit_it()
    {
        Assert.That(() => Root.Grow(null!), Throws.ArgumentNullException.With.Property("ParamName").EqualTo("person"));
        Assert.That(
            () => Root.Grow(new Person(null!, 1)),
            Throws.InstanceOf<IpcException>().With.Property("Kind").EqualTo(IpcErrorKind.ArgumentNotEncoded));
        Assert.That(Root.Name, Is.Not.Null, "the connection lives on");
    }

    [Test]
    public void Value_of_a_derived_type_is_refused_rather_than_cut_short()
    {
        Assert.That(
            () => Root.Grow(new Student("a", 1, "s")),
            Throws.InstanceOf<IpcException>().With.Property("Kind").EqualTo(IpcErrorKind.ArgumentNotEncoded));
    }

    [Test]
    public void Dispose_of_the_proxy_disposes_the_object()
    {
        Node? served = null;
        using var pair = IpcTestPair.Create<INode>(_ => served = new Node(1));

        pair.Root.Dispose();

        Assert.That(served!.IsDisposed, Is.True);
    }
}
