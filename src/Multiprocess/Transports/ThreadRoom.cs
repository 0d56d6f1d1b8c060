using Multiprocess.Locks;
using Multiprocess.Native;

namespace Multiprocess.Transports;

/// <summary>Keeps peers' threads from using up the address space and mappings of this process.</summary>
/// <remarks>
/// The runtime ends the process when it finds no memory for compiled code, for a table, or for its own threads. So a
/// thread for a peer is started only when much more memory is left than the thread takes. The check costs a few system
/// calls, and is skipped when neither resource is scarce: when the address space is not limited and threads are few. A
/// reserved block, released when memory runs out, would not work: the last thread that fits would leave nothing for the
/// runtime before the next thread fails.
/// </remarks>
internal static class ThreadRoom
{
    // The system's default stack size, and what the C library takes in addition.
    private const int StackBytes = 8 * 1024 * 1024;
    private const int LibraryBytes = 128 * 1024 * 1024;

    // Reserved for the runtime.
    private const int KeptBytes = 128 * 1024 * 1024;
    private const int KeptMappings = 128;

    // Each thread takes three mappings, and the system's usual limit is 65,530.
    private const int ManyThreads = 1000;

    // One thread at a time, so that two threads do not rely on the same room.
    private static readonly Lock s_lock = new();
    private static int s_threads;

    /// <summary>The number of running threads for peers. Tests set it.</summary>
    public static int Threads
    {
        get => Volatile.Read(ref s_threads);
        set => Volatile.Write(ref s_threads, value);
    }

    /// <summary>
    /// Runs <paramref name="start"/> if there is room. It must start a thread that calls <see cref="Leave"/> at its
    /// end.
    /// </summary>
    /// <exception cref="OutOfMemoryException">There is no room, or the system provides no thread.</exception>
    public static void Enter(int stackBytes, Action start)
    {
        bool isLimited = OperatingSystem.IsLinux()
            && Environment.Is64BitProcess
            && NativeAddresses.AddressesAreLimited();
        bool areMany = Interlocked.Increment(ref s_threads) > ManyThreads && OperatingSystem.IsLinux();
        bool isStarted = false;
        try
        {
            if (!isLimited && !areMany)
            {
                start();
            }
            else
            {
                using (Uninterruptible.Enter(s_lock))
                {
                    if ((isLimited && !HasAddresses(stackBytes)) || (areMany && !HasMappings(KeptMappings)))
                    {
                        throw new OutOfMemoryException(
                            "The remaining addresses and mappings are kept for the runtime.");
                    }

                    start();
                }
            }

            isStarted = true;
        }
        finally
        {
            if (!isStarted)
            {
                Leave();
            }
        }
    }

    /// <summary>Called when a thread started by <see cref="Enter"/> ends.</summary>
    public static void Leave() => Interlocked.Decrement(ref s_threads);

    /// <summary>True when a stack of this size (0 for the default) leaves enough address space.</summary>
    internal static bool HasAddresses(long stackBytes)
    {
        nuint bytes = (nuint)(stackBytes > 0 ? stackBytes : StackBytes) + LibraryBytes + KeptBytes;
        nint start = NativeAddresses.Reserve(bytes);
        return start != 0 && NativeAddresses.Free(start, bytes) == 0;
    }

    /// <summary>
    /// True when this many further mappings can be created. Two pages with different protection are two mappings.
    /// </summary>
    internal static bool HasMappings(int count)
    {
        nint page = Environment.SystemPageSize;
        nuint bytes = (nuint)(count * page);
        nint start = NativeAddresses.Reserve(bytes);
        if (start == 0)
        {
            return false;
        }

        bool has = true;
        for (int i = 1; has && i < count; i += 2)
        {
            has = NativeAddresses.Protect(start + (i * page), (nuint)page, NativeAddresses.ReadOnly) == 0;
        }

        return NativeAddresses.Free(start, bytes) == 0 && has;
    }
}
