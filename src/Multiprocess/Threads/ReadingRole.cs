using System.Diagnostics;
using Multiprocess.Framing;
using Multiprocess.Locks;
using Multiprocess.Protocols;
using Multiprocess.Transports;

namespace Multiprocess.Threads;

/// <summary>The fast way of reading: a thread that must wait anyway reads the transport itself.</summary>
/// <remarks>
/// <para>
/// The reading role is free, held by a waiting thread, or held by the stand-by, which holds it first. Legal moves, each
/// under the gate and counted by the epoch: free → a thread that begins to wait, or the stand-by that saw data; holder
/// → free; holder → a parked thread, which is woken for it.
/// </para>
/// <para>
/// A thread that wants to wait checks in this order, in one hold of the gate: if there is a message or a reason to stop
/// waiting, it leaves; if the role is free, it takes the role; otherwise it adds itself to the list and sleeps. A
/// thread that wakes it has first posted a message, closed the connection, or given it the role. These checks, on every
/// path, prevent a lost wake-up.
/// </para>
/// <para>
/// The holder routes <em>every</em> complete message in the buffer in one hold of the gate, so that no message stays
/// where no poll would see it. When it finds its own message, it gives the role up in the same hold and then leaves to
/// run the message: the holder runs no user code. The one illegal state is a free role with the stand-by asleep: the
/// thread that frees the role wakes the stand-by.
/// </para>
/// </remarks>
internal sealed class ReadingRole : MessagePump
{
    // A holder that reads only for other threads gives the role up, because the thread that the messages are for reads
    // faster itself. Otherwise an idle worker would keep the role for ever, and every call of another thread would cost
    // a thread switch.
    private const int MaxForOneOther = 4;
    private const int MaxForOthers = 64;

    private readonly FrameReader _frames;
    private readonly SpinBudget _spin = new(maxTries: 50, minTries: 4);

    // These spins make no system call and do not give the core to other threads. So they pay only for very quick
    // answers.
    private readonly SpinBudget _spinInMemory = new(maxTries: 512, minTries: 64);
    private readonly StandByReader _standBy;
    private readonly TimeAway[] _methods = new TimeAway[256];

    // Guarded by the gate: the holder, and the threads that could take the role. Entries that no longer wait are
    // skipped.
    private readonly Queue<LogicalThread> _parked = new();
    private object? _holder;

    // Holder only.
    private long _servedLast;
    private int _servedInARow;
    private int _servedOthers;

    public ReadingRole(FrameReader frames, ThreadMap map, Transport transport)
        : base(map)
    {
        _frames = frames;
        _standBy = new StandByReader(this, map, transport, PauseMilliseconds);

        // The stand-by holds the role until it has routed the data that came together with the peer's Hello. A caller
        // that received first would block while a message is already in the buffer.
        _holder = _standBy;
        for (int i = 0; i < _methods.Length; i++)
        {
            _methods[i] = new TimeAway();
        }
    }

    /// <summary>True when no thread reads. Under the gate.</summary>
    public bool IsFree => _holder is null;

    /// <summary>Counts the moves of the role. Under the gate.</summary>
    public long Epoch { get; private set; }

    protected override void Start() => _standBy.Start();

    protected override void Resume()
    {
        Parker? standBy;
        using (Uninterruptible.Enter(Map.Gate))
        {
            standBy = _standBy.Poll();
        }

        standBy?.Unpark();
    }

    public override void SenderStalled()
    {
        Parker? standBy;
        using (Uninterruptible.Enter(Map.Gate))
        {
            standBy = IsFree ? _standBy.Poll() : null;
        }

        standBy?.Unpark();
    }

    /// <summary>
    /// Called by the stand-by when it saw data: takes the role if it is free, routes the received messages, and gives
    /// the role back.
    /// </summary>
    /// <returns>False when another thread reads or has read meanwhile.</returns>
    public bool ReadAsStandBy(RoutedWork work)
    {
        using (Uninterruptible.Enter(Map.Gate))
        {
            // At the first read the stand-by already holds the role.
            if ((!IsFree && _holder != _standBy) || Map.IsClosed)
            {
                return false;
            }

            Move(_standBy);
            _frames.MaxFillBytes = Map.Received.IsPaused ? PausedFillBytes : int.MaxValue;
        }

        try
        {
            int received = _frames.TryFill();
            using (Uninterruptible.Enter(Map.Gate))
            {
                HandOut(work);
                Move(null);
            }

            work.Run();
            EndIfOver(received);
            return received != Transport.WouldBlock;
        }
        catch (Exception exception)
        {
            End(exception, work);
            return false;
        }
    }

