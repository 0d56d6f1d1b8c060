using System.Runtime.CompilerServices;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;
using Multiprocess.Hosting.Children;
using Multiprocess.Hosting.Contracts;
using Multiprocess.Hosting.Logging;

namespace Multiprocess.Hosting;

/// <summary>A child process that a host starts, supervises and stops.</summary>
/// <typeparam name="TContract">The contract of the root that the child serves.</typeparam>
/// <remarks>
/// Thread-safe. The host's start waits until the first child is ready, and fails if the child cannot be started.
/// <see cref="IpcSupervisor{T}"/> restarts a child that crashes. When the host stops, the child ends after all hosted
/// services of this process, including servers, have stopped: the child's host stops first, its last log records
/// arrive, and the child is killed only if that takes too long.
/// </remarks>
public sealed class IpcHostedChild<TContract> : IHostedLifecycleService, IChildStatus, IAsyncDisposable, IDisposable
    where TContract : class
{
    private static readonly TimeSpan s_lastStop = TimeSpan.FromSeconds(10);

    private readonly IServiceProvider _services;
    private readonly Func<IServiceProvider, IpcChildProcess<TContract>, CancellationToken, Task>? _prepare;
    private readonly IOptionsMonitor<IpcHostedChildOptions> _options;
    private readonly ILoggerFactory _loggers;
    private readonly ILogger _logger;

    // The object that serves each process, as long as its connection exists.
    private readonly ConditionalWeakTable<IpcConnection, ParentHost> _hosts = [];

    // Written by calls of the host, which do not overlap; read by any thread.
    private volatile IpcSupervisor<TContract>? _supervisor;
    private volatile string? _gone;
    private volatile bool _isStopping;

    internal IpcHostedChild(
        IServiceProvider services,
        string name,
        Func<IServiceProvider, IpcChildProcess<TContract>, CancellationToken, Task>? prepare)
    {
        Name = name;
        _services = services;
        _prepare = prepare;
        _options = services.GetRequiredService<IOptionsMonitor<IpcHostedChildOptions>>();
        _loggers = services.GetRequiredService<ILoggerFactory>();
        _logger = _loggers.CreateLogger(HostingLog.Category);
        Root = IpcFollowingRoot.Create(
            () => _supervisor?.FollowingRoot
                ?? throw new IpcDisconnectedException($"{Name} has not been started yet. The host starts it."),
            () => _supervisor?.FollowingRoot);
    }

    /// <summary>The name under which the child was added. Its options have the same name.</summary>
    public string Name { get; }

    /// <summary>
    /// The root. Each call goes to the child of that moment. Always the same object.
    /// </summary>
    /// <remarks>
    /// Objects that a child returned, and handlers that were added to its events, end with the child. The hook
    /// <c>prepare</c> can add handlers to each new child.
    /// </remarks>
    public TContract Root { get; }

    /// <summary>The supervisor of the child; null before the host has started it.</summary>
    public IpcSupervisor<TContract>? Supervisor => _supervisor;

    int? IChildStatus.ProcessId => _supervisor?.Current?.Id;

    int IChildStatus.Restarts => _supervisor?.Restarts ?? 0;

    string? IChildStatus.Gone => _gone;

    Task IHostedLifecycleService.StartingAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    async Task IHostedService.StartAsync(CancellationToken cancellationToken)
    {
        IpcHostedChildOptions options = _options.Get(Name);
        string program = options.Program.Length > 0 ? options.Program : Name;
        IpcSupervisor<TContract> supervisor = await IpcSupervisor<TContract>.StartAsync(
            program,
            Completed(options),
            options.Restart,
            (child, lost) => PrepareAsync(child, options, lost),
            cancellationToken).ConfigureAwait(false);
        _supervisor = supervisor;
        if (supervisor.Current is { } first)
        {
            HostingLog.ChildReady(_logger, Name, first.Id);
        }

        // Logged when calls reach the child: not yet at the end of its preparation.
        supervisor.Started += (_, started) => HostingLog.ChildReady(_logger, Name, started.Child.Id);
        _ = supervisor.Completion.ContinueWith(
            completion => Gone(completion, options.StopHostWhenGone),
            CancellationToken.None,
            TaskContinuationOptions.None,
            TaskScheduler.Default);
    }

    Task IHostedLifecycleService.StartedAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    Task IHostedLifecycleService.StoppingAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    Task IHostedService.StopAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    /// <summary>Stops last: the hosted services of this process may need the child until they have stopped.</summary>
    Task IHostedLifecycleService.StoppedAsync(CancellationToken cancellationToken) => StopAsync(cancellationToken);

    /// <summary>
    /// Ends the child if the host has not ended it, for example because another service did not start. Takes at most
    /// ten seconds.
    /// </summary>
    public async ValueTask DisposeAsync()
    {
        using var bound = new CancellationTokenSource(s_lastStop);
        await StopAsync(bound.Token).ConfigureAwait(false);
    }

    /// <summary>
    /// Like <see cref="DisposeAsync"/>, but without stopping the child's host first: closes the connection, and with it
    /// the child ends.
    /// </summary>
    public void Dispose()
    {
        _isStopping = true;
        _supervisor?.Dispose();
    }

    private IpcSpawnOptions Completed(IpcHostedChildOptions options)
    {
        IpcSpawnOptions spawn = options.Spawn;
        ILogger lines = _loggers.CreateLogger(ChildLogWriter.CategoryOf(Name));
        return spawn with
        {
            ParentRoot = options.IsHosted
                ? IpcParentRoot.Of<IParentHost>(connection => MakeHost(connection, options))
                : spawn.ParentRoot,
            LoggerFactory = spawn.LoggerFactory ?? _loggers,
            OutputLine = spawn.OutputLine ?? (line => HostingLog.OutputLine(lines, IpcText.Escape(line, int.MaxValue))),
            ErrorLine = spawn.ErrorLine ?? (line => HostingLog.ErrorLine(lines, IpcText.Escape(line, int.MaxValue))),
        };
    }

    private ParentHost MakeHost(IpcConnection connection, IpcHostedChildOptions options)
    {
        var host = new ParentHost(
            _services.GetRequiredService<IConfiguration>(),
            [.. options.ConfigurationSections],
            options.ForwardLogs,
            _loggers,
            Name,
            connection.Peer.ProcessId);
        _hosts.Add(connection, host);
        return host;
    }

    private async Task PrepareAsync(
        IpcChildProcess<TContract> child, IpcHostedChildOptions options, CancellationToken lost)
    {
        if (_hosts.TryGetValue(child.Connection, out ParentHost? host))
        {
            try
            {
                await host.Ready.WaitAsync(options.StartTimeout, lost).ConfigureAwait(false);
            }
            catch (TimeoutException exception)
            {
                throw new IpcTimeoutException(
                    $"{Name} did not report within {options.StartTimeout.TotalSeconds:0.###} s that its host has started. "
                        + $"Does its Main call UseIpcParent, and run the host? "
                    + $"A program that calls IpcParent.TryServe needs {nameof(IpcHostedChildOptions.IsHosted)} = "
                    + $"false.",
                    exception);
            }
        }

        if (_prepare is { } prepare)
        {
            await prepare(_services, child, lost).ConfigureAwait(false);
        }
    }

    private void Gone(Task completion, bool stopsHost)
    {
        if (_isStopping)
        {
            return;
        }

        string reason = completion.Exception?.InnerException?.Message
            ?? "The process ended by itself, with exit code 0.";
        _gone = reason;
        HostingLog.ChildGone(_logger, Name, reason);
        if (stopsHost)
        {
            _services.GetRequiredService<IHostApplicationLifetime>().StopApplication();
        }
    }

    private async Task StopAsync(CancellationToken cancellationToken)
    {
        _isStopping = true;
        if (_supervisor?.Stop() is not { } child)
        {
            return;
        }

        if (_hosts.TryGetValue(child.Connection, out ParentHost? host))
        {
            await EndAsync(child, host, _options.Get(Name).StopTimeout, cancellationToken).ConfigureAwait(false);
        }

        await child.DisposeAsync().ConfigureAwait(false);
    }

    /// <summary>
    /// Tells the child's host to stop, and waits for the end of the process. A process that takes too long is killed.
    /// </summary>
    private async Task EndAsync(
        IpcChildProcess<TContract> child, ParentHost host, TimeSpan limit, CancellationToken cancellationToken)
    {
        using var bound = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        bound.CancelAfter(limit);
        try
        {
            IHostedChild hosted = await host.Ready.WaitAsync(bound.Token).ConfigureAwait(false);
            await hosted.StopAsync().WaitAsync(bound.Token).ConfigureAwait(false);
        }
        catch (Exception exception) when (exception is IpcException or OperationCanceledException)
        {
            // The child is ending by itself, or hangs. The wait for its end shows which.
        }

        try
        {
            await child.Exited.WaitAsync(bound.Token).ConfigureAwait(false);
        }
        catch (OperationCanceledException)
        {
            HostingLog.ChildKilled(_logger, Name, child.Id);
            child.Kill();
        }
    }
}
