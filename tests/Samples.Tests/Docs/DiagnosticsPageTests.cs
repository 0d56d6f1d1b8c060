using Calc;
using Multiprocess;

namespace Samples.Tests.Docs;

/// <summary>Runs what docs/diagnostics.md shows.</summary>
public sealed class DiagnosticsPageTests
{
    [Test]
    public void Live_objects_and_waiting_calls_can_be_listed()
    {
        using var pair = IpcTestPair.Create<ICalculator>(new Calculator(), new IpcTestPairOptions
        {
            Client = new IpcConnectionOptions
            {
                CaptureCreationStacks = true,
                SlowCallWarning = TimeSpan.FromSeconds(10),
            },
        });
        IpcConnection connection = pair.Client;
        using IDisposable watch = pair.Root.Watch(result => { });

        foreach (IpcLiveObject live in connection.ListLiveObjects())
        {
            Console.WriteLine(
                $"{live.Type.Name} #{live.Handle}, {live.Count} references, {live.Age.TotalSeconds:N0} s");
        }

        foreach (IpcWaitingCall waiting in connection.ListWaitingCalls())
        {
            Console.WriteLine(waiting);
        }

        Assert.That(connection.ListLiveObjects().Select(live => live.Type), Does.Contain(typeof(Action<int>)));
        Assert.That(connection.ListWaitingCalls(), Is.Empty);
    }
}
