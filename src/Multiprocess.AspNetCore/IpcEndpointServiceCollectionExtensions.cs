using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Hosting;
using Multiprocess;
using Multiprocess.AspNetCore;

namespace Microsoft.Extensions.DependencyInjection;

/// <summary>Adds the services of <c>MapIpc</c> and <c>UseIpc</c>.</summary>
public static class IpcEndpointServiceCollectionExtensions
{
    /// <summary>
    /// Adds the services of <c>MapIpc</c> and <c>UseIpc</c>: connections that are drained before Kestrel stops, and
    /// <see cref="IpcConnection"/> in the scope of each connection. May be called twice.
    /// </summary>
    /// <param name="services">The services.</param>
    /// <returns>The same services.</returns>
    public static IServiceCollection AddIpcEndpoints(this IServiceCollection services)
    {
        ArgumentNullException.ThrowIfNull(services);
        services.AddIpcConnectionAccessor();
        services.TryAddSingleton<EndpointConnections>();
        services.TryAddEnumerable(ServiceDescriptor.Singleton<IHostedService, EndpointDrain>());
        return services;
    }
}
