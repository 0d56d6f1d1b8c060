using Microsoft.Extensions.Hosting;

namespace Multiprocess.AspNetCore;

/// <summary>
/// Drains the connections before any hosted service stops. Kestrel is a hosted service, and cuts off connections that
/// still read when it stops.
/// </summary>
internal sealed class EndpointDrain(EndpointConnections connections) : IHostedLifecycleService
{
    public Task StartingAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public Task StartAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public Task StartedAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    /// <summary>Connections that have not ended within the host's shutdown time-out are ended by Kestrel.</summary>
    public async Task StoppingAsync(CancellationToken cancellationToken)
        => await connections.StopAsync()
            .WaitAsync(cancellationToken)
            .ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);

    public Task StopAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public Task StoppedAsync(CancellationToken cancellationToken) => Task.CompletedTask;
}
