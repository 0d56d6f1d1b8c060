using System.Diagnostics;
using System.Runtime.CompilerServices;

namespace Multiprocess.Locks;

/// <summary>Locks and waits that <see cref="Thread.Interrupt"/> does not end. Thread-safe.</summary>
/// <remarks>
/// A thread that calls a proxy belongs to the application and may be interrupted at any time. If another thread holds a
/// lock of the framework, the interrupted wait for it throws. In the middle of a call, that would lose an answer or end
/// the connection for all threads. So the runtime takes its locks through this class. It postpones an interrupt: the
/// interrupt takes effect when the thread next blocks somewhere else.
/// </remarks>
internal static class Uninterruptible
{
    /// <summary>Enters a lock. To be used as <c>using (Uninterruptible.Enter(gate))</c>.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static LockScope Enter(Lock gate)
    {
        if (!gate.TryEnter())
        {
            EnterSlowly(gate);
        }

        return new LockScope(gate);
    }

    /// <summary>Enters a monitor. To be used as <c>using (Uninterruptible.Enter(gate))</c>.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static MonitorScope Enter(object gate)
    {
        if (!Monitor.TryEnter(gate))
        {
            EnterSlowly(gate);
        }

        return new MonitorScope(gate);
    }

    /// <summary>Waits until the monitor is pulsed, the time limit has passed, or the thread is interrupted.</summary>
    /// <param name="gate">The monitor, which the thread has entered.</param>
    /// <param name="milliseconds">The time limit in milliseconds, or -1 for none.</param>
    /// <param name="isInterrupted">
    /// Set when the thread was interrupted. The caller must check its condition, wait again if necessary, and pass this
    /// value to <see cref="Repeat"/> when it no longer waits.
    /// </param>
    public static void Wait(object gate, int milliseconds, ref bool isInterrupted)
    {
        try
        {
            Monitor.Wait(gate, milliseconds);
        }
        catch (ThreadInterruptedException)
        {
            isInterrupted = true;
        }
    }

    /// <summary>Waits for a task that does not fail.</summary>
    /// <param name="task">The task.</param>
    /// <param name="limit">The time limit; may be infinite.</param>
    /// <returns>False when the time limit passed first.</returns>
    public static bool Wait(Task task, TimeSpan limit)
    {
        long start = Stopwatch.GetTimestamp();
        bool isInterrupted = false;
        while (true)
        {
            try
            {
                TimeSpan left = limit - Stopwatch.GetElapsedTime(start);
                bool hasEnded = limit == Timeout.InfiniteTimeSpan
                    ? task.Wait(limit)
                    : task.Wait(left < TimeSpan.Zero ? TimeSpan.Zero : left);
                Repeat(isInterrupted);
                return hasEnded;
            }
            catch (ThreadInterruptedException)
            {
                isInterrupted = true;
            }
        }
    }

    /// <summary>Repeats a short operation that an interrupt can end before the operation has had an effect.</summary>
    public static T Do<TState, T>(TState state, Func<TState, T> act)
    {
        bool isInterrupted = false;
        while (true)
        {
            try
            {
                T result = act(state);
                Repeat(isInterrupted);
                return result;
            }
            catch (ThreadInterruptedException)
            {
                isInterrupted = true;
            }
        }
    }

    /// <summary>If the calling thread was interrupted before, interrupts it when it next blocks.</summary>
    public static void Repeat(bool isInterrupted)
    {
        if (isInterrupted)
        {
            Thread.CurrentThread.Interrupt();
        }
    }

    private static void EnterSlowly(Lock gate)
        => Do(gate, static gate =>
        {
            gate.Enter();
            return true;
        });

    private static void EnterSlowly(object gate)
        => Do(gate, static gate =>
        {
            Monitor.Enter(gate);
            return true;
        });

    /// <summary>Leaves a lock at its end.</summary>
    internal readonly ref struct LockScope(Lock gate)
    {
        public void Dispose() => gate.Exit();
    }

    /// <summary>Leaves a monitor at its end.</summary>
    internal readonly ref struct MonitorScope(object gate)
    {
        public void Dispose() => Monitor.Exit(gate);
    }
}
