using Multiprocess.Locks;
using Multiprocess.Threads;
using Multiprocess.Transports;

namespace Multiprocess.Connections;

/// <summary>
/// Creates what the process cannot do without early, before the first client, and not when the system's resources are
/// used up.
/// </summary>
/// <remarks>
/// The thread pool creates the thread that adds other threads, and the runtime the thread of its timers, only when they
/// are first needed. When the system has no thread at that moment, the process is aborted or loses its timers.
/// </remarks>
internal static class Readiness
{
    private const string KeptThreads = "System.Threading.ThreadPool.ThreadsToKeepAlive";

    // The pool's first, the one that adds others, the one of timers.
    private const int FirstThreads = 3;
    private const int ProbeStackBytes = 128 * 1024;

    private static readonly Lock s_lock = new();
    private static bool s_isPrepared;
    private static Timer? s_timer;

    /// <summary>Creates the threads, once.</summary>
    /// <exception cref="OutOfMemoryException">The system does not provide the threads.</exception>
    public static void Prepare()
    {
        if (Volatile.Read(ref s_isPrepared))
        {
            return;
        }

        using (Steady.Enter(s_lock))
        {
            if (s_isPrepared)
            {
                return;
            }

            // Read only before the thread pool starts: the pool then always keeps its last thread.
            if (AppContext.GetData(KeptThreads) is null)
            {
                AppContext.SetData(KeptThreads, "1");
            }

            _ = PoolTurns.Shared;
            PoolWatch.Start();
            Probe();
            ThreadPool.UnsafeQueueUserWorkItem(static _ => { }, null);
            s_timer ??= new Timer(static _ => s_timer?.Dispose(), null, 1, Timeout.Infinite);
            Volatile.Write(ref s_isPrepared, true);
        }
    }

    /// <summary>
    /// Finds out whether the system gives as many threads as the pool and the timers begin with, and one more: the pool ends the
    /// process where it gets none, and an error of the connection is better.
    /// </summary>
    private static void Probe()
    {
        using var end = new ManualResetEventSlim();
        var threads = new List<Thread>(FirstThreads + 1);
        try
        {
            while (threads.Count <= FirstThreads)
            {
                threads.Add(BackgroundThread.Start(end.Wait, "ipc probe", ProbeStackBytes));
            }
        }
        finally
        {
            end.Set();
            threads.ForEach(static thread => thread.Join());
        }
    }
}
