using Multiprocess.Locks;
using Multiprocess.Threads;
using Multiprocess.Transports;

namespace Multiprocess.Connections;

/// <summary>
/// Creates the runtime's own threads before the first client, while the system still has threads to give.
/// </summary>
/// <remarks>
/// The thread pool creates the thread that adds other threads, and the runtime the thread of its timers, only when they
/// are first needed. When the system has no thread at that moment, the process is aborted or loses its timers.
/// </remarks>
internal static class EarlyThreads
{
    private const string KeptThreads = "System.Threading.ThreadPool.ThreadsToKeepAlive";

    // The first thread of the pool, the thread that adds others to it, and the thread of the timers.
    private const int FirstThreads = 3;
    private const int ProbeStackBytes = 128 * 1024;

    private static readonly Lock s_lock = new();
    private static bool s_areCreated;
    private static Timer? s_timer;

    /// <summary>Creates the threads, once.</summary>
    /// <exception cref="OutOfMemoryException">The system does not provide the threads.</exception>
    public static void Create()
    {
        if (Volatile.Read(ref s_areCreated))
        {
            return;
        }

        using (Uninterruptible.Enter(s_lock))
        {
            if (s_areCreated)
            {
                return;
            }

            // Read only before the thread pool starts: the pool then always keeps its last thread.
            if (AppContext.GetData(KeptThreads) is null)
            {
                AppContext.SetData(KeptThreads, "1");
            }

            PoolWatch.Start();
            Probe();
            ThreadPool.UnsafeQueueUserWorkItem(static _ => { }, null);
            s_timer ??= new Timer(static _ => s_timer?.Dispose(), null, 1, Timeout.Infinite);
            Volatile.Write(ref s_areCreated, true);
        }
    }

    /// <summary>
    /// Checks that the system gives as many threads as the pool and the timers begin with, and one more. Without this
    /// check, the pool would abort the process when it gets no thread; an error of the connection is better.
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
