using Multiprocess;

namespace Samples.Tests.Docs;

[IpcInterface]
public interface IGreeter
{
    string Greet(string name);

    /// <summary>Added later. Against an older peer this body runs here.</summary>
    string GreetAll(string[] names) => string.Join(' ', names.Select(Greet));
}

/// <summary>Runs what docs/versions.md shows.</summary>
public sealed class VersionsPageTests
{
    [Test]
    public void Member_with_a_body_is_remote()
    {
        using var pair = IpcTestPair.Create<IGreeter>(new Greeter());

        Assert.That(pair.Root.GreetAll(["Ada", "Bob"]), Is.EqualTo("Hello Ada. Hello Bob."));
    }

    private sealed class Greeter : IGreeter
    {
        public string Greet(string name) => $"Hello {name}.";
    }
}
