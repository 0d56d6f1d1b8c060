using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace Company.Ipc1;

/// <summary>Uses the child, which runs when this starts.</summary>
internal sealed class Greeting(IGreeter greeter, IHostApplicationLifetime lifetime, ILogger<Greeting> logger) : BackgroundService
{
    protected override Task ExecuteAsync(CancellationToken stoppingToken)
    {
        logger.LogInformation("{Greeting}", greeter.Greet("host"));

        // The program is over here. A service of your own runs on until stoppingToken is cancelled.
        lifetime.StopApplication();
        return Task.CompletedTask;
    }
}
