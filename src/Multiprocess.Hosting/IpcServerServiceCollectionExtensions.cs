using System.Diagnostics.CodeAnalysis;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Options;
using Multiprocess;
using Multiprocess.Hosting;
using Multiprocess.Hosting.Servers;

namespace Microsoft.Extensions.DependencyInjection;

/// <summary>Adds servers of Multiprocess contracts to a host.</summary>
public static class IpcServerServiceCollectionExtensions
{
    internal const string NeedsReflection =
        "Binding options from configuration uses reflection. Use the overload that takes an address, and set the "
            + "options in code.";

    /// <summary>Adds a server that listens at an address while the host runs.</summary>
    /// <typeparam name="TContract">The contract of the root that each client gets.</typeparam>
    /// <typeparam name="TImplementation">
    /// The implementation. Resolved in a scope of its own for each connection. The scope ends when the connection has
    /// ended and none of its calls runs any more. Registered as scoped, unless it is already registered: a singleton is
    /// shared by all connections.
    /// </typeparam>
    /// <param name="services">The services.</param>
    /// <param name="address">Where to listen, such as <c>unix:calc.sock</c>.</param>
    /// <param name="configure">Sets further options.</param>
    /// <param name="name">The name of the server and of its options. Default: the address.</param>
    /// <returns>
    /// The server's options, for further configuration or validation. They are checked when the host starts.
    /// </returns>
    /// <remarks>In the scope, <see cref="IpcConnection"/> resolves to the client's connection.</remarks>
    /// <example><code>
    /// builder.Services.AddIpcServer&lt;ICalculator, Calculator&gt;("unix:calc.sock");
    /// </code></example>
    /// <exception cref="InvalidOperationException">A server of that name was already added.</exception>
    public static OptionsBuilder<IpcHostedServerOptions> AddIpcServer<
        TContract,
        [DynamicallyAccessedMembers(DynamicallyAccessedMemberTypes.PublicConstructors)] TImplementation>(
        this IServiceCollection services,
        string address,
        Action<IpcHostedServerOptions>? configure = null,
        string? name = null)
        where TContract : class
        where TImplementation : class, TContract
    {
        ArgumentNullException.ThrowIfNull(services);
        services.TryAddScoped<TImplementation>();
        Check<TContract, TImplementation>(services);
        return services.AddIpcServer<TContract>(
            address, static (scope, _) => scope.GetRequiredService<TImplementation>(), configure, name);
    }

    /// <summary>Adds a server whose address and options are a section of the configuration.</summary>
    /// <typeparam name="TContract">The contract of the root that each client gets.</typeparam>
    /// <typeparam name="TImplementation">The implementation, as in the overload with an address.</typeparam>
    /// <param name="services">The services.</param>
    /// <param name="section">
    /// Contains <c>Address</c>, and other values for <see cref="IpcHostedServerOptions"/>.
    /// </param>
    /// <param name="configure">Sets further options, after the section.</param>
    /// <param name="name">The name of the server and of its options. Default: the path of the section.</param>
    /// <inheritdoc cref="AddIpcServer{TContract, TImplementation}(IServiceCollection, string,
    /// Action{IpcHostedServerOptions}, string)" path="/returns"/>
    /// <inheritdoc cref="AddIpcServer{TContract, TImplementation}(IServiceCollection, string,
    /// Action{IpcHostedServerOptions}, string)" path="/exception"/>
    [RequiresDynamicCode(NeedsReflection)]
    [RequiresUnreferencedCode(NeedsReflection)]
    public static OptionsBuilder<IpcHostedServerOptions> AddIpcServer<
        TContract,
        [DynamicallyAccessedMembers(DynamicallyAccessedMemberTypes.PublicConstructors)] TImplementation>(
        this IServiceCollection services,
        IConfigurationSection section,
        Action<IpcHostedServerOptions>? configure = null,
        string? name = null)
        where TContract : class
        where TImplementation : class, TContract
    {
        ArgumentNullException.ThrowIfNull(services);
        ArgumentNullException.ThrowIfNull(section);
        services.TryAddScoped<TImplementation>();
        Check<TContract, TImplementation>(services);
        OptionsBuilder<IpcHostedServerOptions> options = Add<TContract>(
            services, name ?? section.Path, static (scope, _) => scope.GetRequiredService<TImplementation>());
        options.Bind(section);
        return configure is null ? options : options.Configure(configure);
    }

