using System.Runtime.InteropServices;

namespace Multiprocess.Transports.Native;

/// <summary>Waiting for one descriptor.</summary>
internal static unsafe partial class NativePoll
{
    public const short Readable = 1;
    public const short Writable = 4;

    /// <summary>Waits until the descriptor has one of the events, an error or the end of its stream.</summary>
    /// <param name="handle">What to wait for.</param>
    /// <param name="events">The events looked for.</param>
    /// <param name="milliseconds">How long to wait; -1 for ever.</param>
    /// <returns>False when the time ran out.</returns>
    /// <exception cref="ObjectDisposedException">The handle was closed before.</exception>
    public static bool Wait(NativeHandle handle, short events, int milliseconds)
    {
        long end = milliseconds > 0 ? Environment.TickCount64 + milliseconds : 0;
        bool added = false;
        try
        {
            handle.DangerousAddRef(ref added);
            while (true)
            {
                PollEntry entry = new() { Descriptor = handle.Descriptor, Events = events };
                int ready = Poll(&entry, 1, milliseconds);
                if (ready >= 0)
                {
                    return ready > 0;
                }

                int error = Errno.Last;
                if (error != Errno.Interrupted)
                {
                    throw Errno.Exception("poll", error);
                }

                if (milliseconds > 0)
                {
                    milliseconds = (int)Math.Max(0, end - Environment.TickCount64);
                }
            }
        }
        finally
        {
            if (added)
            {
                handle.DangerousRelease();
            }
        }
    }

    [LibraryImport("libc", EntryPoint = "poll", SetLastError = true)]
    private static partial int Poll(PollEntry* entries, nuint count, int milliseconds);

    [StructLayout(LayoutKind.Sequential)]
    private struct PollEntry
    {
        public int Descriptor;
        public short Events;
        public short Returned;
    }
}
