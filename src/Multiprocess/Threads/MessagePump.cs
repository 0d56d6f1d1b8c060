using Multiprocess.Locks;
using Multiprocess.Protocols;

namespace Multiprocess.Threads;

/// <summary>
/// Reads the transport and hands messages to the threads that wait for them. The base of all ways of reading.
/// </summary>
internal abstract class MessagePump
{
    // Interval and size of the reads while reading is paused. A Goodbye or Cancel behind the waiting messages is then
    // found late, but it is found.
    protected const int PauseMilliseconds = 250;
    protected const int PausedFillBytes = 4 * 1024;

    private IMessageRouter? _router;

    protected MessagePump(ThreadMap map)
    {
        Map = map;
        map.Resume = Resume;
    }

    protected ThreadMap Map { get; }

    /// <summary>Routes the messages that are read. Not available before <see cref="Start(IMessageRouter)"/>.</summary>
    protected IMessageRouter Router => _router ?? throw new InvalidOperationException("Reading has not begun.");

    /// <summary>Starts reading. Called once.</summary>
    /// <param name="router">Routes the messages.</param>
    public void Start(IMessageRouter router)
    {
        _router = router;
        Start();
    }

    /// <summary>Starts reading, after the router was set.</summary>
    protected abstract void Start();

    /// <summary>
    /// Waits, on the thread bound to <paramref name="thread"/>, for its next message while a request of this side is
    /// open.
    /// </summary>
    /// <param name="thread">The logical thread.</param>
    /// <param name="request">The innermost open request.</param>
    /// <param name="interrupt">May end the wait early; the request is then abandoned.</param>
    /// <returns>The message; null when the connection is closed or the request was abandoned.</returns>
    public Message? WaitForAnswer(LogicalThread thread, long request, CallInterrupt? interrupt)
        => Wait(new Waiting(thread, request, interrupt));

    /// <summary>Waits, on a worker, for the next call of the peer.</summary>
    /// <returns>
    /// The message. Null when the logical thread has ended or the connection is closed: the worker is removed and must
    /// stop.
    /// </returns>
    public Message? WaitForCall(LogicalThread thread) => Wait(new Waiting(thread, request: 0, interrupt: null));

    /// <summary>Wakes the thread that waits on <paramref name="thread"/>, so that it checks again.</summary>
    public void Nudge(LogicalThread thread)
    {
        Parker? waiter;
        using (Uninterruptible.Enter(Map.Gate))
        {
            waiter = thread.Waiter;
            thread.Waiter = null;
        }

        waiter?.Unpark();
    }

    /// <summary>
    /// Called when a thread cannot send because the peer does not receive: makes sure that some thread reads meanwhile.
    /// </summary>
    public virtual void SenderStalled()
    {
    }

    /// <summary>Makes a paused reader check again. Outside the gate.</summary>
    protected abstract void Resume();

    /// <summary>Resumes reading if it was paused and a message was taken. Outside the gate.</summary>
    protected void ResumeIfPaused()
    {
        if (Map.Received.IsPaused)
        {
            Resume();
        }
    }

    /// <summary>Waits until the wait is over.</summary>
    protected abstract Message? Wait(in Waiting waiting);

    /// <summary>The wait of one thread.</summary>
    protected readonly struct Waiting(LogicalThread thread, long request, CallInterrupt? interrupt)
    {
        public LogicalThread Thread { get; } = thread;

        /// <summary>True when the wait may end at any moment without a message.</summary>
        public bool CanBeInterrupted => interrupt is not null;

        /// <summary>True on a thread with an open request of this side.</summary>
        public bool IsForAnswer => request != 0;

        /// <summary>Sleeps until there may be a reason to check again.</summary>
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

        /// <summary>True when there is a message or another reason to stop waiting. Under the gate.</summary>
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
