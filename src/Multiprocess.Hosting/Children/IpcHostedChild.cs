using System.Runtime.CompilerServices;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;
using Multiprocess.Connections;
using Multiprocess.Generated;
using Multiprocess.Hosting.Children;
using Multiprocess.Hosting.Contracts;
using Multiprocess.Hosting.Logging;
using Multiprocess.Objects;

namespace Multiprocess.Hosting;

/// <summary>A child process that a host starts, supervises and stops.</summary>
/// <typeparam name="TContract">The contract of the root that the child serves.</typeparam>
/// <remarks>
/// Thread-safe. The host's start waits until the first child is ready, and fails if it cannot be. A child that crashes
/// is started again as <see cref="IpcSupervisor{T}"/> does it. When the host stops, the child is ended after all hosted
/// services of this process have stopped, servers among them: its host stops in good order, its last log records
/// arrive, and it is killed only if that takes too long.
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

    // What each process is served, for as long as its connection is remembered.
    private readonly ConditionalWeakTable<IpcConnection, ParentHost> _hosts = [];

    // Written by the host's calls, which follow each other; read by anybody.
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
        Root = (TContract)IpcProxy.Following(ContractBinding<TContract>.Instance, Follow).Face;
    }

    /// <summary>The name under which it was added, which is that of its options too.</summary>
    public string Name { get; }

    /// <summary>
    /// The root: each call on it is made on the child that is there at that moment. The same object each time.
    /// </summary>
    /// <remarks>
    /// Objects that a child returned, and handlers that were added to its events, end with it: the hook <c>prepare</c>
    /// adds them to each.
    /// </remarks>
    public TContract Root { get; }

    /// <summary>What supervises the child; null before the host has started it.</summary>
    public IpcSupervisor<TContract>? Supervisor => _supervisor;

    int? IChildStatus.ProcessId => _supervisor?.Current?.Id;

    int IChildStatus.Restarts => _supervisor?.Restarts ?? 0;

    string? IChildStatus.Gone => _gone;

    Task IHostedLifecycleService.StartingAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    async Task IHostedService.StartAsync(CancellationToken cancellationToken)
    {
        IpcHostedChildOptions options = _options.Get(Name);
        string program = options.Program.Length > 0 ? options.Program : Name;
        PeerRoot? serves = options.IsHosted
            ? new PeerRoot(ContractBinding<IParentHost>.Instance, connection => MakeHost(connection, options))
            : null;
        IpcSupervisor<TContract> supervisor = await IpcSupervisor<TContract>.StartServingAsync(
            program,
            Completed(options.Spawn),
            options.Restart,
            (child, lost) => PrepareAsync(child, options, lost),
            serves,
            cancellationToken).ConfigureAwait(false);
        _supervisor = supervisor;
        _ = supervisor.Completion.ContinueWith(
            completion => Gone(completion, options.StopHostWhenGone),
            CancellationToken.None,
            TaskContinuationOptions.None,
            TaskScheduler.Default);
    }

    Task IHostedLifecycleService.StartedAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    Task IHostedLifecycleService.StoppingAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    Task IHostedService.StopAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    /// <summary>
    /// Last, because what the hosted services of this process do until they have stopped may need the child.
    /// </summary>
    Task IHostedLifecycleService.StoppedAsync(CancellationToken cancellationToken) => StopAsync(cancellationToken);

    /// <summary>
    /// Ends the child, if the host has not done so, as where another of its services did not start. Bounded by ten
    /// seconds.
    /// </summary>
    public async ValueTask DisposeAsync()
    {
        using var bound = new CancellationTokenSource(s_lastStop);
        await StopAsync(bound.Token).ConfigureAwait(false);
    }

    /// <summary>
    /// As <see cref="DisposeAsync"/>, without the good order: the connection is closed, and the child ends with it.
    /// </summary>
    public void Dispose()
    {
        _isStopping = true;
        _supervisor?.Dispose();
    }

    private IpcSpawnOptions Completed(IpcSpawnOptions spawn)
    {
        ILogger lines = _loggers.CreateLogger(ChildLogWriter.CategoryOf(Name));
        return spawn with
        {
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
                    $"{Name} did not say within {options.StartTimeout.TotalSeconds:0.###} s that its host has started. "
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

        HostingLog.ChildReady(_logger, Name, child.Id);
    }

    private IpcProxy? Follow(bool isCall)
        => _supervisor is { } supervisor ? IpcProxy.Behind(supervisor.FollowingRoot)
            : isCall ? throw new IpcDisconnectedException($"{Name} was not started yet. The host starts it.")
            : null;

    private void Gone(Task completion, bool stopsHost)
    {
        if (_isStopping)
        {
            return;
        }

        string reason = completion.Exception?.InnerException?.Message ?? "It has ended by itself, with exit code 0.";
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
    /// Has the child's host stop, and waits for the end of its process. One that takes too long is killed.
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
            // It is ending by itself, or hangs; the wait for its end finds out which.
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
