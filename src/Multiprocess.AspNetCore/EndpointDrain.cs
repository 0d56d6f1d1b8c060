using Microsoft.Extensions.Hosting;

namespace Multiprocess.AspNetCore;

/// <summary>
/// Drains the connections before any hosted service stops: Kestrel, which is one, cuts off what reads when it stops.
/// </summary>
internal sealed class EndpointDrain(EndpointConnections connections) : IHostedLifecycleService
{
    public Task StartingAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public Task StartAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public Task StartedAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    /// <summary>What has not ended within the host's shutdown time-out is Kestrel's to end.</summary>
    public async Task StoppingAsync(CancellationToken cancellationToken)
        => await connections.StopAsync()
            .WaitAsync(cancellationToken)
            .ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);

    public Task StopAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public Task StoppedAsync(CancellationToken cancellationToken) => Task.CompletedTask;
}
