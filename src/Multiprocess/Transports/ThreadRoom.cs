using Multiprocess.Native;

namespace Multiprocess.Transports;

/// <summary>Keeps peers from taking the last addresses and mappings of this process for their threads.</summary>
/// <remarks>
/// The runtime ends the process when it finds no place for code that it compiles, for a table, or for a thread of its own.
/// So a thread for a peer is begun only where much more is left than the thread takes. Looking costs a few calls of the
/// system, and is left out where neither is short: where addresses are not limited and threads are few.
/// Not a block that is held and given up: between the last thread that fits and the first that does not, the runtime would
/// find nothing.
/// </remarks>
internal static class ThreadRoom
{
    // A stack where the program does not say how large, as the system gives it, and what the C library takes beside it.
    private const int StackBytes = 8 * 1024 * 1024;
    private const int LibraryBytes = 128 * 1024 * 1024;

    // What is left for the runtime.
    private const int KeptBytes = 128 * 1024 * 1024;
    private const int KeptMappings = 128;

    // Each takes three mappings, and the system's usual limit is 65,530.
    private const int ManyThreads = 1000;

    // One at a time, so that two do not count on the same room.
    private static readonly Lock s_lock = new();
    private static int s_threads;

    /// <summary>Threads for peers that live now. Tests set it.</summary>
    public static int Threads
    {
        get => Volatile.Read(ref s_threads);
        set => Volatile.Write(ref s_threads, value);
    }

    /// <summary>Runs <paramref name="start"/>, which starts a thread that calls <see cref="Leave"/> at its end, if there is room for it.</summary>
    /// <exception cref="OutOfMemoryException">There is none, or the system gives no thread.</exception>
    public static void Enter(int stackBytes, Action start)
    {
        bool isLimited = OperatingSystem.IsLinux() && Environment.Is64BitProcess && NativeAddresses.AddressesAreLimited();
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
                lock (s_lock)
                {
                    if ((isLimited && !HasAddresses(stackBytes)) || (areMany && !HasMappings(KeptMappings)))
                    {
                        throw new OutOfMemoryException("What is left of addresses or mappings is kept for the runtime.");
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

    /// <summary>A thread that was begun by <see cref="Enter"/> ends.</summary>
    public static void Leave() => Interlocked.Decrement(ref s_threads);

    /// <summary>True when so large a stack, 0 for the usual one, leaves enough.</summary>
    internal static bool HasAddresses(long stackBytes)
    {
        nuint bytes = (nuint)(stackBytes > 0 ? stackBytes : StackBytes) + LibraryBytes + KeptBytes;
        nint start = NativeAddresses.Reserve(bytes);
        return start != 0 && NativeAddresses.Free(start, bytes) == 0;
    }

    /// <summary>True when so many mappings more can be made. Two pages that differ in what may be done with them are two mappings.</summary>
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
