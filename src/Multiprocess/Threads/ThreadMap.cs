using Multiprocess.Locks;
using Multiprocess.Protocols;

namespace Multiprocess.Threads;

/// <summary>The logical threads of one connection, and its gate: the lock for all routing state.</summary>
/// <remarks>
/// Lock order: the gate, then a table's own lock. No thread is woken, nothing is sent and nothing is run while the gate
/// is held.
/// </remarks>
internal sealed class ThreadMap
{
    private readonly Dictionary<long, LogicalThread> _threads = [];
    private readonly List<LogicalThread> _dead = [];
    private long _lastId;

    /// <param name="received">Counts the messages received and not yet run.</param>
    public ThreadMap(ReceivedBytes? received = null)
        => Received = received ?? new ReceivedBytes(long.MaxValue / 2, long.MaxValue / 2, shared: null);

    /// <summary>The messages received and not yet run. Under the gate.</summary>
    public ReceivedBytes Received { get; }

    /// <summary>Tells, without any lock, whether bytes of this side wait until the peer receives them.</summary>
    public Func<bool> IsSending { get; set; } = static () => false;

    /// <summary>Makes a paused reader check again. Outside the gate.</summary>
    public Action Resume { get; set; } = static () => { };

    /// <summary>Number of threads of this side that wait for an answer of the peer. Under the gate.</summary>
    public int AwaitingAnswers { get; private set; }

    /// <summary>
    /// True when too much waits to be run and nothing on this side needs the peer to be read: no thread and no task
    /// waits for an answer, and no bytes wait for a peer that may itself read only after it has sent. Under the gate.
    /// </summary>
    public bool MayPause
        => (Received.IsOver || (Received.IsPaused && !Received.MayResume))
            && AwaitingAnswers == 0
            && PendingAsynchronous == 0
            && !IsSending()
            && !IsClosed;

    /// <summary>
    /// Records whether the thread bound to <paramref name="thread"/> waits for an answer. Under the gate.
    /// </summary>
    public void NoteAwaiting(LogicalThread thread, bool isAwaiting)
    {
        if (thread.IsAwaitingAnswer != isAwaiting)
        {
            thread.IsAwaitingAnswer = isAwaiting;
            AwaitingAnswers += isAwaiting ? 1 : -1;
        }
    }

    /// <summary>Stops counting a message that waited and now runs or was dropped.</summary>
    public void Begun(Message message)
    {
        using (Uninterruptible.Enter(Gate))
        {
            Received.Remove(message);
        }

        if (Received.IsPaused)
        {
            Resume();
        }
    }

    /// <summary>The connection's gate.</summary>
    public Lock Gate { get; } = new();

    /// <summary>True once the connection has ended. Set under the gate, read anywhere.</summary>
    public bool IsClosed => Volatile.Read(ref _closed);

    private bool _closed;

    /// <summary>Number of logical threads that this side began. Under the gate.</summary>
    public int OwnCount { get; private set; }

    /// <summary>Number of asynchronous calls of this side without an answer. Under the gate.</summary>
    public int PendingAsynchronous { get; set; }

    /// <summary>Number of logical threads that the peer began; each has at most one worker. Under the gate.</summary>
    public int WorkerCount { get; private set; }

    /// <summary>Begins a logical thread for the calling physical thread. Under the gate.</summary>
    public LogicalThread Begin(Thread owner)
    {
        var thread = new LogicalThread(++_lastId, owner);
        _threads.Add(thread.Id, thread);
        OwnCount++;
        return thread;
    }

    /// <summary>Creates the logical thread for a number of the peer. Under the gate.</summary>
    public LogicalThread Adopt(long id)
    {
        var thread = new LogicalThread(id, owner: null);
        _threads.Add(id, thread);
        WorkerCount++;
        return thread;
    }

    /// <summary>Finds a logical thread. Under the gate.</summary>
    public LogicalThread? Find(long id) => _threads.TryGetValue(id, out LogicalThread? thread) ? thread : null;

    /// <summary>
    /// The stacks of all threads that call over this connection, or run calls of the peer. Under the gate.
    /// </summary>
    public HashSet<CallStack> ListStacks()
    {
        var stacks = new HashSet<CallStack>();
        foreach (LogicalThread thread in _threads.Values)
        {
            if (thread.Stack is { } stack)
            {
                stacks.Add(stack);
            }
        }

        return stacks;
    }

    /// <summary>Removes a logical thread. Under the gate.</summary>
    public void Remove(LogicalThread thread)
    {
        if (_threads.Remove(thread.Id))
        {
            if (thread.Id > 0)
            {
                OwnCount--;
            }
            else
            {
                WorkerCount--;
            }
        }
    }

    /// <summary>Removes and returns the logical threads whose client thread has ended. Under the gate.</summary>
    public IReadOnlyList<LogicalThread> TakeDead()
    {
        _dead.Clear();
        foreach (LogicalThread thread in _threads.Values)
        {
            if (thread.Owner is { IsAlive: false } && !thread.HasAbandoned)
            {
                _dead.Add(thread);
            }
        }

        _dead.ForEach(Remove);
        return _dead;
    }

    /// <summary>Wakes the thread that reads when no thread waits; null if there is none. Under the gate.</summary>
    public Parker? StandBy { get; set; }

    /// <summary>
    /// Closes the map. Collects the threads to wake and the messages that nobody will read. Under the gate.
    /// </summary>
    public void Close(List<Parker> toWake, List<Message> unread)
    {
        Volatile.Write(ref _closed, true);
        Received.Close();
        if (StandBy is not null)
        {
            toWake.Add(StandBy);
        }

        foreach (LogicalThread thread in _threads.Values.ToArray())
        {
            // A worker removes its thread itself when it stops. Without a worker, it must be removed here.
            if (!thread.HasWorker)
            {
                Remove(thread);
            }

            // A waiting thread still takes an answer that has arrived; calls no longer begin.
            List<Message> answers = [];
            while (thread.Take() is { } message)
            {
                message.WaitingBytes = 0;
                (message.Type is MessageType.Return or MessageType.Error ? answers : unread).Add(message);
            }

            answers.ForEach(answer => thread.Post(answer));

            if (thread.Waiter is { } waiter)
            {
                toWake.Add(waiter);
                thread.Waiter = null;
            }
        }
    }
}
