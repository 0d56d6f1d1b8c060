using Multiprocess.Connections;
using Multiprocess.Locks;

namespace Multiprocess.Introspection;

/// <summary>Adds taps to the open connections while somebody watches, and removes them afterwards.</summary>
internal static class TracedConnections
{
    /// <summary>
    /// Held while taps are added or removed. The only lock taken under it is that of the list of open connections.
    /// </summary>
    private static readonly Lock s_lock = new();

    private static MessageTrace[] s_traces = [];

    /// <summary>The current watchers. Thread-safe.</summary>
    public static MessageTrace[] All => Volatile.Read(ref s_traces);

    public static void Add(MessageTrace trace)
    {
        using (Uninterruptible.Enter(s_lock))
        {
            Volatile.Write(ref s_traces, [.. s_traces, trace]);
            foreach (ConnectionCore connection in LiveConnections.List(out _))
            {
                Tap(connection);
            }
        }
    }

    public static void Remove(MessageTrace trace)
    {
        using (Uninterruptible.Enter(s_lock))
        {
            Volatile.Write(ref s_traces, [.. s_traces.Where(other => other != trace)]);
            foreach (ConnectionCore connection in s_traces.Length == 0 ? LiveConnections.List(out _) : [])
            {
                if (connection.Channel.Logger is MessageTap tap)
                {
                    connection.Channel.Logger = tap.Own;
                }
            }
        }
    }

    /// <summary>Called when a connection was opened and is in the list of open connections.</summary>
    public static void Opened(ConnectionCore connection)
    {
        if (All.Length == 0)
        {
            // A watcher that begins now finds the connection in the list.
            return;
        }

        using (Uninterruptible.Enter(s_lock))
        {
            if (s_traces.Length != 0)
            {
                Tap(connection);
            }
        }
    }

    private static void Tap(ConnectionCore connection)
    {
        if (connection.Channel.Logger is not MessageTap && connection.Serves != IntrospectionStub.ContractName)
        {
            connection.Channel.Logger = new MessageTap(connection, connection.Channel.Logger);
        }
    }
}
