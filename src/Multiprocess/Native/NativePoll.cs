using System.Runtime.InteropServices;

namespace Multiprocess.Native;

/// <summary>Waits for a descriptor.</summary>
internal static unsafe partial class NativePoll
{
    public const short Readable = 1;
    public const short Writable = 4;

    /// <summary>No events except those that are always reported: an error, or the end of both directions.</summary>
    public const short HangUpOnly = 0;

    /// <summary>Waits until the descriptor has one of the events, an error or the end of its stream.</summary>
    /// <param name="handle">The descriptor.</param>
    /// <param name="events">The events to wait for.</param>
    /// <param name="milliseconds">How long to wait, in milliseconds; -1 for ever.</param>
    /// <returns>False when the time ran out.</returns>
    /// <exception cref="ObjectDisposedException">The handle was already closed.</exception>
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

    /// <summary>Waits until one of two descriptors has an event, without a limit. The caller keeps both open.</summary>
    /// <returns>Whether the first descriptor has an event.</returns>
    public static bool WaitForFirst(NativeHandle first, NativeHandle second, short events)
    {
        PollEntry* entries = stackalloc PollEntry[2];
        while (true)
        {
            entries[0] = new PollEntry { Descriptor = first.Descriptor, Events = events };
            entries[1] = new PollEntry { Descriptor = second.Descriptor, Events = events };
            if (Poll(entries, 2, -1) >= 0)
            {
                return entries[0].Returned != 0;
            }

            int error = Errno.Last;
            if (error != Errno.Interrupted)
            {
                throw Errno.Exception("poll", error);
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
