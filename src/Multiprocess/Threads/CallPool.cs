using Multiprocess.Locks;
using Multiprocess.Transports;

namespace Multiprocess.Threads;

/// <summary>The threads that run asynchronous calls of peers. Connections get them in turn.</summary>
/// <remarks>
/// <para>
/// Separate from the framework's thread pool. However much the methods of peers block, timers, completions and the
/// program's own work still find a thread of the pool, and a program that uses the pool up does not delay its peers.
/// </para>
/// <para>
/// The framework's pool also starts its threads on whatever thread gives it work, and the process ends when the system
/// refuses such a thread. Here a refused thread is no failure: fewer threads do the work. Thread-safe.
/// </para>
/// </remarks>
internal sealed class CallPool
{
    // Time that an idle thread waits for more work, in milliseconds.
    private const int LingerMilliseconds = 20_000;

    // A monitor, because idle threads wait on it. It guards all following fields.
    private readonly object _lock = new();

    // One entry for each turn that a share asked for and that has not begun.
    private readonly Queue<PoolShare> _asked = new();
    private int _threads;
    private int _idleThreads;

    /// <param name="most">Most threads at a time, at least 1.</param>
    internal CallPool(int most)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(most, 1);
        Most = most;
    }

    /// <summary>Most threads that one connection uses at a time for its calls and their continuations.</summary>
    public static int MostOfOneConnection { get; } = Math.Max(2, Environment.ProcessorCount);

    /// <summary>The threads of the process.</summary>
    /// <remarks>
    /// Declared behind the number that it needs: static members are initialized in the order of the text.
    /// </remarks>
    public static CallPool Shared { get; } = new(2 * MostOfOneConnection);

    /// <summary>Most threads at a time.</summary>
    public int Most { get; }

    /// <summary>Number of turns that were asked for and have not begun.</summary>
    internal int Asked
    {
        get
        {
            using (Uninterruptible.Enter(_lock))
            {
                return _asked.Count;
            }
        }
    }

    /// <summary>Asks for one turn. The share keeps the turn until <see cref="PoolShare.RunOne"/> is false.</summary>
    /// <returns>False when there is no thread at all, and the system provides none.</returns>
    public bool TryAsk(PoolShare share)
    {
        bool startsThread;
        using (Uninterruptible.Enter(_lock))
        {
            if (_asked.Count < _idleThreads)
            {
                Queue(share);
                return true;
            }

            startsThread = _threads < Most;
            if (startsThread)
            {
                _threads++;
            }
            else
            {
                Queue(share);
            }
        }

        if (startsThread && TryStartThread())
        {
            using (Uninterruptible.Enter(_lock))
            {
                Queue(share);
            }

            return true;
        }

        if (startsThread)
        {
            using (Uninterruptible.Enter(_lock))
            {
                if (--_threads == 0)
                {
                    return false;
                }

                Queue(share);
            }
        }

        PoolWatch.Watch(share);
        return true;
    }

    private void Queue(PoolShare share)
    {
        _asked.Enqueue(share);
        if (_idleThreads > 0)
        {
            Monitor.Pulse(_lock);
        }
    }

    private bool TryStartThread()
    {
        try
        {
            BackgroundThread.StartForPeer(RunAll, "ipc pool");
            return true;
        }
        catch (OutOfMemoryException)
        {
            return false;
        }
    }

    private void RunAll()
    {
        while (Take() is { } share)
        {
            if (share.RunOne())
            {
                bool mustWait;
                using (Uninterruptible.Enter(_lock))
                {
                    mustWait = _asked.Count > 0;
                    _asked.Enqueue(share);
                }

                if (mustWait)
                {
                    // The work queued before it may block this thread.
                    PoolWatch.Watch(share);
                }
            }
        }
    }

    /// <summary>The next share whose turn it is; null when none came for a while, and the thread must end.</summary>
    private PoolShare? Take()
    {
        using (Uninterruptible.Enter(_lock))
        {
            long start = Environment.TickCount64;
            while (true)
            {
                if (_asked.TryDequeue(out PoolShare? share))
                {
                    return share;
                }

                long left = start + LingerMilliseconds - Environment.TickCount64;
                if (left <= 0)
                {
                    _threads--;
                    return null;
                }

                // A method may have interrupted this thread. No code is left that the interrupt concerns.
                bool isInterrupted = false;
                _idleThreads++;
                Uninterruptible.Wait(_lock, (int)left, ref isInterrupted);
                _idleThreads--;
            }
        }
    }
}
