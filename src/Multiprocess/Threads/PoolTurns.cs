using Multiprocess.Locks;

namespace Multiprocess.Threads;

/// <summary>The pool threads that run asynchronous calls of peers. Connections get them in turn.</summary>
/// <remarks>
/// All connections together use at most <see cref="Most"/> pool threads, and the pool's minimum is set above that.
/// However much the methods of peers block, timers, completions and the program's own work still find a thread.
/// Thread-safe.
/// </remarks>
internal sealed class PoolTurns : IThreadPoolWorkItem
{
    // Turns that one pool work item runs before it queues itself behind other work of the pool.
    private const int MaxTurnsInARow = 16;

    private readonly Lock _lock = new();

    // Guarded by the lock. One entry for each turn that a share asked for and that has not begun.
    private readonly Queue<PoolShare> _asked = new();
    private int _running;

    /// <param name="most">Most pool threads at a time, at least 1.</param>
    internal PoolTurns(int most)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(most, 1);
        Most = most;
    }

    /// <summary>Most pool threads that one connection uses at a time for its calls and their continuations.</summary>
    public static int MostOfOneConnection { get; } = Math.Max(2, Environment.ProcessorCount);

    /// <summary>The turns of the process.</summary>
    /// <remarks>
    /// Declared behind the number that it needs: static members are initialized in the order of the text.
    /// </remarks>
    public static PoolTurns Shared { get; } = ForProcess();

    /// <summary>Most pool threads at a time.</summary>
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

    /// <summary>Asks for one turn.</summary>
    public void Ask(PoolShare share)
    {
        bool mustWait;
        using (Uninterruptible.Enter(_lock))
        {
            _asked.Enqueue(share);
            mustWait = _running == Most;
            if (!mustWait)
            {
                _running++;
            }
        }

        if (mustWait)
        {
            PoolWatch.Watch(share);
        }
        else
        {
            ThreadPool.UnsafeQueueUserWorkItem(this, preferLocal: false);
        }
    }

    void IThreadPoolWorkItem.Execute()
    {
        for (int i = 0; i < MaxTurnsInARow; i++)
        {
            PoolShare? share;
            using (Uninterruptible.Enter(_lock))
            {
                if (!_asked.TryDequeue(out share))
                {
                    _running--;
                    return;
                }
            }

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

        ThreadPool.UnsafeQueueUserWorkItem(this, preferLocal: false);
    }

    private static PoolTurns ForProcess()
    {
        int processors = Environment.ProcessorCount;
        int most = 2 * MostOfOneConnection;
        ThreadPool.GetMinThreads(out int workers, out int completions);
        ThreadPool.GetMaxThreads(out int maxWorkers, out _);
        int wanted = most + processors;
        if (workers < wanted && !ThreadPool.SetMinThreads(wanted, completions))
        {
            // The program limits its pool to fewer threads: use half of them.
            most = Math.Clamp(maxWorkers / 2, 1, most);
        }

        return new PoolTurns(most);
    }
}
