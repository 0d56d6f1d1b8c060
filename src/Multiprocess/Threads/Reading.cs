using Multiprocess.Messages;

namespace Multiprocess.Threads;

/// <summary>Who reads the transport, and how those who wait for messages get theirs. The one seam for both.</summary>
internal abstract class Reading
{
    private readonly ThreadMap _map;

    protected Reading(ThreadMap map) => _map = map;

    /// <summary>Begins to read.</summary>
    public abstract void Start();

    /// <summary>Waits, on the thread bound to <paramref name="thread"/>, for its next message while a request of this side is open.</summary>
    /// <param name="thread">The logical thread.</param>
    /// <param name="request">The innermost open request.</param>
    /// <param name="interrupt">What may end the wait early; then the request is abandoned.</param>
    /// <returns>The message; null when the connection is closed or the request was abandoned.</returns>
    public Message? WaitForAnswer(LogicalThread thread, long request, CallInterrupt? interrupt)
    {
        Parker parker = Parker.Current;
        while (true)
        {
            lock (_map.Gate)
            {
                if (thread.Take() is { } message)
                {
                    return message;
                }

                if (_map.IsClosed)
                {
                    return null;
                }

                if (interrupt is { HasFired: true })
                {
                    thread.Abandon(request);
                    thread.IsRetired |= thread.Id > 0;
                    return null;
                }

                thread.Waiter = parker;
            }

            Sleep(parker);
        }
    }

    /// <summary>Waits, on a worker, for the next call of the peer.</summary>
    /// <returns>The message; null when the logical thread has ended or the connection is closed: the worker is forgotten and leaves.</returns>
    public Message? WaitForCall(LogicalThread thread)
    {
        Parker parker = Parker.Current;
        while (true)
        {
            lock (_map.Gate)
            {
                if (!_map.IsClosed && thread.Take() is { } message)
                {
                    return message;
                }

                if (_map.IsClosed || thread.IsEnded)
                {
                    _map.Remove(thread);
                    return null;
                }

                thread.Waiter = parker;
            }

            Sleep(parker);
        }
    }

    /// <summary>Wakes the thread that waits on <paramref name="thread"/>, so that it looks again.</summary>
    public void Nudge(LogicalThread thread)
    {
        Parker? waiter;
        lock (_map.Gate)
        {
            waiter = thread.Waiter;
            thread.Waiter = null;
        }

        waiter?.Unpark();
    }

    /// <summary>Sleeps until the parker is woken, doing whatever reading falls to this thread.</summary>
    protected abstract void Sleep(Parker parker);
}
