using Multiprocess.Locks;
using Multiprocess.Transports;

namespace Multiprocess.Threads;

/// <summary>One connection's share of the call pool, for the asynchronous calls of its peer.</summary>
/// <remarks>
/// <para>
/// A task scheduler: a method that it runs returns to it after each <c>await</c>, unless the method turns that off, so
/// its continuations count too. A method that awaits has no thread and does not count. Thread-safe.
/// </para>
/// <para>
/// Methods that block must not stop the work behind them for ever, since they may wait for exactly that work. If work
/// waits and none of it begins, the connection gets a dedicated thread outside the pool, and another one at each check
/// (<see cref="PoolWatch"/>) as long as nothing begins. These threads count against <see cref="IpcLimits.MaxThreads"/>.
/// </para>
/// </remarks>
internal sealed class PoolShare : TaskScheduler
{
    // Time that an idle dedicated thread waits for more work, in milliseconds.
    private const int DefaultLinger = 1000;

    [ThreadStatic]
    private static PoolShare? t_current;

    private readonly CallPool _pool;
    private readonly int _most;
    private readonly Func<int, bool> _allowsThread;
    private readonly int _lingerMilliseconds;

    // A monitor, because dedicated threads wait on it. It guards all following fields.
    private readonly object _lock = new();
    private readonly Queue<Task> _waiting = new();
    private int _turnsTaken;
    private int _ownThreads;
    private int _idleThreads;

    // Idle threads that were woken for a piece of work and have not looked for it yet. Never more than the number of
    // idle threads that are about to look: threads that were woken, and threads whose time has run out.
    private int _calledThreads;
    private long _begun;
    private long _begunAtLook;
    private bool _isWatched;

    /// <param name="pool">Grants turns on its threads.</param>
    /// <param name="most">Most pool threads at a time.</param>
    /// <param name="allowsThread">Given the number of dedicated threads, tells whether one more is allowed.</param>
    /// <param name="lingerMilliseconds">How long an idle dedicated thread waits for more work.</param>
    public PoolShare(
        CallPool pool,
        int most,
        Func<int, bool> allowsThread,
        int lingerMilliseconds = DefaultLinger)
    {
        _lingerMilliseconds = lingerMilliseconds;
        _pool = pool;
        _most = most;
        _allowsThread = allowsThread;
    }

    /// <summary>Queues a piece of work behind earlier ones, without the caller's execution context.</summary>
    public void Post(Action<object?> work, object? state)
    {
        if (ExecutionContext.IsFlowSuppressed())
        {
            new Task(work, state, TaskCreationOptions.DenyChildAttach).Start(this);
            return;
        }

        using (ExecutionContext.SuppressFlow())
        {
            new Task(work, state, TaskCreationOptions.DenyChildAttach).Start(this);
        }
    }

    /// <summary>Runs the oldest piece of work on the calling thread, which holds a turn.</summary>
    /// <returns>
    /// True when more work waits: the caller asks for the turn again. False when the turn was given back.
    /// </returns>
    public bool RunOne()
    {
        Task? task;
        using (Uninterruptible.Enter(_lock))
        {
            if (!_waiting.TryDequeue(out task))
            {
                _turnsTaken--;
                return false;
            }

            _begun++;
        }

        Run(task);
        using (Uninterruptible.Enter(_lock))
        {
            if (_waiting.Count > 0)
            {
                return true;
            }

            _turnsTaken--;
            return false;
        }
    }

