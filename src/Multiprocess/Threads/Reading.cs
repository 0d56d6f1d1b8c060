using Multiprocess.Messages;

namespace Multiprocess.Threads;

/// <summary>Who reads the transport, and how those who wait for messages get theirs. The one seam for both.</summary>
internal abstract class Reading
{
    // How often a peer that is not read, because too much of it waits, is read from all the same, and how much: so a Goodbye
    // or a Cancel behind what waits is found late and not never.
    protected const int PauseMilliseconds = 250;
    protected const int PausedFillBytes = 4 * 1024;

    private IMessageRouter? _router;

    protected Reading(ThreadMap map)
    {
        Map = map;
        map.Resume = Resume;
    }

    protected ThreadMap Map { get; }

    /// <summary>What takes the messages that are read. There is none before reading has begun.</summary>
    protected IMessageRouter Router => _router ?? throw new InvalidOperationException("Reading has not begun.");

    /// <summary>Begins to read. Once.</summary>
    /// <param name="router">Takes the messages.</param>
    public void Start(IMessageRouter router)
    {
        _router = router;
        Start();
    }

    /// <summary>Begins to read, with a router.</summary>
    protected abstract void Start();

    /// <summary>Waits, on the thread bound to <paramref name="thread"/>, for its next message while a request of this side is open.</summary>
    /// <param name="thread">The logical thread.</param>
    /// <param name="request">The innermost open request.</param>
    /// <param name="interrupt">What may end the wait early; then the request is abandoned.</param>
    /// <returns>The message; null when the connection is closed or the request was abandoned.</returns>
    public Message? WaitForAnswer(LogicalThread thread, long request, CallInterrupt? interrupt)
        => Wait(new Waiting(thread, request, interrupt));

    /// <summary>Waits, on a worker, for the next call of the peer.</summary>
    /// <returns>The message; null when the logical thread has ended or the connection is closed: the worker is forgotten and leaves.</returns>
    public Message? WaitForCall(LogicalThread thread) => Wait(new Waiting(thread, request: 0, interrupt: null));

    /// <summary>Wakes the thread that waits on <paramref name="thread"/>, so that it looks again.</summary>
    public void Nudge(LogicalThread thread)
    {
        Parker? waiter;
        lock (Map.Gate)
        {
            waiter = thread.Waiter;
            thread.Waiter = null;
        }

        waiter?.Unpark();
    }

    /// <summary>A thread cannot send because the peer does not receive: sees to it that somebody reads meanwhile.</summary>
    public virtual void SenderStalled()
    {
    }

    /// <summary>Has whoever has stopped reading, because too much waits to be run, look again. Outside the gate.</summary>
    protected abstract void Resume();

    /// <summary>A message was taken to be run: reads on when that was what reading waited for. Outside the gate.</summary>
    protected void ResumeIfPaused()
    {
        if (Map.Received.IsPaused)
        {
            Resume();
        }
    }

    /// <summary>Waits until the wait is over.</summary>
    protected abstract Message? Wait(in Waiting waiting);

    /// <summary>What one thread waits for.</summary>
    protected readonly struct Waiting(LogicalThread thread, long request, CallInterrupt? interrupt)
    {
        public LogicalThread Thread { get; } = thread;

        /// <summary>True when something else than a message may end the wait at any moment.</summary>
        public bool CanBeInterrupted => interrupt is not null;

        /// <summary>True on a thread with an open request of this side's.</summary>
        public bool IsForAnswer => request != 0;

        /// <summary>Sleeps until there may be a reason to look again.</summary>
        public void Sleep(Parker parker)
        {
            if (interrupt is null)
            {
                parker.Park();
            }
            else
            {
                interrupt.Sleep(parker);
            }
        }

        /// <summary>Says whether there is a message, or a reason to wait no longer. Under the gate.</summary>
        public bool IsOver(ThreadMap map, out Message? message)
        {
            bool isOver = Look(map, out message);
            map.NoteAwaiting(Thread, IsForAnswer && !isOver);
            if (message is not null)
            {
                map.Received.Remove(message);
            }

            return isOver;
        }

        private bool Look(ThreadMap map, out Message? message)
        {
            message = map.IsClosed && !IsForAnswer ? null : Thread.Take();
            if (message is not null)
            {
                return true;
            }

            if (IsForAnswer)
            {
                if (interrupt is { HasFired: true } && !map.IsClosed)
                {
                    Thread.Abandon(request);
                    Thread.IsRetired |= Thread.Id > 0;
                    return true;
                }

                return map.IsClosed;
            }

            if (map.IsClosed || Thread.IsEnded)
            {
                map.Remove(Thread);
                return true;
            }

            return false;
        }
    }
}
