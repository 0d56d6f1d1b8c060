using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;
using Multiprocess.Hosting.Logging;
using Multiprocess.Hosting.Servers;

namespace Multiprocess.Hosting;

/// <summary>
/// A server that runs under a host. All of them are resolved as <c>IEnumerable&lt;IpcHostedServer&gt;</c>.
/// </summary>
/// <remarks>
/// Thread-safe. The server listens when the host has started. When the host stops, all servers first stop accepting and
/// refuse new calls, before any other hosted service stops. Then each server waits for its running calls. Connections
/// that have not ended within the host's shutdown time-out are closed.
/// </remarks>
public sealed class IpcHostedServer : IHostedLifecycleService
{
    private readonly Func<IpcHostedServerOptions> _options;
    private readonly Func<IpcHostedServer, IpcHostedServerOptions, ConnectionScopes, IpcServer> _listen;
    private readonly ConnectionScopes _scopes;
    private readonly ILogger _logger;

    // Written by calls of the host, which do not overlap; read by any thread.
    private volatile IpcServer? _server;
    private volatile Task? _shutdown;

    internal IpcHostedServer(
        IServiceProvider services,
        string name,
        Func<IpcHostedServer, IpcHostedServerOptions, ConnectionScopes, IpcServer> listen)
    {
        Name = name;
        _listen = listen;
        LoggerFactory = services.GetRequiredService<ILoggerFactory>();
        _logger = LoggerFactory.CreateLogger(HostingLog.Category);
        _scopes = new ConnectionScopes(services, _logger);
        IOptionsMonitor<IpcHostedServerOptions> options =
            services.GetRequiredService<IOptionsMonitor<IpcHostedServerOptions>>();
        _options = () => options.Get(name);
    }

    /// <summary>The name under which the server was added. Its options have the same name.</summary>
    public string Name { get; }

    /// <summary>The server; null before the host has started it.</summary>
    public IpcServer? Server => _server;

    /// <summary>True from the moment when clients can connect until the host begins to stop.</summary>
    public bool IsReady => _server is { IsAccepting: true } && _shutdown is null;

    internal ILoggerFactory LoggerFactory { get; }

    Task IHostedLifecycleService.StartingAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    Task IHostedService.StartAsync(CancellationToken cancellationToken)
    {
        IpcHostedServerOptions options = _options();
        IpcServer server = _listen(this, options, _scopes);
        _server = server;
        HostingLog.Listening(_logger, Name, server.Address.ToString());
        return Task.CompletedTask;
    }

    Task IHostedLifecycleService.StartedAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    /// <summary>
    /// All servers drain at the same time: waiting for one of them first would leave no time for the next.
    /// </summary>
    Task IHostedLifecycleService.StoppingAsync(CancellationToken cancellationToken)
    {
        Begin();
        return Task.CompletedTask;
    }

    async Task IHostedService.StopAsync(CancellationToken cancellationToken)
    {
        // A host that did not start completely is stopped without the step above.
        Begin();
        if (_server is not { } server)
        {
            return;
        }

        try
        {
            await _shutdown!.WaitAsync(cancellationToken).ConfigureAwait(false);
        }
        catch (OperationCanceledException)
        {
            HostingLog.Aborted(_logger, Name, server.Address.ToString());
            server.Dispose();
        }

        await ((Task)_scopes.WhenEnded.WaitAsync(
            cancellationToken)).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
    }

    Task IHostedLifecycleService.StoppedAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    private void Begin()
    {
        if (_server is { } server)
        {
            _shutdown ??= server.ShutdownAsync(_options().DrainTimeout);
        }
    }
}
