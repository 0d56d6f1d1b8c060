using Calc;
using Multiprocess;

namespace Samples.Tests.Docs;

/// <summary>Runs what docs/performance.md shows.</summary>
public sealed class PerformancePageTests
{
    [Test]
    public void Connection_that_stays_on_its_socket_answers()
    {
        using var folder = new InTemporaryFolder();
        using var server = IpcServer.Listen<ICalculator>("unix:calc.sock", connection => new Calculator());

        var options = new IpcConnectionOptions { LocalTransport = IpcLocalTransport.Socket };

        using var connection = IpcConnection.Connect<ICalculator>("unix:calc.sock", options);
        Assert.That(connection.Root.Add(2, 3), Is.EqualTo(5));
    }
}