    /// <summary>Adds a server whose roots a factory creates.</summary>
    /// <typeparam name="TContract">The contract of the root that each client gets.</typeparam>
    /// <param name="services">The services.</param>
    /// <param name="address">Where to listen, such as <c>unix:calc.sock</c>.</param>
    /// <param name="makeRoot">
    /// Creates the root of a connection from the services of its scope, on a separate thread.
    /// </param>
    /// <param name="configure">Sets further options.</param>
    /// <param name="name">The name of the server and of its options. Default the address.</param>
    /// <inheritdoc cref="AddIpcServer{TContract, TImplementation}(IServiceCollection, string,
    /// Action{IpcHostedServerOptions}, string)" path="/returns"/>
    /// <inheritdoc cref="AddIpcServer{TContract, TImplementation}(IServiceCollection, string,
    /// Action{IpcHostedServerOptions}, string)" path="/exception"/>
    public static OptionsBuilder<IpcHostedServerOptions> AddIpcServer<TContract>(
        this IServiceCollection services,
        string address,
        Func<IServiceProvider, IpcConnection, TContract> makeRoot,
        Action<IpcHostedServerOptions>? configure = null,
        string? name = null)
        where TContract : class
    {
        ArgumentNullException.ThrowIfNull(services);
        ArgumentNullException.ThrowIfNull(address);
        ArgumentNullException.ThrowIfNull(makeRoot);
        OptionsBuilder<IpcHostedServerOptions> options = Add(services, name ?? address, makeRoot).Configure(
            options => options.Address = address);
        return configure is null ? options : options.Configure(configure);
    }

    /// <summary>
    /// Lets the services of a connection's scope resolve <see cref="IpcConnection"/>. For code that serves connections
    /// itself and creates a scope for each: it sets <see cref="IpcConnectionAccessor.Connection"/> in the scope. May be
    /// called twice.
    /// </summary>
    /// <param name="services">The services.</param>
    /// <returns>The same services.</returns>
    public static IServiceCollection AddIpcConnectionAccessor(this IServiceCollection services)
    {
        ArgumentNullException.ThrowIfNull(services);
        services.TryAddScoped<IpcConnectionAccessor>();
        services.TryAddScoped(static scope => scope.GetRequiredService<IpcConnectionAccessor>().Connection
            ?? throw new InvalidOperationException(
                "IpcConnection can be resolved only in the scope of a connection: by a root that AddIpcServer, "
                    + "UseIpcParent or MapIpc serves, and by the services of that root."));
        return services;
    }

    /// <summary>The first client that leaves would dispose a singleton whose contract is disposable.</summary>
    internal static void Check<TContract, TImplementation>(IServiceCollection services)
    {
        bool isDisposable = typeof(IDisposable).IsAssignableFrom(typeof(TContract))
            || typeof(IAsyncDisposable).IsAssignableFrom(typeof(TContract));
        if (isDisposable
            && services.Any(
                service => service.ServiceType == typeof(
                    TImplementation) && service.Lifetime == ServiceLifetime.Singleton))
        {
            throw new InvalidOperationException(
                $"{typeof(TImplementation)} is a singleton, and {typeof(TContract)} is disposable: the first client that leaves would dispose it for all. Expected a scoped or transient service, got a singleton.");
        }
    }

    private static OptionsBuilder<IpcHostedServerOptions> Add<TContract>(
        IServiceCollection services,
        string name,
        Func<IServiceProvider, IpcConnection, TContract> makeRoot) where TContract : class
    {
        var registration = new ServerRegistration(name);
        if (services.Any(
            service => service.ImplementationInstance is ServerRegistration known && known == registration))
        {
            throw new InvalidOperationException(
                $"The server '{name}' was added twice. Give each a different name.");
        }

        services.AddSingleton(registration);
        services.AddIpcConnectionAccessor();
        services.AddLogging();
        services.AddKeyedSingleton(
            registration,
            (provider, _) => new IpcHostedServer(
                provider,
                name,
                (server, options, scopes) => IpcServer.Listen<TContract>(
                    options.Address,
                    connection => scopes.Make(connection, makeRoot),
                    options.Server.LoggerFactory is null
                        ? options.Server with { LoggerFactory = server.LoggerFactory }
                        : options.Server)));
        services.AddSingleton(provider => provider.GetRequiredKeyedService<IpcHostedServer>(registration));
        services.AddSingleton<IHostedService>(
            provider => provider.GetRequiredKeyedService<IpcHostedServer>(registration));
        return services.AddOptions<IpcHostedServerOptions>(name)
            .Validate(
                static options => IpcAddress.TryParse(
                    options.Address, out IpcAddress address) && address != IpcAddress.None,
                $"Address of the IPC server '{name}': Expected an address such as unix:calc.sock, "
                    + "got none or an invalid one.")
            .Validate(
                static options
                    => options.DrainTimeout == Timeout.InfiniteTimeSpan
                        || (options.DrainTimeout >= TimeSpan.Zero
                            && options.DrainTimeout.TotalMilliseconds <= int.MaxValue),
                $"DrainTimeout of the IPC server '{name}': Expected a time from zero to 24 days, or infinite, "
                    + "got another time.")
            .ValidateOnStart();
    }

    private sealed record ServerRegistration(string Name);
}
