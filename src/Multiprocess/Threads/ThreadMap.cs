using Multiprocess.Messages;

namespace Multiprocess.Threads;

/// <summary>The logical threads of one connection, and its gate: the lock that guards everything that is routed.</summary>
/// <remarks>
/// Lock order: the gate, then a table's own lock. Nothing is woken, sent or run while the gate is held.
/// </remarks>
internal sealed class ThreadMap
{
    private readonly Dictionary<long, LogicalThread> _threads = [];
    private readonly List<LogicalThread> _dead = [];
    private long _lastId;

    /// <summary>The connection's gate.</summary>
    public Lock Gate { get; } = new();

    /// <summary>True once the connection has ended. Set under the gate, read anywhere.</summary>
    public bool IsClosed => Volatile.Read(ref _closed);

    private bool _closed;

    /// <summary>Told, under the gate, when there is a first thread that this side began.</summary>
    public Action? FirstThreadBegun { get; set; }

    /// <summary>How many logical threads there are that this side began. Under the gate.</summary>
    public int OwnCount { get; private set; }

    /// <summary>How many asynchronous calls of this side are not answered yet. Under the gate.</summary>
    public int PendingAsynchronous { get; set; }

    /// <summary>How many workers there are. Under the gate.</summary>
    public int WorkerCount { get; private set; }

    /// <summary>Begins a logical thread for the calling physical thread. Under the gate.</summary>
    public LogicalThread Begin(Thread owner)
    {
        var thread = new LogicalThread(++_lastId, owner);
        _threads.Add(thread.Id, thread);
        if (OwnCount++ == 0)
        {
            FirstThreadBegun?.Invoke();
        }

        return thread;
    }

    /// <summary>Makes the logical thread for one that the peer began. Under the gate.</summary>
    public LogicalThread Adopt(long id)
    {
        var thread = new LogicalThread(id, owner: null);
        _threads.Add(id, thread);
        WorkerCount++;
        return thread;
    }

    /// <summary>Finds a logical thread. Under the gate.</summary>
    public LogicalThread? Find(long id) => _threads.TryGetValue(id, out LogicalThread? thread) ? thread : null;

    /// <summary>The stacks of all threads that call over this connection, or run calls of the peer. Under the gate.</summary>
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

    /// <summary>Forgets a logical thread. Under the gate.</summary>
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

    /// <summary>Takes out the logical threads whose client thread has ended. Under the gate.</summary>
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

    /// <summary>What wakes the thread that reads when nobody waits, if there is one. Under the gate.</summary>
    public Parker? StandBy { get; set; }

    /// <summary>Closes the map and returns the threads to wake, and the messages that nobody will look at. Under the gate.</summary>
    public void Close(List<Parker> toWake, List<Message> unread)
    {
        Volatile.Write(ref _closed, true);
        if (StandBy is not null)
        {
            toWake.Add(StandBy);
        }

        foreach (LogicalThread thread in _threads.Values.ToArray())
        {
            // A worker takes its thread out itself when it leaves; where there is none, nobody else would.
            if (!thread.HasWorker)
            {
                Remove(thread);
            }

            // An answer that has come is still taken by the thread that waits for it; calls are no longer begun.
            List<Message> answers = [];
            while (thread.Take() is { } message)
            {
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
