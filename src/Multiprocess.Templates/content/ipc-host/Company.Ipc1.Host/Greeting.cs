using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace Company.Ipc1;

/// <summary>
/// Uses the child, which already runs when this service starts. A service of your own usually runs until the token is
/// cancelled.
/// </summary>
internal sealed class Greeting(IGreeter greeter, ILogger<Greeting> logger) : BackgroundService
{
    protected override Task ExecuteAsync(CancellationToken stoppingToken)
    {
        logger.LogInformation("{Greeting}", greeter.Greet("host"));
        return Task.CompletedTask;
    }
}
