using System.Diagnostics.CodeAnalysis;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Logging;
using Multiprocess;
using Multiprocess.Hosting;
using Multiprocess.Hosting.Parents;

namespace Microsoft.Extensions.Hosting;

/// <summary>Makes a host the child of the process that has started it.</summary>
public static class IpcParentHostApplicationBuilderExtensions
{
    private const string ConsoleLoggerProvider = "Microsoft.Extensions.Logging.Console.ConsoleLoggerProvider";

    /// <summary>Serves the parent while the host runs, with a root that is resolved from services.</summary>
    /// <typeparam name="TContract">
    /// The contract of the root, which must resolve, in a scope of the connection's.
    /// </typeparam>
    /// <param name="builder">The builder of the host.</param>
    /// <param name="args">
    /// The program's arguments; <c>-ipcfd n</c> or <c>-ipcpath path</c> among them says that a parent is there.
    /// </param>
    /// <param name="configure">Sets options.</param>
    /// <returns>False when this process was not started by a parent: nothing was done.</returns>
    /// <remarks>
    /// <para>
    /// Connects at once. A parent that has added this process with <c>AddIpcChild</c> hands over sections of its
    /// configuration, which are added to <see cref="IHostApplicationBuilder.Configuration"/> last and so win; and gets
    /// the log records of this process, for which the console's logger is taken out. The parent's calls wait until all
    /// hosted services have started.
    /// </para>
    /// <para>
    /// The host stops when the parent says so, is gone, or SIGTERM comes; Ctrl-C and SIGQUIT are left to the parent.
    /// <see cref="Environment.ExitCode"/> is 0 when the parent ended it, 1 after an error, 143 after SIGTERM; a
    /// <c>Main</c> that returns a number returns that.
    /// </para>
    /// </remarks>
    /// <example><code>
    /// var builder = Host.CreateApplicationBuilder(args);
    /// builder.Services.AddScoped&lt;ICalculator, Calculator&gt;();
    /// builder.UseIpcParent&lt;ICalculator&gt;(args);
    /// await builder.Build().RunAsync();
    /// </code></example>
    /// <exception cref="IpcException">There is a parent, and it cannot be talked to.</exception>
    public static bool UseIpcParent<TContract>(
        this IHostApplicationBuilder builder, string[] args, Action<IpcParentOptions>? configure = null)
        where TContract : class
        => builder.UseIpcParent(args, static (scope, _) => scope.GetRequiredService<TContract>(), configure);

    /// <summary>Serves the parent while the host runs, with an implementation that is resolved from services.</summary>
    /// <typeparam name="TContract">The contract of the root.</typeparam>
    /// <typeparam name="TImplementation">
    /// What implements it. Registered as scoped unless it is registered already.
    /// </typeparam>
    /// <param name="builder">The builder of the host.</param>
    /// <param name="args">The program's arguments.</param>
    /// <param name="configure">Sets options.</param>
    /// <inheritdoc cref="UseIpcParent{TContract}(IHostApplicationBuilder, string[], Action{IpcParentOptions})"
    /// path="/returns"/> <inheritdoc cref="UseIpcParent{TContract}(IHostApplicationBuilder, string[],
    /// Action{IpcParentOptions})" path="/remarks"/> <inheritdoc cref="UseIpcParent{TContract}(IHostApplicationBuilder,
    /// string[], Action{IpcParentOptions})" path="/exception"/>
    public static bool UseIpcParent<
        TContract,
        [DynamicallyAccessedMembers(DynamicallyAccessedMemberTypes.PublicConstructors)] TImplementation>(
        this IHostApplicationBuilder builder, string[] args, Action<IpcParentOptions>? configure = null)
        where TContract : class
        where TImplementation : class, TContract
    {
        ArgumentNullException.ThrowIfNull(builder);
        builder.Services.TryAddScoped<TImplementation>();
        return builder.UseIpcParent<TContract>(
            args, static (scope, _) => scope.GetRequiredService<TImplementation>(), configure);
    }

    /// <summary>Serves the parent while the host runs, with a root that a factory makes.</summary>
    /// <typeparam name="TContract">The contract of the root.</typeparam>
    /// <param name="builder">The builder of the host.</param>
    /// <param name="args">The program's arguments.</param>
    /// <param name="makeRoot">Makes the root from the services of the connection's scope.</param>
    /// <param name="configure">Sets options.</param>
    /// <inheritdoc cref="UseIpcParent{TContract}(IHostApplicationBuilder, string[], Action{IpcParentOptions})"
    /// path="/returns"/> <inheritdoc cref="UseIpcParent{TContract}(IHostApplicationBuilder, string[],
    /// Action{IpcParentOptions})" path="/remarks"/> <inheritdoc cref="UseIpcParent{TContract}(IHostApplicationBuilder,
    /// string[], Action{IpcParentOptions})" path="/exception"/>
    public static bool UseIpcParent<TContract>(
        this IHostApplicationBuilder builder,
        string[] args,
        Func<IServiceProvider, IpcConnection, TContract> makeRoot,
        Action<IpcParentOptions>? configure = null)
        where TContract : class
    {
        ArgumentNullException.ThrowIfNull(builder);
        ArgumentNullException.ThrowIfNull(args);
        ArgumentNullException.ThrowIfNull(makeRoot);
        var options = new IpcParentOptions();
        configure?.Invoke(options);
        if (ParentLink.TryOpen<TContract>(args, options) is not { } link)
        {
            return false;
        }

        IpcServerServiceCollectionExtensions.AddConnectionScopes(builder.Services);
        if (link.Startup is { } startup)
        {
            builder.Configuration.AddInMemoryCollection(
                startup.Settings.Select(setting => KeyValuePair.Create(setting.Key, setting.Value)));
        }

        if (link.Queue is { } queue)
        {
            // What it wrote would arrive twice: as records, and as lines.
            foreach (ServiceDescriptor console in builder.Services.Where(
                service => service.ImplementationTypeName() == ConsoleLoggerProvider)
                .ToArray())
            {
                builder.Services.Remove(console);
            }

            // Disposed by the services, behind all that logs.
            builder.Services.AddSingleton<ILoggerProvider>(
                _ => new ParentLoggerProvider(queue, options.Connection.TimeProvider, link.Close));
        }

        builder.Services.AddSingleton<IHostLifetime, ParentLifetime>();
        builder.Services.AddSingleton<IHostedService>(services => new ParentService<TContract>(
            link,
            services,
            services.GetRequiredService<ILoggerFactory>(),
            services.GetRequiredService<IHostApplicationLifetime>(),
            makeRoot));
        return true;
    }

    private static string? ImplementationTypeName(this ServiceDescriptor service)
        => service is { IsKeyedService: false, ServiceType: var type } && type == typeof(ILoggerProvider)
            ? service.ImplementationType?.FullName
            : null;
}
