using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Multiprocess.Hosting.Logging;

namespace Multiprocess.Hosting.Servers;

/// <summary>
/// Makes the roots of one server, each from a scope of its own, which lives as long as anything of its connection runs.
/// </summary>
/// <remarks>Thread-safe.</remarks>
internal sealed class ConnectionScopes(IServiceProvider services, ILogger logger)
{
    private readonly Lock _lock = new();

    // Under the lock: the ends that are not over yet.
    private readonly HashSet<Task> _ending = [];

    /// <summary>Ends when no scope of a connection that has ended is left.</summary>
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
    /// Makes the root of a connection. Its scope ends with the connection; if the root cannot be made, at once.
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
        scope.ServiceProvider.GetRequiredService<CurrentConnection>().Connection = connection;

        // What this throws ends the connection, and the scope with it.
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
        await ((Task)connection.Completion).ConfigureAwait(
            ConfigureAwaitOptions.SuppressThrowing | ConfigureAwaitOptions.ForceYielding);

        // A method that is still running uses what the scope has given it.
        await connection.Core.WhenCallsEnded().ConfigureAwait(false);
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
