using Multiprocess.Native;
using Multiprocess.Transports;

namespace Multiprocess.Processes;

/// <summary>Reports when the parent process ends, so that its child does not outlive it. Linux only.</summary>
/// <remarks>
/// The end of the connection usually shows the same, unless another process holds a copy of the parent's end. The
/// kernel's parent-death signal is not used: it is sent when the thread that spawned the child ends.
/// States: watching, then either reported or disposed. The first move wins; the other one has no effect.
/// </remarks>
internal sealed class ParentWatch : IDisposable
{
    private const int WatcherStackBytes = 256 * 1024;

    private readonly Action _ended;
    private readonly NativeHandle _process;
    private readonly NativeHandle _stop;
    private readonly NativeHandle _stopped;
    private int _over;

    private ParentWatch(NativeHandle process, Action ended)
    {
        _process = process;
        _ended = ended;
        (_stopped, _stop) = NativeFiles.MakePipe();
        try
        {
            _ = BackgroundThread.Start(Watch, "parent watch", WatcherStackBytes);
        }
        catch (OutOfMemoryException)
        {
            _process.Dispose();
            _stop.Dispose();
            _stopped.Dispose();
            throw;
        }
    }

    /// <summary>Starts watching.</summary>
    /// <param name="processId">The process id of the parent: the peer of the inherited socket.</param>
    /// <param name="ended">Called once, on a separate thread, when the process has ended or had already ended.</param>
    /// <returns>
    /// Null when this system cannot watch a process, or the process is not visible here; then only the end of the
    /// connection shows the parent's end.
    /// </returns>
    public static ParentWatch? TryStart(int processId, Action ended)
    {
        Platform.RequireLinux();
        if (processId <= 0)
        {
            return null;
        }

        int descriptor = NativeProcess.OpenDescriptor(processId);
        if (descriptor >= 0)
        {
            return new ParentWatch(new NativeHandle(descriptor), ended);
        }

        // The parent has already ended: an invalid handle makes the watcher report at once.
        return Errno.Last == Errno.NoProcess ? new ParentWatch(new NativeHandle(-1), ended) : null;
    }

    /// <summary>
    /// Stops watching. When the end was detected just before, the callback may still start after this method has
    /// returned.
    /// </summary>
    public void Dispose()
    {
        if (Interlocked.Exchange(ref _over, 1) == 0)
        {
            // The watcher sees that the pipe has no writer any more.
            _stop.Dispose();
        }
    }

    private void Watch()
    {
        bool ended = _process.IsInvalid || NativePoll.WaitForFirst(_process, _stopped, NativePoll.Readable);
        _process.Dispose();
        bool first = Interlocked.Exchange(ref _over, 1) == 0;
        _stopped.Dispose();
        _stop.Dispose();
        if (ended && first)
        {
            _ended();
        }
    }
}
