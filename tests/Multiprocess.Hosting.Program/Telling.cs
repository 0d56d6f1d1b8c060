using Microsoft.Extensions.Hosting;

namespace Multiprocess.Hosting.Tests;

/// <summary>Tells the test which processes there are, once the host runs, and that it has stopped.</summary>
internal sealed class Telling(IChild child) : BackgroundService
{
    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        child.LogAtTheEnd(100);
        Console.WriteLine($"child {child.ProcessId}");
        try
        {
            await Task.Delay(Timeout.InfiniteTimeSpan, stoppingToken);
        }
        catch (OperationCanceledException)
        {
            Console.WriteLine("stopping");
        }
    }
}
