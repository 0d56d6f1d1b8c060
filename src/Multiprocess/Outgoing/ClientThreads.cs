using Multiprocess.Framing;
using Multiprocess.Locks;
using Multiprocess.Threads;

namespace Multiprocess.Outgoing;

/// <summary>
/// The logical threads that this side began. Finds those whose physical thread has ended and tells the peer.
/// </summary>
/// <remarks>Thread-safe. The peer keeps a worker for each thread until it hears that the thread has ended.</remarks>
internal sealed class ClientThreads(
    ThreadMap threads,
    ControlMessages control,
    Func<long> lastRequest,
    TimeProvider time)
{
    // Time between two searches for ended client threads: the first while calls are made, the second while the
    // connection is idle. Each search costs a timer and a pool thread, and an idle connection should cost little.
    private static readonly TimeSpan s_sweep = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan s_idleSweep = TimeSpan.FromSeconds(5);

    // Created with this side's first thread: a child that only serves never needs it. Guarded by the gate.
    private ITimer? _timer;
    private long _requestsAtSweep;

    /// <summary>
    /// Begins a logical thread for the calling physical thread, whose call stack is <paramref name="stack"/>.
    /// </summary>
    public LogicalThread Begin(CallStack stack)
    {
        using (Uninterruptible.Enter(threads.Gate))
        {
            bool isFirst = threads.OwnCount == 0;
            LogicalThread thread = threads.Begin(Thread.CurrentThread);
            thread.Stack = stack;
            if (isFirst && !threads.IsClosed)
            {
                _timer ??= time.CreateTimer(_ => Sweep(), null, Timeout.InfiniteTimeSpan, Timeout.InfiniteTimeSpan);
                _timer.Change(s_sweep, Timeout.InfiniteTimeSpan);
            }

            return thread;
        }
    }

    /// <summary>Tells the peer that a thread has ended, and removes it unless an answer is still to come.</summary>
    public void End(LogicalThread thread)
    {
        using (Uninterruptible.Enter(threads.Gate))
        {
            thread.IsEnded = true;
            if (!thread.HasAbandoned)
            {
                threads.Remove(thread);
            }
        }

        SendEnded(thread);
    }

    /// <summary>Tells the peer about threads whose physical thread has ended.</summary>
    public void EndDead()
    {
        LogicalThread[] dead;
        using (Uninterruptible.Enter(threads.Gate))
        {
            dead = [.. threads.TakeDead()];
        }

        foreach (LogicalThread thread in dead)
        {
            SendEnded(thread);
        }
    }

    /// <summary>Stops the timer when the connection has ended. Under the gate.</summary>
    public void Close() => _timer?.Dispose();

    private void Sweep()
    {
        EndDead();
        using (Uninterruptible.Enter(threads.Gate))
        {
            if (threads.OwnCount > 0)
            {
                long last = lastRequest();
                bool isIdle = _requestsAtSweep == last;
                _requestsAtSweep = last;
                _timer?.Change(isIdle ? s_idleSweep : s_sweep, Timeout.InfiniteTimeSpan);
            }
        }
    }

    private void SendEnded(LogicalThread thread) => control.SendThreadEnded(thread.Id);
}
