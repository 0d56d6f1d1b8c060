using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Multiprocess.Hosting.Logging;
using Multiprocess.Hosting.Servers;

namespace Multiprocess.Hosting.Parents;

/// <summary>Serves the parent while the host runs.</summary>
/// <typeparam name="T">The contract.</typeparam>
internal sealed class ParentService<T> : IHostedLifecycleService where T : class
{
    private readonly ParentLink<T> _link;
    private readonly Func<IServiceProvider, IpcConnection, T> _makeRoot;
    private readonly ConnectionScopes _scopes;
    private readonly ILogger _logger;
    private Task? _drained;

    public ParentService(
        ParentLink<T> link,
        IServiceProvider services,
        ILoggerFactory loggers,
        IHostApplicationLifetime lifetime,
        Func<IServiceProvider, IpcConnection, T> makeRoot)
    {
        _link = link;
        _makeRoot = makeRoot;
        _logger = loggers.CreateLogger(HostingLog.Category);
        _scopes = new ConnectionScopes(services, _logger);
        link.Attach(lifetime, loggers);
    }

    public Task StartingAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public Task StartAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    /// <summary>The root is created when all hosted services have started.</summary>
    public Task StartedAsync(CancellationToken cancellationToken)
    {
        try
        {
            _link.Serve(Make);
        }
        catch (Exception)
        {
            // The parent was told, and the failure was logged.
            _link.Fail();
        }

        return Task.CompletedTask;
    }

    private T Make(IpcConnection connection)
    {
        try
        {
            return _scopes.Make(connection, _makeRoot);
        }
        catch (Exception exception)
        {
            // If this throws, the connection ends, so the failure is logged first.
            HostingLog.RootFailed(_logger, typeof(T).FullName!, exception);
            _link.Flush();
            throw;
        }
    }

    public Task StoppingAsync(CancellationToken cancellationToken)
    {
        _drained = _link.Connection.StopServingAsync(Timeout.InfiniteTimeSpan);
        return Task.CompletedTask;
    }

    public Task StopAsync(CancellationToken cancellationToken)
        => (_drained ?? Task.CompletedTask).WaitAsync(cancellationToken);

    /// <summary>
    /// The parent gets all entries up to here before the host is disposed. Entries of disposed services follow.
    /// </summary>
    public Task StoppedAsync(CancellationToken cancellationToken)
    {
        _link.Flush();
        return Task.CompletedTask;
    }
}
