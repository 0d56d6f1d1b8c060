namespace Multiprocess.AspNetCore;

/// <summary>The connections that are served behind Kestrel. Thread-safe.</summary>
internal sealed class EndpointConnections
{
    private readonly Lock _lock = new();

    // Under the lock: each until nothing of it is left that Kestrel would cut.
    private readonly Dictionary<IpcConnection, (TimeSpan Drain, Task Served)> _open = [];
    private bool _isStopping;

    /// <summary>Adds one that is open. When the application stops already, it is drained at once.</summary>
    /// <param name="connection">The connection.</param>
    /// <param name="drain">How long its calls may run on.</param>
    /// <param name="served">Ends when nothing of it is left.</param>
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

    /// <summary>Drains all side by side. Ends when nothing of them is left.</summary>
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