    protected override Message? Wait(in Waiting waiting)
    {
        LogicalThread thread = waiting.Thread;
        thread.TimeAway.Return();
        Parker parker = Parker.Current;
        while (true)
        {
            try
            {
                if (LookOrRead(waiting, parker, out Message? message))
                {
                    thread.Work.Run();
                    ResumeIfPaused();
                    return message;
                }
            }
            catch (Exception exception)
            {
                // A thread must not leave while it holds the role, and its collected work must run, or calls stay
                // without an answer.
                End(exception, thread.Work);
            }
        }
    }

    /// <summary>One round of a wait: leaves, reads, or sleeps until there is a reason to check again.</summary>
    /// <returns>
    /// True when the wait is over and the role was given up; the caller must then run the thread's collected work.
    /// </returns>
    private bool LookOrRead(in Waiting waiting, Parker parker, out Message? message)
    {
        LogicalThread thread = waiting.Thread;
        bool isReader;
        using (Uninterruptible.Enter(Map.Gate))
        {
            // A thread that is awake is not a candidate for the role, whatever the reason why it woke.
            thread.Waiter = null;
            if (waiting.IsOver(Map, out message))
            {
                Leave(thread, message);
                return true;
            }

            if (IsFree && (waiting.IsForAnswer || !Map.MayPause))
            {
                Take(thread);
            }

            isReader = _holder == thread;
            if (!isReader)
            {
                List(waiting, parker);
            }
        }

        if (isReader)
        {
            return Read(waiting, parker, out message);
        }

        waiting.Sleep(parker);
        return false;
    }

    /// <summary>Reads once as the holder, and routes what was received.</summary>
    /// <returns>
    /// True when the wait is over and the role was given up; the caller must then run the thread's collected work.
    /// </returns>
    private bool Read(in Waiting waiting, Parker parker, out Message? message)
    {
        LogicalThread thread = waiting.Thread;
        int received = Receive(mayBlock: !waiting.CanBeInterrupted);
        bool mustSleep = false;
        using (Uninterruptible.Enter(Map.Gate))
        {
            HandOut(thread.Work);
            if (waiting.IsOver(Map, out message))
            {
                Leave(thread, message);
                return true;
            }

            if (received == Transport.WouldBlock)
            {
                // A wait that may be interrupted must not block in the transport: the stand-by reads instead.
                thread.Work.Wake(_standBy.Poll());
                mustSleep = true;
            }
            else if (!waiting.IsForAnswer && Map.MayPause)
            {
                // Too many messages wait to be run: the stand-by resumes reading in time.
                thread.Work.Wake(_standBy.Poll());
                mustSleep = true;
            }
            else if (ServesOnlyOthers)
            {
                mustSleep = true;
            }

            if (mustSleep)
            {
                Move(null);
                WakeStandByIfAsleep(thread.Work);
                List(waiting, parker);
            }
        }

        thread.Work.Run();
        EndIfOver(received);
        if (mustSleep)
        {
            waiting.Sleep(parker);
        }

        return false;
    }

    private bool ServesOnlyOthers => _servedInARow >= MaxForOneOther || _servedOthers >= MaxForOthers;

    /// <summary>Routes every complete message. Holder only, under the gate.</summary>
    private void HandOut(RoutedWork work)
    {
        int count = 0;
        long last = 0;
        do
        {
            while (!Map.IsClosed && _frames.TryRead(out Message? message))
            {
                _frames.ReadHeader(message);
                last = (message.Flags & MessageFlags.Asynchronous) != 0 ? 0 : message.Thread;
                count += last != 0 ? 1 : 0;
                Router.Route(message, work);
            }
        }
        while (!Map.IsClosed && _frames.FillUnseen());

        Map.Received.NotePartial(_frames.PartialMemory, _frames.PartialBytes, _frames.PartialIsFull);
        _servedOthers += count;
        _servedInARow = count == 1 && last == _servedLast ? _servedInARow + 1 : Math.Min(count, 1);
        _servedLast = last;
    }

