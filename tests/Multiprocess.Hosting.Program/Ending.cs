using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace Multiprocess.Hosting.Tests;

/// <summary>What the child does when its host stops, and when that is disposed.</summary>
internal sealed class Ending(ILoggerFactory loggers) : IHostedService, IDisposable
{
    private readonly ILogger _logger = loggers.CreateLogger("Tests.Ending");

    public int Count { get; set; }

    public bool Hangs { get; set; }

    public Task StartAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public Task StopAsync(CancellationToken cancellationToken)
    {
        for (int i = 0; i < Count; i++)
        {
            _logger.LogInformation("Stopping {Number}", i);
        }

        return Hangs ? new TaskCompletionSource().Task : Task.CompletedTask;
    }

    public void Dispose()
    {
        // The services dispose it twice: once for each registration.
        if (Count > 0)
        {
            _logger.LogInformation("Disposed");
            Count = 0;
        }
    }
}