    /// <summary>
    /// Checks whether waiting work makes progress, and starts a dedicated thread if it does not. Called by the pool
    /// watch.
    /// </summary>
    /// <returns>True while work waits: the share must be checked again.</returns>
    public bool Look()
    {
        using (Uninterruptible.Enter(_lock))
        {
            if (_waiting.Count == 0)
            {
                return _isWatched = false;
            }

            bool moves = _begun != _begunAtLook;
            _begunAtLook = _begun;
            if (moves)
            {
                return true;
            }
        }

        // A turn that was refused, because the system provided no thread, may be given by now.
        if (TryTakeTurn())
        {
            return true;
        }

        using (Uninterruptible.Enter(_lock))
        {
            if (!_allowsThread(_ownThreads))
            {
                return true;
            }

            _ownThreads++;
        }

        try
        {
            BackgroundThread.StartForPeer(RunAll, "ipc asynchronous");
        }
        catch (OutOfMemoryException)
        {
            // The system gives no thread now; it may at the next check.
            using (Uninterruptible.Enter(_lock))
            {
                _ownThreads--;
            }
        }

        return true;
    }

    /// <summary>Marks the share as watched.</summary>
    /// <returns>False when the share is watched already, or nothing waits.</returns>
    public bool BeginToBeWatched()
    {
        using (Uninterruptible.Enter(_lock))
        {
            if (_isWatched || _waiting.Count == 0)
            {
                return false;
            }

            _begunAtLook = _begun;
            return _isWatched = true;
        }
    }

    protected override void QueueTask(Task task)
    {
        using (Uninterruptible.Enter(_lock))
        {
            _waiting.Enqueue(task);
            if (_idleThreads > _calledThreads)
            {
                _calledThreads++;
                Monitor.Pulse(_lock);
                return;
            }
        }

        if (!TryTakeTurn())
        {
            PoolWatch.Watch(this);
        }
    }

    /// <summary>
    /// A thread that runs work of this connection and waits for another piece of it may run that piece itself.
    /// </summary>
    protected override bool TryExecuteTaskInline(Task task, bool taskWasPreviouslyQueued)
        => t_current == this && TryExecuteTask(task);

    protected override IEnumerable<Task> GetScheduledTasks()
    {
        using (Uninterruptible.Enter(_lock))
        {
            return [.. _waiting];
        }
    }

    /// <summary>False when the share has all its turns, or there is no thread.</summary>
    private bool TryTakeTurn()
    {
        using (Uninterruptible.Enter(_lock))
        {
            if (_turnsTaken == _most)
            {
                return false;
            }

            _turnsTaken++;
        }

        if (_pool.TryAsk(this))
        {
            return true;
        }

        using (Uninterruptible.Enter(_lock))
        {
            _turnsTaken--;
            return false;
        }
    }

    private void Run(Task task)
    {
        PoolShare? outer = t_current;
        ExecutionContext? clean = ExecutionContext.Capture();
        t_current = this;
        try
        {
            TryExecuteTask(task);
        }
        finally
        {
            t_current = outer;

            // Changes of the thread's context must not reach the next piece of work.
            if (clean is not null)
            {
                ExecutionContext.Restore(clean);
            }

            if (SynchronizationContext.Current is not null)
            {
                SynchronizationContext.SetSynchronizationContext(null);
            }
        }
    }

    /// <summary>The loop of a dedicated thread: runs waiting work, and ends when none came for a while.</summary>
    private void RunAll()
    {
        while (Take() is { } task)
        {
            Run(task);
        }
    }

    private Task? Take()
    {
        using (Uninterruptible.Enter(_lock))
        {
            if (_waiting.Count == 0)
            {
                // A method may have interrupted this thread. No code is left that the interrupt concerns.
                bool isInterrupted = false;
                _idleThreads++;
                Uninterruptible.Wait(_lock, _lingerMilliseconds, ref isInterrupted);
                _idleThreads--;

                // A wake-up is answered by whichever thread looks first, including a thread whose time had run out when
                // another thread was woken. If only the woken thread counted, an idle thread that has ended could stay
                // in the count, and the next piece of work would wait for it forever.
                _calledThreads = Math.Max(0, _calledThreads - 1);
            }

            if (_waiting.TryDequeue(out Task? task))
            {
                _begun++;
                return task;
            }

            _ownThreads--;
            return null;
        }
    }
}
