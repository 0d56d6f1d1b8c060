using System.Diagnostics.CodeAnalysis;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Logging;
using Multiprocess;
using Multiprocess.Hosting;
using Multiprocess.Hosting.Parents;

namespace Microsoft.Extensions.Hosting;

/// <summary>Makes a host the child of the process that started it.</summary>
public static class IpcParentHostApplicationBuilderExtensions
{
    private const string ConsoleLoggerProvider = "Microsoft.Extensions.Logging.Console.ConsoleLoggerProvider";

    /// <summary>Serves the parent while the host runs, with a root that is resolved from services.</summary>
    /// <typeparam name="TContract">
    /// The contract of the root. It must be resolvable in a scope of the connection.
    /// </typeparam>
    /// <param name="builder">The builder of the host.</param>
    /// <param name="args">
    /// The program's arguments. <c>-ipcfd n</c> or <c>-ipcpath path</c> among them means that there is a parent.
    /// </param>
    /// <param name="configure">Sets options.</param>
    /// <returns>False if no parent started this process; nothing was changed.</returns>
    /// <remarks>
    /// <para>
    /// Connects at once. A parent that added this process with <c>AddIpcChild</c> sends sections of its configuration.
    /// They are added to <see cref="IHostApplicationBuilder.Configuration"/> last, so they take precedence. The parent
    /// gets the log records of this process, and the console's logger is removed. Calls of the parent wait until all
    /// hosted services have started.
    /// </para>
    /// <para>
    /// The host stops when the parent asks for it, when the parent is gone, or at SIGTERM. Ctrl-C and SIGQUIT are left
    /// to the parent. <see cref="Environment.ExitCode"/> is 0 when the parent ended this process, 1 after an error, and
    /// 143 after SIGTERM. A <c>Main</c> that returns a number overrides it.
    /// </para>
    /// </remarks>
    /// <example><code>
    /// var builder = Host.CreateApplicationBuilder(args);
    /// builder.Services.AddScoped&lt;ICalculator, Calculator&gt;();
    /// builder.UseIpcParent&lt;ICalculator&gt;(args);
    /// await builder.Build().RunAsync();
    /// </code></example>
    /// <exception cref="IpcException">The connection to the parent cannot be opened.</exception>
    public static bool UseIpcParent<TContract>(
        this IHostApplicationBuilder builder, string[] args, Action<IpcParentOptions>? configure = null)
        where TContract : class
        => builder.UseIpcParent(args, static (scope, _) => scope.GetRequiredService<TContract>(), configure);

    /// <summary>Serves the parent while the host runs, with an implementation that is resolved from services.</summary>
    /// <typeparam name="TContract">The contract of the root.</typeparam>
    /// <typeparam name="TImplementation">
    /// The implementation. Registered as scoped, unless it is already registered.
    /// </typeparam>
    /// <param name="builder">The builder of the host.</param>
    /// <param name="args">The program's arguments.</param>
    /// <param name="configure">Sets options.</param>
    /// <inheritdoc cref="UseIpcParent{TContract}(IHostApplicationBuilder, string[], Action{IpcParentOptions})"
    /// path="/returns"/>
    /// <inheritdoc cref="UseIpcParent{TContract}(IHostApplicationBuilder, string[], Action{IpcParentOptions})"
    /// path="/remarks"/>
    /// <inheritdoc cref="UseIpcParent{TContract}(IHostApplicationBuilder, string[], Action{IpcParentOptions})"
    /// path="/exception"/>
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

    /// <summary>Serves the parent while the host runs, with a root that a factory creates.</summary>
    /// <typeparam name="TContract">The contract of the root.</typeparam>
    /// <param name="builder">The builder of the host.</param>
    /// <param name="args">The program's arguments.</param>
    /// <param name="makeRoot">Creates the root from the services of the connection's scope.</param>
    /// <param name="configure">Sets options.</param>
    /// <inheritdoc cref="UseIpcParent{TContract}(IHostApplicationBuilder, string[], Action{IpcParentOptions})"
    /// path="/returns"/>
    /// <inheritdoc cref="UseIpcParent{TContract}(IHostApplicationBuilder, string[], Action{IpcParentOptions})"
    /// path="/remarks"/>
    /// <inheritdoc cref="UseIpcParent{TContract}(IHostApplicationBuilder, string[], Action{IpcParentOptions})"
    /// path="/exception"/>
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
        if (ParentLink<TContract>.TryOpen(args, options) is not { } link)
        {
            return false;
        }

        builder.Services.AddIpcConnectionAccessor();
        if (link.Startup is { } startup)
        {
            builder.Configuration.AddInMemoryCollection(
                startup.Settings.Select(setting => KeyValuePair.Create(setting.Key, setting.Value)));
        }

        if (link.Queue is { } queue)
        {
            // Otherwise the lines of the console's logger would arrive twice: as records, and as lines of output.
            foreach (ServiceDescriptor console in builder.Services.Where(
                service => service.ImplementationTypeName() == ConsoleLoggerProvider)
                .ToArray())
            {
                builder.Services.Remove(console);
            }

            // Registered as a service so that it is disposed after all services that log.
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
