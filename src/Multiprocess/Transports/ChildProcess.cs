using System.Diagnostics;
using System.Globalization;
using Multiprocess.Transports.Native;

namespace Multiprocess.Transports;

/// <summary>A child process of this one, from its start until it is reaped.</summary>
/// <remarks>
/// Running, then reaped: the moves are made by one background thread, which waits for this process id and no other,
/// so that it takes no other code's children. All members may be called from any thread.
/// </remarks>
internal sealed unsafe class ChildProcess
{
    private const int WaiterStackBytes = 128 * 1024;

    private readonly TaskCompletionSource<ChildExit> _exited = new(TaskCreationOptions.RunContinuationsAsynchronously);

    // Held while the process is reaped and while it is signalled: the id belongs to nobody else until then.
    private readonly object _gate = new();
    private bool _reaped;

    /// <summary>Takes over a process that was just started.</summary>
    public ChildProcess(int id, string program)
    {
        Id = id;
        Program = program;
        Thread waiter = new(WaitAndReap, WaiterStackBytes)
        {
            IsBackground = true,
            Name = string.Create(CultureInfo.InvariantCulture, $"child {id}"),
        };
        waiter.Start();
    }

    /// <summary>The process id. After the end the system may give it to another process.</summary>
    public int Id { get; }

    /// <summary>The path that was started.</summary>
    public string Program { get; }

    /// <summary>Ends when the process has been reaped. Never faulted.</summary>
    public Task<ChildExit> Exited => _exited.Task;

    /// <summary>Sends a signal, unless the process has been reaped.</summary>
    /// <returns>Whether it was sent.</returns>
    public bool Kill(int signal = NativeProcess.KillSignal)
    {
        lock (_gate)
        {
            return !_reaped && NativeProcess.Signal(Id, signal) == 0;
        }
    }

    /// <summary>Waits until the process has been reaped, without the help of the thread pool.</summary>
    /// <returns>False when the time ran out.</returns>
    public bool Wait(TimeSpan limit)
    {
        long start = Stopwatch.GetTimestamp();
        lock (_gate)
        {
            while (!_reaped)
            {
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
        ChildExit exit;
        lock (_gate)
        {
            int status;
            exit = NativeProcess.Reap(Id, &status, 0) == Id ? ChildExit.FromWaitStatus(status) : ChildExit.Unknown;
            _reaped = true;
            Monitor.PulseAll(_gate);
        }

        _ = _exited.TrySetResult(exit);
    }
}
