using System.Globalization;
using Multiprocess.Locks;
using Multiprocess.Threads;
using Multiprocess.Transports;

namespace Multiprocess.Connections;

/// <summary>
/// Creates the runtime's own threads before the first client, while the system still has threads to give.
/// </summary>
/// <remarks>
/// <para>
/// The thread pool creates the thread that adds other threads, and the runtime the thread of its timers, only when they
/// are first needed. When the system has no thread at that moment, the process is aborted or loses its timers.
/// </para>
/// <para>
/// A worker of the pool that takes work asks for another worker, up to the pool's minimum, whether or not there is more
/// work. If all existing workers are busy, it creates one, and the process ends when the system refuses the thread. So
/// several workers are created early and kept.
/// </para>
/// </remarks>
internal static class EarlyThreads
{
    private const string KeptThreads = "System.Threading.ThreadPool.ThreadsToKeepAlive";

    // More would take time at every start, and the pool seldom needs more at once for the work of this library.
    private const int MostWorkers = 4;

    // The thread that adds others to the pool, and the thread of the timers.
    private const int OtherThreads = 2;
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

            // The number of processors is the pool's usual minimum.
            int workers = Math.Min(Environment.ProcessorCount, MostWorkers);

            // Read only before the thread pool starts: the pool then always keeps so many workers.
            if (AppContext.GetData(KeptThreads) is null)
            {
                AppContext.SetData(KeptThreads, workers.ToString(CultureInfo.InvariantCulture));
            }

            PoolWatch.Start();
            Probe(workers + OtherThreads + 1);
            CreateWorkers(workers);
            s_timer ??= new Timer(static _ => s_timer?.Dispose(), null, 1, Timeout.Infinite);
            Volatile.Write(ref s_areCreated, true);
        }
    }

    // Each worker is busy until the last one was asked for, so that the pool needs all of them.
    private static void CreateWorkers(int count)
    {
        var end = new ManualResetEventSlim();
        try
        {
            for (int i = 0; i < count; i++)
            {
                ThreadPool.UnsafeQueueUserWorkItem(static end => end.Wait(), end, preferLocal: false);
            }
        }
        finally
        {
            end.Set();
        }
    }

    /// <summary>
    /// Checks that the system gives as many threads as the pool and the timers begin with, and one more. Without this
    /// check, the pool would abort the process when it gets no thread; an error of the connection is better.
    /// </summary>
    private static void Probe(int count)
    {
        using var end = new ManualResetEventSlim();
        var threads = new List<Thread>(count);
        try
        {
            while (threads.Count < count)
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
