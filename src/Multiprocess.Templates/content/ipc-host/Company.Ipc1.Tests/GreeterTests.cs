using Microsoft.Extensions.Logging.Abstractions;
using Multiprocess;
using NUnit.Framework;

namespace Company.Ipc1.Tests;

/// <summary>Both ends in one process; every call is still encoded, sent and decoded.</summary>
public sealed class GreeterTests
{
    [Test]
    public void Greeting_crosses()
    {
        using var pair = IpcTestPair.Create<IGreeter>(new Greeter(NullLogger<Greeter>.Instance));

        Assert.That(pair.Root.Greet("test"), Is.EqualTo("Hello test"));
    }

    [Test]
    public void Watcher_is_called_until_it_is_disposed()
    {
        using var pair = IpcTestPair.Create<IGreeter>(new Greeter(NullLogger<Greeter>.Instance));
        List<string> heard = [];

        using (pair.Root.Watch(heard.Add))
        {
            pair.Root.Greet("once");
        }

        pair.Root.Greet("twice");
        Assert.That(heard, Is.EqualTo(["Hello once"]));
    }
}
