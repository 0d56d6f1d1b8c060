using Calc;
using Multiprocess;

namespace Samples.Tests.Docs;

/// <summary>Runs what docs/testing.md shows.</summary>
public sealed class TestingPageTests
{
    [Test]
    public void Watcher_hears_each_result()
    {
        using var pair = IpcTestPair.Create<ICalculator>(
            new Calculator(), new IpcTestPairOptions { FailOnLeaks = true });
        List<int> heard = [];

        using (pair.Root.Watch(result => heard.Add(result)))
        {
            pair.Root.Add(3, 4);
        }

        Assert.That(heard, Is.EqualTo(new[] { 7 }));
    }

    [Test]
    public void Lost_connection_is_reported()
    {
        using var pair = IpcTestPair.Create<ICalculator>(new Calculator());

        pair.Faults.ClientToServer.CutAfterBytes(10);

        Assert.Throws<IpcDisconnectedException>(() => pair.Root.Add(3, 4));
    }
}
