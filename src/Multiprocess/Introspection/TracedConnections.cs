using Multiprocess.Connections;

namespace Multiprocess.Introspection;

/// <summary>Puts taps into the open connections while somebody watches, and takes them out again.</summary>
internal static class TracedConnections
{
    /// <summary>
    /// Held while taps are put in or taken out. No other lock is taken under it but that of the list of open
    /// connections.
    /// </summary>
    private static readonly Lock s_lock = new();

    private static MessageTrace[] s_traces = [];

    /// <summary>Who watches now. Any thread.</summary>
    public static MessageTrace[] All => Volatile.Read(ref s_traces);

    public static void Add(MessageTrace trace)
    {
        lock (s_lock)
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
        lock (s_lock)
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

    /// <summary>A connection was opened, and is in the list of those that are open.</summary>
    public static void Opened(ConnectionCore connection)
    {
        if (All.Length == 0)
        {
            // Whoever begins to watch now finds it in the list.
            return;
        }

        lock (s_lock)
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
