using System.Globalization;
using Microsoft.Extensions.Diagnostics.HealthChecks;
using Multiprocess.Hosting.Children;

namespace Multiprocess.Hosting.Health;

/// <summary>
/// Whether every child runs. A child that will be restarted counts as degraded; a child that will not counts as a
/// failure.
/// </summary>
internal sealed class HostedChildrenCheck(IEnumerable<IChildStatus> children) : IHealthCheck
{
    public Task<HealthCheckResult> CheckHealthAsync(
        HealthCheckContext context, CancellationToken cancellationToken = default)
    {
        Dictionary<string, object> data = new(StringComparer.Ordinal);
        List<string> gone = [];
        List<string> restarting = [];
        foreach (IChildStatus child in children)
        {
            int? process = child.ProcessId;
            data[child.Name] = process is { } id
                ? string.Create(CultureInfo.InvariantCulture, $"runs as process {id}, restarts {child.Restarts}")
                : child.Gone ?? "does not run";
            if (process is null)
            {
                (child.Gone is null ? restarting : gone).Add(child.Name);
            }
        }

        return Task.FromResult(
            gone.Count > 0 ? new HealthCheckResult(
                context.Registration.FailureStatus,
                $"No longer restarted: {string.Join(", ", gone)}.",
                exception: null,
                data)
            : restarting.Count > 0 ? HealthCheckResult.Degraded(
                $"Not running at this moment: {string.Join(", ", restarting)}.", data: data)
            : HealthCheckResult.Healthy($"{data.Count} children run.", data));
    }
}
