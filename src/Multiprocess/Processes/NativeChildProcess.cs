using System.Diagnostics;
using System.Globalization;
using Multiprocess.Locks;
using Multiprocess.Native;
using Multiprocess.Transports;

namespace Multiprocess.Processes;

/// <summary>A child process started by the C library's posix_spawn.</summary>
/// <remarks>
/// States: running, then reaped. One background thread makes the move. It waits only for this process id, so that it
/// never reaps children of other code. All members may be called from any thread.
/// </remarks>
internal sealed unsafe class NativeChildProcess : ChildProcess
{
    private const int WaiterStackBytes = 128 * 1024;

    private readonly TaskCompletionSource<ChildExit> _exited = new(TaskCreationOptions.RunContinuationsAsynchronously);

    // Held while the process is reaped or signalled: until it is reaped, no other process can have its id.
    private readonly object _gate = new();
    private bool _reaped;

    /// <summary>
    /// Takes ownership of a process that was just started. When no thread can wait for it, the constructor kills and
    /// reaps it.
    /// </summary>
    /// <exception cref="OutOfMemoryException">The system provides no thread.</exception>
    public NativeChildProcess(int id, string program, ChildOutput? output, ChildOutput? errors)
        : base(id, program, output, errors)
    {
        try
        {
            _ = BackgroundThread.Start(
                WaitAndReap, string.Create(CultureInfo.InvariantCulture, $"child {id}"), WaiterStackBytes);
        }
        catch (OutOfMemoryException)
        {
            _ = Kill();
            WaitAndReap();
            throw;
        }
    }

    public override Task<ChildExit> Exited => _exited.Task;

    public override bool Kill(int signal = NativeProcess.KillSignal)
    {
        using (Uninterruptible.Enter(_gate))
        {
            return !_reaped && NativeProcess.Signal(Id, signal) == 0;
        }
    }

    public override bool Wait(TimeSpan limit)
    {
        long start = Stopwatch.GetTimestamp();
        bool isInterrupted = false;
        bool hasEnded;
        using (Uninterruptible.Enter(_gate))
        {
            while (!_reaped)
            {
                int left = Timeout.Infinite;
                if (limit != Timeout.InfiniteTimeSpan)
                {
                    double remaining = Math.Ceiling((limit - Stopwatch.GetElapsedTime(start)).TotalMilliseconds);
                    if (remaining <= 0)
                    {
                        break;
                    }

                    left = (int)Math.Min(remaining, int.MaxValue);
                }

                Uninterruptible.Wait(_gate, left, ref isInterrupted);
            }

            hasEnded = _reaped;
        }

        Uninterruptible.Repeat(isInterrupted);
        return hasEnded;
    }

    private void WaitAndReap()
    {
        // An error here means that other code reaped this child; then there is nothing left to wait for.
        _ = NativeProcess.WaitForEnd(Id);
        using (Uninterruptible.Enter(_gate))
        {
            int status;
            ChildExit exit = NativeProcess.Reap(Id, &status, 0) == Id
                ? ChildExit.FromWaitStatus(status)
                : ChildExit.Unknown;
            _reaped = true;

            // Set before waiters wake, because they read the exit status. Its continuations run on the thread pool.
            _ = _exited.TrySetResult(exit);
            Monitor.PulseAll(_gate);
        }
    }
}
