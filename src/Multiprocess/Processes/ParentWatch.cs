using Multiprocess.Native;
using Multiprocess.Transports;

namespace Multiprocess.Processes;

/// <summary>Tells when the parent process ends, so that its child does not outlive it. Linux only.</summary>
/// <remarks>
/// The end of the connection tells as much, unless another process holds a copy of the parent's end. The kernel's own
/// signal for a parent's end is not used: it comes when the thread that spawned ends.
/// Watching, then told or disposed, whichever is first; the other then does nothing.
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
        (_stop, _stopped) = TransportPair.CreateSocketHandles();
        Thread watcher = new(Watch, WatcherStackBytes) { IsBackground = true, Name = "parent watch" };
        watcher.Start();
    }

    /// <summary>Begins to watch.</summary>
    /// <param name="processId">The parent: the peer of the inherited socket.</param>
    /// <param name="ended">Called once, on a thread of its own, when the process has ended or was gone already.</param>
    /// <returns>Null when this system cannot watch or the process cannot be seen from here; the connection's end has to do then.</returns>
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

        // Gone already: a handle that is never valid makes the watcher report at once.
        return Errno.Last == Errno.NoProcess ? new ParentWatch(new NativeHandle(-1), ended) : null;
    }

    /// <summary>Stops watching. If the end was seen just before, the callback may still begin after this has returned.</summary>
    public void Dispose()
    {
        if (Interlocked.Exchange(ref _over, 1) == 0)
        {
            try
            {
                _ = NativeSockets.Shutdown(_stop, NativeSockets.ShutdownBoth);
            }
            catch (ObjectDisposedException)
            {
                // The process ended at this moment, and the watcher is leaving by itself.
            }
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
