using Multiprocess.Diagnostics;
using Multiprocess.Locks;
using Multiprocess.Metrics;

namespace Multiprocess.Connections;

/// <summary>The open connections of this process.</summary>
/// <remarks>
/// A connection is listed from the end of its handshake until it ends. The lock is never held together with another
/// lock.
/// </remarks>
internal static class LiveConnections
{
    private static readonly Lock s_lock = new();
    private static readonly HashSet<ConnectionCore> s_open = [];

    // The totals of ended connections, so that the overall totals never decrease. Guarded by the lock.
    private static TransferTotals s_ended;

    // The number of the last connection. Guarded by the lock.
    private static long s_last;

    static LiveConnections() => DiagnosticsAssembly.WhenLoaded(ConnectionMeter.Make);

    /// <summary>Adds a connection that has opened.</summary>
    /// <returns>The connection's number.</returns>
    public static long Add(ConnectionCore connection)
    {
        using (Uninterruptible.Enter(s_lock))
        {
            s_open.Add(connection);
            return ++s_last;
        }
    }

    public static void Remove(ConnectionCore connection)
    {
        using (Uninterruptible.Enter(s_lock))
        {
            if (s_open.Remove(connection))
            {
                s_ended += connection.Transferred;
            }
        }
    }

    /// <summary>Lists the open connections, and returns the totals of the ended ones.</summary>
    public static ConnectionCore[] List(out TransferTotals ended)
    {
        using (Uninterruptible.Enter(s_lock))
        {
            ended = s_ended;
            return [.. s_open];
        }
    }
}
