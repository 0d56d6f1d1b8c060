using System.Runtime.InteropServices;
using Multiprocess.Locks;

namespace Multiprocess.Threads;

/// <summary>Puts its thread to sleep until another thread wakes it. A wake-up before the sleep is not lost.</summary>
/// <remarks>
/// States of the word: empty, permit, asleep. Only the owner sets it to asleep and back to empty; any thread may set
/// the permit. Waking a thread that is awake costs no system call.
/// </remarks>
internal abstract partial class Parker
{
    private const int Empty = 0;
    private const int Permit = 1;
    private const int Asleep = -1;

    [ThreadStatic]
    private static Parker? t_current;

    // Pinned, because the kernel sleeps on its address. One cache line long, because other threads write to it.
    private readonly int[] _words = GC.AllocateArray<int>(16, pinned: true);

    /// <summary>The calling thread's own parker.</summary>
    public static Parker Current => t_current ??= FutexParker.IsSupported ? new FutexParker() : new MonitorParker();

    private ref int Word => ref _words[0];

    /// <summary>Sleeps until there is a permit, and takes it.</summary>
    public void Park()
    {
        if (Interlocked.CompareExchange(ref Word, Empty, Permit) == Permit)
        {
            return;
        }

        if (Interlocked.CompareExchange(ref Word, Asleep, Empty) == Empty)
        {
            while (Volatile.Read(ref Word) == Asleep)
            {
                SleepWhileAsleep(Timeout.Infinite);
            }
        }

        Volatile.Write(ref Word, Empty);
    }

    /// <summary>Sleeps until there is a permit, and takes it; false when the time limit passed first.</summary>
    public bool Park(int milliseconds)
    {
        if (Interlocked.CompareExchange(ref Word, Empty, Permit) == Permit)
        {
            return true;
        }

        if (Interlocked.CompareExchange(ref Word, Asleep, Empty) == Empty)
        {
            SleepWhileAsleep(milliseconds);
            if (Interlocked.CompareExchange(ref Word, Empty, Asleep) == Asleep)
            {
                return false;
            }
        }

        Volatile.Write(ref Word, Empty);
        return true;
    }

    /// <summary>Sets the permit, and wakes the owner if it sleeps.</summary>
    public void Unpark()
    {
        if (Interlocked.Exchange(ref Word, Permit) == Asleep)
        {
            WakeSleeper();
        }
    }

    /// <summary>Returns once the word is no longer "asleep" or the time limit passed; may return earlier.</summary>
    protected abstract void SleepWhileAsleep(int milliseconds);

    /// <summary>Wakes the sleeping thread after the word was changed.</summary>
    protected abstract void WakeSleeper();

    private sealed unsafe partial class FutexParker : Parker
    {
        // FUTEX_WAIT and FUTEX_WAKE, each with FUTEX_PRIVATE_FLAG.
        private const int WaitPrivate = 128;
        private const int WakePrivate = 129;

        private static readonly nint s_systemCall = !OperatingSystem.IsLinux()
            ? 0
            : RuntimeInformation.ProcessArchitecture switch
            {
                Architecture.X64 => 202,
                Architecture.Arm64 => 98,
                _ => 0,
            };

        public static bool IsSupported => s_systemCall != 0;

        protected override void SleepWhileAsleep(int milliseconds)
        {
            // A struct timespec: seconds and nanoseconds, one machine word each.
            nint* limit = stackalloc nint[2] { milliseconds / 1000, milliseconds % 1000 * 1_000_000 };
            fixed (int* word = _words)
            {
                Futex(s_systemCall, word, WaitPrivate, Asleep, milliseconds < 0 ? 0 : (nint)limit, 0, 0);
            }
        }

        protected override void WakeSleeper()
        {
            fixed (int* word = _words)
            {
                Futex(s_systemCall, word, WakePrivate, 1, 0, 0, 0);
            }
        }

        [LibraryImport("libc", EntryPoint = "syscall")]
        private static partial nint Futex(
            nint number,
            int* word,
            nint operation,
            nint value,
            nint timeout,
            nint word2,
            nint value3);
    }

    private sealed class MonitorParker : Parker
    {
        private readonly object _gate = new();

        protected override void SleepWhileAsleep(int milliseconds)
        {
            long end = Environment.TickCount64 + milliseconds;
            int left = milliseconds;
            bool isInterrupted = false;
            using (Uninterruptible.Enter(_gate))
            {
                while (Volatile.Read(ref Word) == Asleep && (milliseconds < 0 || left > 0))
                {
                    Uninterruptible.Wait(_gate, left, ref isInterrupted);
                    left = milliseconds < 0 ? left : (int)(end - Environment.TickCount64);
                }
            }

            Uninterruptible.Repeat(isInterrupted);
        }

        protected override void WakeSleeper()
        {
            using (Uninterruptible.Enter(_gate))
            {
                Monitor.Pulse(_gate);
            }
        }
    }
}
