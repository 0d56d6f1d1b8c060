using Multiprocess.Transports;

namespace Multiprocess.Threads;

/// <summary>What one connection may have of the thread pool for the asynchronous calls of its peer.</summary>
/// <remarks>
/// <para>
/// A scheduler: a method that is begun by it comes back to it after each <c>await</c> that does not turn that off, so its
/// continuations count too. A method that awaits has no thread and does not count. Thread-safe.
/// </para>
/// <para>
/// Methods that block must not stop those behind them for ever, since they may wait for just these. What waits without
/// anything being begun gets a thread of the connection's own, not of the pool, one after another as long as nothing
/// moves (<see cref="PoolWatch"/>). Those threads count against <see cref="IpcLimits.MaxThreads"/>.
/// </para>
/// </remarks>
internal sealed class PoolShare : TaskScheduler
{
    // How long a thread of the connection's own stays for what comes next.
    private const int LingerMilliseconds = 1000;

    [ThreadStatic]
    private static PoolShare? t_current;

    private readonly PoolTurns _turns;
    private readonly int _most;
    private readonly Func<int, bool> _allowsThread;

    // A monitor, because threads of the connection's own wait on it. It guards all that follows.
    private readonly object _lock = new();
    private readonly Queue<Task> _waiting = new();
    private int _turnsTaken;
    private int _ownThreads;
    private int _idleThreads;
    private long _begun;
    private long _begunAtLook;
    private bool _isWatched;

    /// <param name="turns">Where turns are asked for.</param>
    /// <param name="most">Most threads of the pool at a time.</param>
    /// <param name="allowsThread">Says whether it may have one more thread of its own, given how many it has.</param>
    public PoolShare(PoolTurns turns, int most, Func<int, bool> allowsThread)
    {
        _turns = turns;
        _most = most;
        _allowsThread = allowsThread;
    }

    /// <summary>Has a piece of work begun after those before it, in none of the caller's context.</summary>
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

    /// <summary>Runs the oldest piece of work, on the calling thread, which has a turn.</summary>
    /// <returns>True when there is more: the turn is asked for again. False when it is given back.</returns>
    public bool RunOne()
    {
        Task? task;
        lock (_lock)
        {
            if (!_waiting.TryDequeue(out task))
            {
                _turnsTaken--;
                return false;
            }

            _begun++;
        }

        Run(task);
        lock (_lock)
        {
            if (_waiting.Count > 0)
            {
                return true;
            }

            _turnsTaken--;
            return false;
        }
    }

    /// <summary>Looks, from outside, whether what waits here moves; gives it a thread of its own if it does not.</summary>
    /// <returns>True while something waits: it is to be looked at again.</returns>
    public bool Look()
    {
        lock (_lock)
        {
            if (_waiting.Count == 0)
            {
                return _isWatched = false;
            }

            bool moves = _begun != _begunAtLook;
            _begunAtLook = _begun;
            if (moves || !_allowsThread(_ownThreads))
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
            // The system has none now; at the next look it may.
            lock (_lock)
            {
                _ownThreads--;
            }
        }

        return true;
    }

    /// <summary>Notes that it is looked at from now on.</summary>
    /// <returns>False when it is already.</returns>
    public bool BeginToBeWatched()
    {
        lock (_lock)
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
        bool hasTurn;
        lock (_lock)
        {
            _waiting.Enqueue(task);
            if (_idleThreads > 0)
            {
                _idleThreads--;
                Monitor.Pulse(_lock);
                return;
            }

            hasTurn = _turnsTaken < _most;
            if (hasTurn)
            {
                _turnsTaken++;
            }
        }

        if (hasTurn)
        {
            _turns.Ask(this);
        }
        else
        {
            PoolWatch.Watch(this);
        }
    }

    /// <summary>A thread that runs a piece of this connection's work, and waits for another one, may run that itself.</summary>
    protected override bool TryExecuteTaskInline(Task task, bool taskWasPreviouslyQueued) => t_current == this && TryExecuteTask(task);

    protected override IEnumerable<Task> GetScheduledTasks()
    {
        lock (_lock)
        {
            return [.. _waiting];
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

            // What the work has changed of the thread's context is not for the next one.
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

    /// <summary>A thread of the connection's own: runs what waits, and leaves when nothing has come for a while.</summary>
    private void RunAll()
    {
        while (Take() is { } task)
        {
            Run(task);
        }
    }

    private Task? Take()
    {
        lock (_lock)
        {
            if (_waiting.Count == 0)
            {
                _idleThreads++;
                if (!Monitor.Wait(_lock, LingerMilliseconds) && _waiting.Count == 0 && _idleThreads > 0)
                {
                    _idleThreads--;
                }
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
