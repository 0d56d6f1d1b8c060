using System.Globalization;
using Multiprocess.CapnProto.Rpc;

namespace Multiprocess.CapnProto.Threads;

/// <summary>
/// A thread of this process as peers know it: a thread that waits for answers, or a worker that runs calls.
/// </summary>
/// <remarks>
/// <para>
/// States of a worker: <b>idle</b> (no thread of the system yet), <b>running</b>, <b>ended</b>. Work for a worker is
/// run in order. While a method that a worker runs waits for an answer, the worker runs the callbacks in between.
/// </para>
/// <para>
/// A thread of the application runs work only while it waits for an answer of the peer that sends the work. Other work
/// is refused: a peer cannot put a call on a thread by merely naming it.
/// </para>
/// </remarks>
internal sealed class CallThread
{
    [ThreadStatic]
    private static CallThread? t_current;

    // Taken last, also under the gate. Nothing is called while it is held.
    private readonly object _lock = new();
    private readonly Queue<ThreadWork> _work = new();

    // The sessions whose answers the thread waits for, the innermost last. Guarded by _lock.
    private readonly List<CapnpSession?> _waits = [];
    private readonly bool _isWorker;
    private readonly Thread? _thread;
    private bool _isStarted;
    private bool _hasEnded;

    // Own thread only: the callers' threads of the calls that run here, the innermost last.
    private readonly List<(CapnpSession Session, CapnpReference? CallbackThread)> _running = [];

    private CallThread(Thread thread)
    {
        _thread = thread;
        Name = thread.Name ?? string.Create(CultureInfo.InvariantCulture, $"thread {thread.ManagedThreadId}");
    }

    /// <summary>Creates a worker. Its thread begins with the first work.</summary>
    public CallThread(string name)
    {
        Name = name;
        _isWorker = true;
    }

    /// <summary>The calling thread.</summary>
    public static CallThread Current => t_current ??= new(Thread.CurrentThread);

    public string Name { get; }

    /// <summary>False once the thread cannot make calls any more.</summary>
    public bool IsAlive => _thread?.IsAlive ?? !Volatile.Read(ref _hasEnded);

    /// <summary>
    /// The thread of the peer that waits for the innermost call that runs here; null if this thread runs no call of the
    /// peer. Own thread only.
    /// </summary>
    public CapnpReference? CallerOf(CapnpSession session)
    {
        for (int i = _running.Count - 1; i >= 0; i--)
        {
            if (_running[i].Session == session && _running[i].CallbackThread is { } caller)
            {
                return caller;
            }
        }

        return null;
    }

    /// <summary>Runs a call of a peer. Own thread only.</summary>
    public void Run(CapnpSession session, CapnpReference? callbackThread, Action body)
    {
        _running.Add((session, callbackThread));
        try
        {
            body();
        }
        finally
        {
            _running.RemoveAt(_running.Count - 1);
        }
    }

    /// <summary>Gives the thread work, or refuses it. Any thread, also under the gate.</summary>
    public void Post(CapnpSession session, ThreadWork work)
    {
        string? refusal = null;
        bool mustStart = false;
        lock (_lock)
        {
            if (_hasEnded)
            {
                refusal = "Expected one that is alive, got one that has ended";
            }
            else if (!_isWorker && !_waits.Contains(session))
            {
                refusal = "Expected one that waits for an answer, got one that does not";
            }
            else
            {
                _work.Enqueue(work);
                mustStart = _isWorker && !_isStarted;
                _isStarted |= mustStart;
                Monitor.PulseAll(_lock);
            }
        }

        if (refusal is not null)
        {
            work.Refuse(new CapnpException(CapnpExceptionType.Failed, $"Thread '{Name}': {refusal}."));
        }
        else if (mustStart)
        {
            // Not here, because the gate may be held.
            ThreadPool.UnsafeQueueUserWorkItem(static thread => thread.Start(), this, preferLocal: false);
        }
    }

    /// <summary>
    /// Says that the thread is about to wait. Must precede the send, because a callback can arrive before the send
    /// returns. Own thread only.
    /// </summary>
    public void BeginWait(CapnpSession? session)
    {
        lock (_lock)
        {
            _waits.Add(session);
        }
    }

    /// <summary>Waits for the answer, and runs callbacks meanwhile. Own thread only.</summary>
    public void Wait(CapnpAnswer answer)
    {
        answer.WhenDone(Wake);
        while (true)
        {
            ThreadWork? work;
            lock (_lock)
            {
                while (!answer.IsDone && _work.Count == 0)
                {
                    Monitor.Wait(_lock);
                }

                if (answer.IsDone)
                {
                    return;
                }

                work = _work.Dequeue();
            }

            work.Run();
        }
    }

    /// <summary>
    /// Ends what <see cref="BeginWait"/> began. Work that is left when the outermost wait ends belongs to calls that
    /// were abandoned. Own thread only.
    /// </summary>
    public void EndWait()
    {
        ThreadWork[] left = [];
        lock (_lock)
        {
            _waits.RemoveAt(_waits.Count - 1);
            if (_waits.Count == 0 && !_isWorker)
            {
                left = [.. _work];
                _work.Clear();
            }
        }

        foreach (ThreadWork work in left)
        {
            work.Refuse(new CapnpException(
                CapnpExceptionType.Failed, $"Thread '{Name}': Expected one that waits for an answer, got one that does "
                    + "not."));
        }
    }

    /// <summary>Wakes a waiting thread, which then looks at its answer. Any thread, also under the gate.</summary>
    public void Wake()
    {
        lock (_lock)
        {
            Monitor.PulseAll(_lock);
        }
    }

    /// <summary>Ends a worker once its work is done. Any thread, also under the gate.</summary>
    public void End()
    {
        lock (_lock)
        {
            _hasEnded = true;
            Monitor.PulseAll(_lock);
        }
    }

    private void Start()
    {
        try
        {
            new Thread(RunWork) { IsBackground = true, Name = Name }.Start();
        }
        catch (OutOfMemoryException exception)
        {
            List<ThreadWork> left;
            lock (_lock)
            {
                _isStarted = false;
                left = [.. _work];
                _work.Clear();
            }

            foreach (ThreadWork work in left)
            {
                work.Refuse(new CapnpException(
                    CapnpExceptionType.Overloaded, $"Thread '{Name}': It cannot be started: {exception.Message}"));
            }
        }
    }

    private void RunWork()
    {
        t_current = this;
        while (true)
        {
            ThreadWork? work;
            lock (_lock)
            {
                while (!_work.TryDequeue(out work))
                {
                    if (_hasEnded)
                    {
                        return;
                    }

                    Monitor.Wait(_lock);
                }
            }

            work.Run();
        }
    }
}
