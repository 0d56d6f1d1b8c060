using System.Globalization;
using Microsoft.Extensions.Diagnostics.HealthChecks;

namespace Multiprocess.Hosting.Health;

/// <summary>Whether every server listens.</summary>
internal sealed class HostedServersCheck(IEnumerable<IpcHostedServer> servers) : IHealthCheck
{
    public Task<HealthCheckResult> CheckHealthAsync(
        HealthCheckContext context, CancellationToken cancellationToken = default)
    {
        Dictionary<string, object> data = new(StringComparer.Ordinal);
        List<string> down = [];
        foreach (IpcHostedServer server in servers)
        {
            data[server.Name] = server.IsReady
                ? string.Create(
                    CultureInfo.InvariantCulture,
                    $"listens at {server.Server!.Address}, {server.Server.Connections.Count} connections")
                : "does not listen";
            if (!server.IsReady)
            {
                down.Add(server.Name);
            }
        }

        return Task.FromResult(down.Count == 0
            ? HealthCheckResult.Healthy($"{data.Count} servers listen.", data)
            : new HealthCheckResult(
                context.Registration.FailureStatus,
                $"Not listening: {string.Join(", ", down)}.",
                exception: null,
                data));
    }
}
