using System.Diagnostics.CodeAnalysis;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Options;
using Multiprocess;
using Multiprocess.Hosting;
using Multiprocess.Hosting.Clients;

namespace Microsoft.Extensions.DependencyInjection;

/// <summary>Adds clients of Multiprocess contracts to services.</summary>
public static class IpcClientServiceCollectionExtensions
{
    /// <summary>Adds a client: the contract resolves to a proxy, whose first call connects.</summary>
    /// <typeparam name="TContract">The contract of the server's root.</typeparam>
    /// <param name="services">The services.</param>
    /// <param name="address">Where the server listens, such as <c>unix:calc.sock</c>.</param>
    /// <param name="configure">Sets further options.</param>
    /// <param name="prepare">
    /// Prepares each new connection before any other code calls it: adds handlers, sends settings. Runs on the thread
    /// pool, within <see cref="IpcConnectionOptions.ConnectTimeout"/>, and must call the connection that it is passed.
    /// If it throws, the connection is ended, and the call that needed it fails.
    /// </param>
    /// <param name="name">
    /// The name of the client and of its options, and the key of the contract. Default: the address.
    /// </param>
    /// <returns>
    /// The client's options, for further configuration or validation. They are checked when the host starts.
    /// </returns>
    /// <remarks>
    /// The contract and <see cref="IpcHostedClient{TContract}"/> are singletons with the name as their key. For the
    /// first client of a contract, both also resolve without a key.
    /// </remarks>
    /// <example><code>
    /// builder.Services.AddIpcClient&lt;ICalculator&gt;("unix:calc.sock");
    /// </code></example>
    /// <exception cref="InvalidOperationException">A client of that contract and name was already added.</exception>
    public static OptionsBuilder<IpcHostedClientOptions> AddIpcClient<TContract>(
        this IServiceCollection services,
        string address,
        Action<IpcHostedClientOptions>? configure = null,
        Func<IServiceProvider, IpcConnection<TContract>, CancellationToken, Task>? prepare = null,
        string? name = null)
        where TContract : class
    {
        ArgumentNullException.ThrowIfNull(services);
        ArgumentNullException.ThrowIfNull(address);
        OptionsBuilder<IpcHostedClientOptions> options = Add(services, name ?? address, prepare).Configure(
            options => options.Address = address);
        return configure is null ? options : options.Configure(configure);
    }

    /// <summary>Adds a client whose address and options are a section of the configuration.</summary>
    /// <typeparam name="TContract">The contract of the server's root.</typeparam>
    /// <param name="services">The services.</param>
    /// <param name="section">
    /// Contains <c>Address</c>, and other values for <see cref="IpcHostedClientOptions"/>.
    /// </param>
    /// <param name="configure">Sets further options, after the section.</param>
    /// <param name="prepare">Prepares each new connection, as in the overload with an address.</param>
    /// <param name="name">
    /// The name of the client and of its options, and the key of the contract. Default: the path of the section.
    /// </param>
    /// <inheritdoc cref="AddIpcClient{TContract}(IServiceCollection, string, Action{IpcHostedClientOptions},
    /// Func{IServiceProvider, IpcConnection{TContract}, CancellationToken, Task}, string)" path="/returns"/>
    /// <inheritdoc cref="AddIpcClient{TContract}(IServiceCollection, string, Action{IpcHostedClientOptions},
    /// Func{IServiceProvider, IpcConnection{TContract}, CancellationToken, Task}, string)" path="/remarks"/>
    /// <inheritdoc cref="AddIpcClient{TContract}(IServiceCollection, string, Action{IpcHostedClientOptions},
    /// Func{IServiceProvider, IpcConnection{TContract}, CancellationToken, Task}, string)" path="/exception"/>
    [RequiresDynamicCode(IpcServerServiceCollectionExtensions.NeedsReflection)]
    [RequiresUnreferencedCode(IpcServerServiceCollectionExtensions.NeedsReflection)]
    public static OptionsBuilder<IpcHostedClientOptions> AddIpcClient<TContract>(
        this IServiceCollection services,
        IConfigurationSection section,
        Action<IpcHostedClientOptions>? configure = null,
        Func<IServiceProvider, IpcConnection<TContract>, CancellationToken, Task>? prepare = null,
        string? name = null)
        where TContract : class
    {
        ArgumentNullException.ThrowIfNull(services);
        ArgumentNullException.ThrowIfNull(section);
        OptionsBuilder<IpcHostedClientOptions> options = Add(services, name ?? section.Path, prepare);
        options.Bind(section);
        return configure is null ? options : options.Configure(configure);
    }

    private static OptionsBuilder<IpcHostedClientOptions> Add<TContract>(
        IServiceCollection services,
        string name,
        Func<IServiceProvider, IpcConnection<TContract>, CancellationToken, Task>? prepare) where TContract : class
    {
        if (services.Any(
            service => service.ServiceType == typeof(IpcHostedClient<TContract>) && name.Equals(service.ServiceKey)))
        {
            throw new InvalidOperationException(
                $"The client '{name}' of {typeof(TContract)} was added twice. Give each of them a name of its own.");
        }

        services.AddLogging();
        services.AddKeyedSingleton(name, (provider, _) => new IpcHostedClient<TContract>(provider, name, prepare));
        services.AddKeyedSingleton(
            name, static (provider, key) => provider.GetRequiredKeyedService<IpcHostedClient<TContract>>(key).Root);
        services.TryAddSingleton(provider => provider.GetRequiredKeyedService<IpcHostedClient<TContract>>(name));
        services.TryAddSingleton(provider => provider.GetRequiredKeyedService<IpcHostedClient<TContract>>(name).Root);
        services.AddSingleton<IClientStatus>(
            provider => provider.GetRequiredKeyedService<IpcHostedClient<TContract>>(name));
        return services.AddOptions<IpcHostedClientOptions>(name)
            .Validate(
                static options => IpcAddress.TryParse(
                    options.Address, out IpcAddress address) && address != IpcAddress.None,
                $"Address of the IPC client '{name}': Expected an address such as unix:calc.sock, "
                    + "got none or an invalid one.")
            .ValidateOnStart();
    }
}
