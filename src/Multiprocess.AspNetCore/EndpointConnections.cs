namespace Multiprocess.AspNetCore;

/// <summary>The connections that are served behind Kestrel. Thread-safe.</summary>
internal sealed class EndpointConnections
{
    private readonly Lock _lock = new();

    // Guarded by the lock. A connection stays here until nothing is left of it that Kestrel could cut off.
    private readonly Dictionary<IpcConnection, (TimeSpan Drain, Task Served)> _open = [];
    private bool _isStopping;

    /// <summary>
    /// Adds an open connection. If the application is already stopping, the connection is drained at once.
    /// </summary>
    /// <param name="connection">The connection.</param>
    /// <param name="drain">How long its calls may continue.</param>
    /// <param name="served">Completes when nothing of the connection is left.</param>
    public void Add(IpcConnection connection, TimeSpan drain, Task served)
    {
        bool isStopping;
        lock (_lock)
        {
            isStopping = _isStopping;
            _open.Add(connection, (drain, served));
        }

        if (isStopping)
        {
            _ = connection.ShutdownAsync(drain);
        }
    }

    public void Remove(IpcConnection connection)
    {
        lock (_lock)
        {
            _open.Remove(connection);
        }
    }

    /// <summary>Drains all connections at the same time. Completes when nothing of them is left.</summary>
    public Task StopAsync()
    {
        KeyValuePair<IpcConnection, (TimeSpan Drain, Task Served)>[] open;
        lock (_lock)
        {
            _isStopping = true;
            open = [.. _open];
        }

        foreach ((IpcConnection connection, (TimeSpan drain, _)) in open)
        {
            _ = connection.ShutdownAsync(drain);
        }

        return Task.WhenAll(open.Select(one => one.Value.Served));
    }
}
