namespace Multiprocess.Threads;

/// <summary>The threads of the pool that run what peers ask for asynchronously, dealt out in turn to the connections.</summary>
/// <remarks>
/// All connections together never have more than <see cref="Most"/> threads of the pool, and the pool is told to have
/// more than that: whatever the methods of peers block, timers, completions and the program's own work still find one.
/// Thread-safe.
/// </remarks>
internal sealed class PoolTurns : IThreadPoolWorkItem
{
    // How many turns one work item of the pool takes before it queues itself behind what else the pool has to do.
    private const int MaxTurnsInARow = 16;

    private readonly Lock _lock = new();

    // Under the lock: one entry for each turn that a share has asked for and not begun.
    private readonly Queue<PoolShare> _asked = new();
    private int _running;

    /// <param name="most">Most threads of the pool at a time.</param>
    internal PoolTurns(int most) => Most = most;

    /// <summary>Those of the process.</summary>
    public static PoolTurns Shared { get; } = ForProcess();

    /// <summary>Most threads of the pool that one connection has at a time for its bodies and continuations.</summary>
    public static int MostOfOneConnection { get; } = Math.Max(2, Environment.ProcessorCount);

    /// <summary>Most threads of the pool at a time.</summary>
    public int Most { get; }

    /// <summary>Asks for a turn.</summary>
    public void Ask(PoolShare share)
    {
        bool mustWait;
        lock (_lock)
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
            lock (_lock)
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
                lock (_lock)
                {
                    mustWait = _asked.Count > 0;
                    _asked.Enqueue(share);
                }

                if (mustWait)
                {
                    // What comes before it may block this thread.
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
            // The program allows its pool fewer threads: half of those.
            most = Math.Clamp(maxWorkers / 2, 1, most);
        }

        return new PoolTurns(most);
    }
}
