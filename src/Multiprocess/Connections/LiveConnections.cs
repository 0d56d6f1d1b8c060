using Multiprocess.Diagnostics;
using Multiprocess.Metrics;

namespace Multiprocess.Connections;

/// <summary>The open connections of this process.</summary>
/// <remarks>
/// A connection is in it from the end of its handshake to its own end. The lock is held together with no other one.
/// </remarks>
internal static class LiveConnections
{
    private static readonly Lock s_lock = new();
    private static readonly HashSet<ConnectionCore> s_open = [];

    // What those transferred that have ended: totals never go back. Under the lock.
    private static Transferred s_ended;

    // The number of the last one. Under the lock.
    private static long s_last;

    static LiveConnections() => DiagnosticsAssembly.WhenLoaded(ConnectionMeter.Make);

    /// <summary>Adds one that is open now.</summary>
    /// <returns>Its number.</returns>
    public static long Add(ConnectionCore connection)
    {
        lock (s_lock)
        {
            s_open.Add(connection);
            return ++s_last;
        }
    }

    public static void Remove(ConnectionCore connection)
    {
        lock (s_lock)
        {
            if (s_open.Remove(connection))
            {
                s_ended += connection.Transferred;
            }
        }
    }

    /// <summary>Those that are open, and what went over those that are no more.</summary>
    public static ConnectionCore[] List(out Transferred ended)
    {
        lock (s_lock)
        {
            ended = s_ended;
            return [.. s_open];
        }
    }
}
