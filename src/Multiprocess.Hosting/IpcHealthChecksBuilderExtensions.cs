using Microsoft.Extensions.Diagnostics.HealthChecks;
using Multiprocess.Hosting;
using Multiprocess.Hosting.Children;
using Multiprocess.Hosting.Clients;
using Multiprocess.Hosting.Health;

namespace Microsoft.Extensions.DependencyInjection;

/// <summary>
/// Adds health checks for the servers, clients and children that AddIpcServer, AddIpcClient and AddIpcChild added.
/// </summary>
public static class IpcHealthChecksBuilderExtensions
{
    /// <summary>Healthy while every server listens: from the start of the host until it begins to stop.</summary>
    /// <param name="builder">The health checks.</param>
    /// <param name="name">The name of the check.</param>
    /// <param name="failureStatus">The status to report if one does not listen. Default unhealthy.</param>
    /// <param name="tags">Tags, such as <c>ready</c>.</param>
    public static IHealthChecksBuilder AddIpcServers(
        this IHealthChecksBuilder builder,
        string name = "ipc-servers",
        HealthStatus? failureStatus = null,
        IEnumerable<string>? tags = null)
        => Add(
            builder,
            name,
            failureStatus,
            tags,
            static services => new HostedServersCheck(services.GetServices<IpcHostedServer>()));

    /// <summary>
    /// Healthy while every client is connected. If a client has no connection, the check opens one, as the client's
    /// first call would; no call is made.
    /// </summary>
    /// <inheritdoc cref="AddIpcServers" path="/param"/>
    public static IHealthChecksBuilder AddIpcClients(
        this IHealthChecksBuilder builder,
        string name = "ipc-clients",
        HealthStatus? failureStatus = null,
        IEnumerable<string>? tags = null)
        => Add(
            builder,
            name,
            failureStatus,
            tags,
            static services => new HostedClientsCheck(services.GetServices<IClientStatus>()));

    /// <summary>
    /// Healthy while every child runs, degraded while one is to be restarted, and the failure status when one is no
    /// longer restarted.
    /// </summary>
    /// <inheritdoc cref="AddIpcServers" path="/param"/>
    public static IHealthChecksBuilder AddIpcChildren(
        this IHealthChecksBuilder builder,
        string name = "ipc-children",
        HealthStatus? failureStatus = null,
        IEnumerable<string>? tags = null)
        => Add(
            builder,
            name,
            failureStatus,
            tags,
            static services => new HostedChildrenCheck(services.GetServices<IChildStatus>()));

    private static IHealthChecksBuilder Add(
        IHealthChecksBuilder builder,
        string name,
        HealthStatus? failureStatus,
        IEnumerable<string>? tags,
        Func<IServiceProvider, IHealthCheck> make)
    {
        ArgumentNullException.ThrowIfNull(builder);
        return builder.Add(new HealthCheckRegistration(name, make, failureStatus, tags));
    }
}