    /// <summary>Receives as the holder: spins if spinning has paid recently, then blocks.</summary>
    private int Receive(bool mayBlock)
    {
        int inMemory = _frames.CanSpin ? _spinInMemory.Begin() : 0;
        int received = inMemory > 0 ? _frames.SpinToFill(inMemory) : Transport.WouldBlock;
        if (received != Transport.WouldBlock)
        {
            _spinInMemory.Hit();
            return received;
        }

        if (inMemory > 0)
        {
            _spinInMemory.Miss(blockedTicks: 0);
        }

        int tries = _spin.Begin();
        for (int i = 0; i < tries; i++)
        {
            if ((received = _frames.TryFill()) != Transport.WouldBlock)
            {
                if (i == 0 && _frames.CanSpin)
                {
                    _spinInMemory.Hit();
                }

                _spin.Hit();
                return received;
            }

            _spin.Pause();
        }

        if (!mayBlock)
        {
            return _frames.TryFill();
        }

        if (tries == 0)
        {
            return _frames.Fill();
        }

        long start = Stopwatch.GetTimestamp();
        received = _frames.Fill();
        _spin.Miss(Stopwatch.GetTimestamp() - start);
        return received;
    }

    /// <summary>Ends a wait, and gives up the role if the thread holds it. Under the gate.</summary>
    private void Leave(LogicalThread thread, Message? message)
    {
        TimeAway reason = message?.Type == MessageType.Call ? OfMethod(message.Method) : thread.TimeAway;
        thread.TimeAway.Leave(reason);
        if (_holder != thread)
        {
            return;
        }

        Move(null);
        if (reason.IsLong && !Map.MayPause && NextParked() is { } next)
        {
            Take(next);
            thread.Work.Wake(next.Waiter);
            next.Waiter = null;
        }
        else if (reason.IsLong && (message?.Type == MessageType.Call || Map.PendingAsynchronous > 0))
        {
            thread.Work.Wake(_standBy.Poll());
        }
        else
        {
            // The thread returns within microseconds; waking another thread would cost more.
            WakeStandByIfAsleep(thread.Work);
        }
    }

    private void WakeStandByIfAsleep(RoutedWork work) => work.Wake(_standBy.Watch());

    private LogicalThread? NextParked()
    {
        while (_parked.TryDequeue(out LogicalThread? thread))
        {
            thread.IsListed = false;
            if (thread.Waiter is not null)
            {
                return thread;
            }
        }

        return null;
    }

    private void List(in Waiting waiting, Parker parker)
    {
        LogicalThread thread = waiting.Thread;
        thread.Waiter = parker;
        if (!waiting.CanBeInterrupted && !thread.IsListed)
        {
            thread.IsListed = true;
            _parked.Enqueue(thread);
        }
    }

    private void Take(LogicalThread thread)
    {
        _frames.MaxFillBytes = int.MaxValue;
        Move(thread);
        _servedInARow = 0;
        _servedOthers = 0;
    }

    private void Move(object? holder)
    {
        _holder = holder;
        Epoch++;
    }

    private TimeAway OfMethod(uint id) => _methods[(id ^ (id >> 8) ^ (id >> 16) ^ (id >> 24)) & 255];

    private void EndIfOver(int received)
    {
        if (received == 0)
        {
            Router.ReadingEnded(reason: null, _frames.IsInsideFrame);
        }
    }

    // No user code runs on the holder, so every exception is a failure of the transport, a fault of the peer or a
    // defect of this runtime. Each ends the connection. Messages routed before are still delivered.
    private void End(Exception exception, RoutedWork work)
    {
        try
        {
            work.Run();
        }
        catch (Exception)
        {
            // Every act was tried; the first failure is the reason.
        }

        Router.ReadingEnded(exception, insideFrame: false);
    }
}
