using Multiprocess.Locks;
using Multiprocess.Transports;

namespace Multiprocess.Threads;

/// <summary>Watches pool shares whose waiting work makes no progress. One thread per process.</summary>
/// <remarks>
/// A thread and not a timer: timer callbacks run on the framework's pool, which may be used up. The thread sleeps while
/// nothing waits anywhere, and work that begins at once does not wake it.
/// </remarks>
internal static class PoolWatch
{
    private const int TickMilliseconds = 50;
    private const int StackBytes = 128 * 1024;

    private static readonly object s_lock = new();

    // Guarded by the lock.
    private static readonly List<PoolShare> s_watched = [];
    private static bool s_started;
    private static bool s_sleeps;

    /// <summary>Starts the thread before it is needed.</summary>
    /// <exception cref="OutOfMemoryException">The system gives no thread.</exception>
    public static void Start()
    {
        using (Uninterruptible.Enter(s_lock))
        {
            if (!s_started)
            {
                BackgroundThread.Start(Run, "ipc pool watch", StackBytes);
                s_started = true;
            }
        }
    }

    /// <summary>Watches a share until nothing waits there any more.</summary>
    public static void Watch(PoolShare share)
    {
        if (!share.BeginToBeWatched())
        {
            return;
        }

        using (Uninterruptible.Enter(s_lock))
        {
            s_watched.Add(share);
            if (s_sleeps)
            {
                s_sleeps = false;
                Monitor.Pulse(s_lock);
            }
        }

        try
        {
            Start();
        }
        catch (OutOfMemoryException)
        {
            // The waiting work continues when the pool has a thread for it. The next watch tries to start the thread
            // again.
        }
    }

    private static void Run()
    {
        while (true)
        {
            PoolShare[] watched;
            using (Uninterruptible.Enter(s_lock))
            {
                if (s_watched.Count == 0)
                {
                    s_sleeps = true;
                    Monitor.Wait(s_lock);
                    continue;
                }

                Monitor.Wait(s_lock, TickMilliseconds);
                watched = [.. s_watched];
            }

            // Outside the lock, because a check takes the share's own lock.
            List<PoolShare> done = [];
            foreach (PoolShare share in watched)
            {
                if (!share.Look())
                {
                    done.Add(share);
                }
            }

            if (done.Count > 0)
            {
                using (Uninterruptible.Enter(s_lock))
                {
                    // Removes one entry per share: the share may have been added again meanwhile.
                    done.ForEach(share => s_watched.Remove(share));
                }
            }
        }
    }
}
