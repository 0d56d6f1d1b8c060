using Microsoft.Extensions.Diagnostics.HealthChecks;
using Multiprocess.Hosting.Clients;

namespace Multiprocess.Hosting.Health;

/// <summary>Whether every client has a connection or can open one. No call is made.</summary>
internal sealed class HostedClientsCheck(IEnumerable<IClientStatus> clients) : IHealthCheck
{
    public async Task<HealthCheckResult> CheckHealthAsync(
        HealthCheckContext context, CancellationToken cancellationToken = default)
    {
        Dictionary<string, object> data = new(StringComparer.Ordinal);
        List<string> down = [];
        Exception? failure = null;
        foreach ((IClientStatus client, Task check) in clients.Select(
            client => (client, client.CheckAsync(cancellationToken))).ToArray())
        {
            try
            {
                await check.ConfigureAwait(false);
                data[client.Name] = $"connected, connection {client.Connections}";
            }
            catch (Exception exception) when (exception is not OperationCanceledException)
            {
                failure = exception;
                down.Add(client.Name);
                data[client.Name] = exception.Message;
            }
        }

        return down.Count == 0
            ? HealthCheckResult.Healthy($"{data.Count} clients are connected.", data)
            : new HealthCheckResult(
                context.Registration.FailureStatus, $"Not connected: {string.Join(", ", down)}.", failure, data);
    }
}
