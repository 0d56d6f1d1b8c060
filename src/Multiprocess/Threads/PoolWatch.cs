using Multiprocess.Transports;

namespace Multiprocess.Threads;

/// <summary>Looks after shares of the pool in which something waits and nothing moves. One thread for the process.</summary>
/// <remarks>
/// A thread and not a timer: a timer's callback runs on the pool, which is what may be used up. It sleeps while nothing
/// waits anywhere, and is not woken for work that is begun at once.
/// </remarks>
internal static class PoolWatch
{
    private const int TickMilliseconds = 50;
    private const int StackBytes = 128 * 1024;

    private static readonly object s_lock = new();

    // Under the lock.
    private static readonly List<PoolShare> s_watched = [];
    private static bool s_started;
    private static bool s_sleeps;

    /// <summary>Has the thread there before it is needed.</summary>
    /// <exception cref="OutOfMemoryException">The system gives no thread.</exception>
    public static void Start()
    {
        lock (s_lock)
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

        lock (s_lock)
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
            // What waits goes on when the pool has a thread for it, and the next that waits tries again.
        }
    }

    private static void Run()
    {
        while (true)
        {
            PoolShare[] watched;
            lock (s_lock)
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

            // Outside the lock: a look takes the share's own.
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
                lock (s_lock)
                {
                    // One entry of each: it may have been added again meanwhile.
                    done.ForEach(share => s_watched.Remove(share));
                }
            }
        }
    }
}
