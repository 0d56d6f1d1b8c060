using System.Diagnostics.CodeAnalysis;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Options;
using Multiprocess;
using Multiprocess.Hosting;
using Multiprocess.Hosting.Children;

namespace Microsoft.Extensions.DependencyInjection;

/// <summary>Adds supervised child processes to a host.</summary>
public static class IpcChildServiceCollectionExtensions
{
    /// <summary>
    /// Adds a child process that runs while the host does: the contract resolves to a proxy that follows restarts.
    /// </summary>
    /// <typeparam name="TContract">The contract of the root that the child serves.</typeparam>
    /// <param name="services">The services.</param>
    /// <param name="name">
    /// The name of the child and of its options, and the key of the contract. It is also the program, unless
    /// <see cref="IpcHostedChildOptions.Program"/> names another.
    /// </param>
    /// <param name="configure">Sets further options.</param>
    /// <param name="prepare">
    /// Prepares each new child, including the first, before any other code calls it: adds handlers, sends settings. Its
    /// token is cancelled when the child is lost. If it throws, the child is ended, which counts as a failed start.
    /// </param>
    /// <returns>
    /// The child's options, for further configuration or validation. They are checked when the host starts.
    /// </returns>
    /// <remarks>
    /// The contract and <see cref="IpcHostedChild{TContract}"/> are singletons with the name as their key. For the
    /// first child of a contract, both also resolve without a key. A call that is in progress when the child ends
    /// throws <see cref="IpcDisconnectedException"/>. It may have been run, and is not repeated.
    /// </remarks>
    /// <example><code>
    /// builder.Services.AddIpcChild&lt;ICalculator&gt;(
    ///     "calc-worker", options =&gt; options.ConfigurationSections.Add("Calculator"));
    /// </code></example>
    /// <exception cref="InvalidOperationException">A child of that contract and name was already added.</exception>
    public static OptionsBuilder<IpcHostedChildOptions> AddIpcChild<TContract>(
        this IServiceCollection services,
        string name,
        Action<IpcHostedChildOptions>? configure = null,
        Func<IServiceProvider, IpcChildProcess<TContract>, CancellationToken, Task>? prepare = null)
        where TContract : class
    {
        OptionsBuilder<IpcHostedChildOptions> options = Add(services, name, prepare);
        return configure is null ? options : options.Configure(configure);
    }

    /// <summary>Adds a child process whose options are a section of the configuration.</summary>
    /// <typeparam name="TContract">The contract of the root that the child serves.</typeparam>
    /// <param name="services">The services.</param>
    /// <param name="name">The name of the child, as in the overload without a section.</param>
    /// <param name="section">Contains values for <see cref="IpcHostedChildOptions"/>.</param>
    /// <param name="configure">Sets further options, after the section.</param>
    /// <param name="prepare">Prepares each new child, as in the overload without a section.</param>
    /// <inheritdoc cref="AddIpcChild{TContract}(IServiceCollection, string, Action{IpcHostedChildOptions},
    /// Func{IServiceProvider, IpcChildProcess{TContract}, CancellationToken, Task})" path="/returns"/>
    /// <inheritdoc cref="AddIpcChild{TContract}(IServiceCollection, string, Action{IpcHostedChildOptions},
    /// Func{IServiceProvider, IpcChildProcess{TContract}, CancellationToken, Task})" path="/remarks"/>
    /// <inheritdoc cref="AddIpcChild{TContract}(IServiceCollection, string, Action{IpcHostedChildOptions},
    /// Func{IServiceProvider, IpcChildProcess{TContract}, CancellationToken, Task})" path="/exception"/>
    [RequiresDynamicCode(IpcServerServiceCollectionExtensions.NeedsReflection)]
    [RequiresUnreferencedCode(IpcServerServiceCollectionExtensions.NeedsReflection)]
    public static OptionsBuilder<IpcHostedChildOptions> AddIpcChild<TContract>(
        this IServiceCollection services,
        string name,
        IConfigurationSection section,
        Action<IpcHostedChildOptions>? configure = null,
        Func<IServiceProvider, IpcChildProcess<TContract>, CancellationToken, Task>? prepare = null)
        where TContract : class
    {
        ArgumentNullException.ThrowIfNull(section);
        OptionsBuilder<IpcHostedChildOptions> options = Add(services, name, prepare);
        options.Bind(section);
        return configure is null ? options : options.Configure(configure);
    }

    private static OptionsBuilder<IpcHostedChildOptions> Add<TContract>(
        IServiceCollection services,
        string name,
        Func<IServiceProvider, IpcChildProcess<TContract>, CancellationToken, Task>? prepare) where TContract : class
    {
        ArgumentNullException.ThrowIfNull(services);
        ArgumentException.ThrowIfNullOrEmpty(name);
        if (services.Any(
            service => service.ServiceType == typeof(IpcHostedChild<TContract>) && name.Equals(service.ServiceKey)))
        {
            throw new InvalidOperationException(
                $"The child '{name}' of {typeof(TContract)} was added twice. Give each of them a name of its own, and "
                    + $"its program in the options.");
        }

        services.AddLogging();
        services.AddKeyedSingleton(name, (provider, _) => new IpcHostedChild<TContract>(provider, name, prepare));
        services.AddKeyedSingleton(
            name, static (provider, key) => provider.GetRequiredKeyedService<IpcHostedChild<TContract>>(key).Root);
        services.TryAddSingleton(provider => provider.GetRequiredKeyedService<IpcHostedChild<TContract>>(name));
        services.TryAddSingleton(provider => provider.GetRequiredKeyedService<IpcHostedChild<TContract>>(name).Root);
        services.AddSingleton<IChildStatus>(
            provider => provider.GetRequiredKeyedService<IpcHostedChild<TContract>>(name));
        services.AddSingleton<IHostedService>(
            provider => provider.GetRequiredKeyedService<IpcHostedChild<TContract>>(name));
        return services.AddOptions<IpcHostedChildOptions>(name)
            .Validate(
                static options => options.StartTimeout != TimeSpan.Zero && IpcHostedChildOptions.IsWait(
                    options.StartTimeout),
                $"StartTimeout of the child '{name}': Expected a positive time of at most 24 days, or infinite, "
                    + "got another time.")
            .Validate(
                static options => IpcHostedChildOptions.IsWait(options.StopTimeout),
                $"StopTimeout of the child '{name}': Expected a time from zero to 24 days, or infinite, "
                    + "got another time.")
            .Validate(
                static options => !options.IsHosted || options.Spawn.ParentRoot is null,
                $"Spawn.ParentRoot of the child '{name}': Expected null, because a hosted child gets the root of its "
                    + $"parent's host, got a root. {nameof(IpcHostedChildOptions.IsHosted)} = false allows one.")
            .ValidateOnStart();
    }
}
