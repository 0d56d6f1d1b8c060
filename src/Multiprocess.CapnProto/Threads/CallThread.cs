using System.Globalization;
using Multiprocess.CapnProto.Rpc;
using Multiprocess.CapnProto.Rpc.Calls;
using Multiprocess.CapnProto.Rpc.Capabilities;
using Multiprocess.CapnProto.Rpc.Sockets;
using Multiprocess.Threads;
using Multiprocess.Transports;

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

    private readonly CapnpSession? _owner;
    private readonly Thread? _thread;
    private readonly TimeAway _timeAway = new();

    // Under the gate, like the fields below.
    private readonly Queue<ThreadWork> _work = new();

    // The sessions whose answers the thread waits for, the innermost last.
    private readonly List<CapnpSession?> _waits = [];
    private Parker? _sleeper;
    private SocketReadingRole? _reads;
    private Answer? _awaited;
    private bool _isStarted;
    private bool _hasEnded;

    // Own thread only: the callers' threads of the calls that run here, the innermost last.
    private readonly List<(CapnpSession Session, Capability? CallbackThread)> _running = [];

    private CallThread(Thread thread)
    {
        _thread = thread;
        Name = thread.Name ?? string.Create(CultureInfo.InvariantCulture, $"thread {thread.ManagedThreadId}");
    }

    /// <summary>Creates a worker. Its thread begins with the first work.</summary>
    /// <param name="name">The thread's name.</param>
    /// <param name="owner">The session whose calls it runs.</param>
    public CallThread(string name, CapnpSession owner)
    {
        Name = name;
        _owner = owner;
    }

    /// <summary>The calling thread.</summary>
    public static CallThread Current => t_current ??= new(Thread.CurrentThread);

    public string Name { get; }

    /// <summary>False once the thread cannot make calls any more.</summary>
    public bool IsAlive => _thread?.IsAlive ?? !Volatile.Read(ref _hasEnded);

    /// <summary>Whether the thread waits in the queue for a reading role. Under the gate.</summary>
    public bool IsListed { get; set; }

    /// <summary>Whether the thread sleeps, and nobody has woken it yet. Under the gate.</summary>
    public bool IsAsleep => _sleeper is not null;

    /// <summary>Whether the thread has neither work nor its answer. Under the gate.</summary>
    public bool HasNothing => _work.Count == 0 && _awaited is not { IsDone: true } && !_hasEnded;

    private bool IsWorker => _owner is not null;

    /// <summary>
    /// The thread of the peer that waits for the innermost call that runs here; null if this thread runs no call of the
    /// peer. Own thread only.
    /// </summary>
    public Capability? CallerOf(CapnpSession session)
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

    /// <summary>Says that the thread begins to run a call of a peer. Own thread only.</summary>
    /// <param name="session">The peer's.</param>
    /// <param name="callbackThread">The thread that waits for the call. The call keeps a reference to it.</param>
    public void BeginRun(CapnpSession session, Capability? callbackThread) => _running.Add((session, callbackThread));

    /// <summary>Ends what <see cref="BeginRun"/> began. Own thread only.</summary>
    public void EndRun() => _running.RemoveAt(_running.Count - 1);

    /// <summary>Gives the thread work, or refuses it. Any thread, also under the gate.</summary>
    public void Post(CapnpSession session, ThreadWork work)
    {
        string refusal;
        lock (Gate.Lock)
        {
            if (_hasEnded)
            {
                refusal = "Expected one that is alive, got one that has ended";
            }
            else if (!IsWorker && !_waits.Contains(session))
            {
                refusal = "Expected one that waits for an answer, got one that does not";
            }
            else
            {
                _work.Enqueue(work);
                if (IsWorker && !_isStarted)
                {
                    _isStarted = true;

                    // Not here, because the gate is held.
                    ThreadPool.UnsafeQueueUserWorkItem(static thread => thread.Start(), this, preferLocal: false);
                }

                Wake();
                return;
            }
        }

        work.Refuse(new CapnpException(CapnpExceptionType.Failed, $"Thread '{Name}': {refusal}."));
    }

    /// <summary>
    /// Says that the thread is about to wait. Must precede the send, because a callback can arrive before the send
    /// returns. Own thread only, under the gate.
    /// </summary>
    public void BeginWait(CapnpSession? session) => _waits.Add(session);

    /// <summary>Waits for the answer, and runs callbacks meanwhile. Own thread only.</summary>
    public void Wait(Answer answer)
    {
        while (Next(answer) is { } work)
        {
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
        lock (Gate.Lock)
        {
            _waits.RemoveAt(_waits.Count - 1);
            if (_waits.Count == 0 && !IsWorker && _work.Count > 0)
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

    /// <summary>Wakes a waiting thread, which then looks at its answer and its work. Under the gate.</summary>
    public void Wake()
    {
        if (_sleeper is { } sleeper)
        {
            _sleeper = null;
            AfterGate.Wake(sleeper);
        }
        else
        {
            _reads?.Interrupt();
        }
    }

    /// <summary>Gives a sleeping thread the role of reading, and wakes it. Under the gate.</summary>
    public void GiveRole(SocketReadingRole role)
    {
        _reads = role;
        Parker? sleeper = _sleeper;
        _sleeper = null;
        AfterGate.Wake(sleeper);
    }

    /// <summary>Ends a worker once its work is done. Any thread, also under the gate.</summary>
    public void End()
    {
        lock (Gate.Lock)
        {
            _hasEnded = true;
            Wake();
        }
    }

    // Waits, and reads meanwhile if no other thread does.
    // Returns null when the answer is there, or when a worker has ended.
    private ThreadWork? Next(Answer? answer)
    {
        Parker parker = Parker.Current;
        Answer? outer = null;
        bool isFirst = true;
        bool mustSleep = false;
        while (true)
        {
            SocketReadingRole? role;
            AfterGate.Enter();
            try
            {
                lock (Gate.Lock)
                {
                    if (isFirst)
                    {
                        isFirst = false;
                        _timeAway.Return();
                        outer = _awaited;
                        _awaited = answer;
                    }

                    _sleeper = null;
                    if (IsOver(answer, out ThreadWork? work))
                    {
                        _awaited = outer;
                        Leave(work);
                        return work;
                    }

                    role = RoleOf(answer);
                    if (_reads is not null && (_reads != role || mustSleep))
                    {
                        GiveUpRole();
                    }

                    if (!mustSleep && role is not null && role.TryTake(this))
                    {
                        _reads = role;
                    }
                    else
                    {
                        _reads = null;
                        _sleeper = parker;
                        role?.List(this);
                    }

                    mustSleep = false;
                    role = _reads;
                }
            }
            finally
            {
                AfterGate.Leave(mayWait: false);
            }

            if (role is not null)
            {
                mustSleep = role.Read(this);
            }
            else
            {
                parker.Park();
            }
        }
    }

    private bool IsOver(Answer? answer, out ThreadWork? work)
    {
        work = null;
        if (answer is { IsDone: true })
        {
            return true;
        }

        return _work.TryDequeue(out work) || (answer is null && _hasEnded);
    }

    // The connection from which the answer comes, or the next call for a worker. Null if it comes from elsewhere.
    private SocketReadingRole? RoleOf(Answer? answer) => answer is null
        ? _owner?.Connection.Role
        : answer.Question is { IsReturned: false } question ? question.Connection.Role : null;

    private void GiveUpRole()
    {
        SocketReadingRole role = _reads!;
        _reads = null;
        role.Leave(isLong: false, others: false);
    }

    // Under the gate: the thread goes on with work, or with its answer.
    private void Leave(ThreadWork? work)
    {
        SocketReadingRole? role = _reads;
        TimeAway reason = (role is null ? null : work?.TimeIn(role)) ?? _timeAway;
        _timeAway.Leave(reason);
        if (role is not null)
        {
            _reads = null;
            role.Leave(reason.IsLong, others: work is not null || role.HasQuestions);
        }
    }

    private void Start()
    {
        try
        {
            BackgroundThread.StartForPeer(RunWork, Name);
        }
        catch (OutOfMemoryException exception)
        {
            ThreadWork[] left;
            lock (Gate.Lock)
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
        while (Next(answer: null) is { } work)
        {
            work.Run();
        }
    }
}
