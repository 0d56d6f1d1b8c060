using Multiprocess.Threads;

namespace Multiprocess.Connections;

/// <summary>Has what the process cannot do without made while it can be had: before the first client, not when all is used up.</summary>
/// <remarks>
/// The thread pool makes the thread that adds others, and the runtime the thread of its timers, when they are first needed,
/// and a process for which the system has none at that moment is aborted or loses its timers.
/// </remarks>
internal static class Readiness
{
    private const string KeptThreads = "System.Threading.ThreadPool.ThreadsToKeepAlive";

    private static readonly Lock s_lock = new();
    private static bool s_isPrepared;
    private static Timer? s_timer;

    /// <summary>Makes it, once.</summary>
    /// <exception cref="OutOfMemoryException">The system does not give it.</exception>
    public static void Prepare()
    {
        if (Volatile.Read(ref s_isPrepared))
        {
            return;
        }

        lock (s_lock)
        {
            if (s_isPrepared)
            {
                return;
            }

            // Heeded only when the pool has not begun yet: it then never gives up its last thread.
            if (AppContext.GetData(KeptThreads) is null)
            {
                AppContext.SetData(KeptThreads, "1");
            }

            _ = PoolTurns.Shared;
            PoolWatch.Start();
            ThreadPool.UnsafeQueueUserWorkItem(static _ => { }, null);
            s_timer ??= new Timer(static _ => s_timer?.Dispose(), null, 1, Timeout.Infinite);
            Volatile.Write(ref s_isPrepared, true);
        }
    }
}
