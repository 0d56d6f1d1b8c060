using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Multiprocess.Hosting.Logging;

namespace Multiprocess.Hosting.Servers;

/// <summary>
/// Creates the roots of one server, each from a scope of its own. A scope lives as long as its connection and the
/// connection's calls.
/// </summary>
/// <remarks>Thread-safe.</remarks>
internal sealed class ConnectionScopes(IServiceProvider services, ILogger logger)
{
    private readonly Lock _lock = new();

    // Guarded by the lock: the scopes that have not ended yet.
    private readonly HashSet<Task> _ending = [];

    /// <summary>Completes when no scope of an ended connection is left.</summary>
    public Task WhenEnded
    {
        get
        {
            lock (_lock)
            {
                return Task.WhenAll(_ending);
            }
        }
    }

    /// <summary>
    /// Creates the root of a connection. Its scope ends with the connection, or at once if the root cannot be created.
    /// </summary>
    public T Make<T>(IpcConnection connection, Func<IServiceProvider, IpcConnection, T> makeRoot) where T : class
    {
        AsyncServiceScope scope = services.CreateAsyncScope();
        Task end = EndAsync(scope, connection);
        lock (_lock)
        {
            _ending.Add(end);
        }

        _ = end.ContinueWith(
            Forget, CancellationToken.None, TaskContinuationOptions.ExecuteSynchronously, TaskScheduler.Default);
        scope.ServiceProvider.GetRequiredService<IpcConnectionAccessor>().Connection = connection;

        // An exception here ends the connection, and the scope with it.
        return makeRoot(scope.ServiceProvider, connection);
    }

    private void Forget(Task end)
    {
        lock (_lock)
        {
            _ending.Remove(end);
        }
    }

    private async Task EndAsync(AsyncServiceScope scope, IpcConnection connection)
    {
        // A method that still runs uses services of the scope.
        await connection.WhenCallsEndedAsync().ConfigureAwait(false);
        try
        {
            await scope.DisposeAsync().ConfigureAwait(false);
        }
        catch (Exception exception)
        {
            HostingLog.ScopeFailed(logger, exception);
        }
    }
}
