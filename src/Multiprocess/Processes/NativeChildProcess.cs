using System.Diagnostics;
using System.Globalization;
using Multiprocess.Native;
using Multiprocess.Transports;

namespace Multiprocess.Processes;

/// <summary>A child process that the C library's spawn has started.</summary>
/// <remarks>
/// Running, then reaped: the moves are made by one background thread, which waits for this process id and no other,
/// so that it takes no other code's children. All members may be called from any thread.
/// </remarks>
internal sealed unsafe class NativeChildProcess : ChildProcess
{
    private const int WaiterStackBytes = 128 * 1024;

    private readonly TaskCompletionSource<ChildExit> _exited = new(TaskCreationOptions.RunContinuationsAsynchronously);

    // Held while the process is reaped and while it is signalled: the id belongs to nobody else until then.
    private readonly object _gate = new();
    private bool _reaped;

    /// <summary>Takes over a process that was just started. One that nobody can wait for is ended and reaped here.</summary>
    /// <exception cref="OutOfMemoryException">The system gives no thread.</exception>
    public NativeChildProcess(int id, string program, ChildOutput? output, ChildOutput? errors)
        : base(id, program, output, errors)
    {
        try
        {
            _ = BackgroundThread.Start(WaitAndReap, string.Create(CultureInfo.InvariantCulture, $"child {id}"), WaiterStackBytes);
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
        lock (_gate)
        {
            return !_reaped && NativeProcess.Signal(Id, signal) == 0;
        }
    }

    public override bool Wait(TimeSpan limit)
    {
        long start = Stopwatch.GetTimestamp();
        lock (_gate)
        {
            while (!_reaped)
            {
                if (limit == Timeout.InfiniteTimeSpan)
                {
                    _ = Monitor.Wait(_gate);
                    continue;
                }

                TimeSpan remaining = limit - Stopwatch.GetElapsedTime(start);
                if (remaining <= TimeSpan.Zero || !Monitor.Wait(_gate, remaining))
                {
                    return _reaped;
                }
            }

            return true;
        }
    }

    private void WaitAndReap()
    {
        // An error here means that somebody reaped a child that is not theirs; then there is nothing left to wait for.
        _ = NativeProcess.WaitForEnd(Id);
        lock (_gate)
        {
            int status;
            ChildExit exit = NativeProcess.Reap(Id, &status, 0) == Id ? ChildExit.FromWaitStatus(status) : ChildExit.Unknown;
            _reaped = true;

            // First: whoever has waited looks at how it ended. What continues on it runs on the pool.
            _ = _exited.TrySetResult(exit);
            Monitor.PulseAll(_gate);
        }
    }
}
