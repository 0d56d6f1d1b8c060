using System.Runtime.InteropServices;

namespace Multiprocess.Native;

/// <summary>The C library's calls for the address space, with the constants of Linux.</summary>
internal static unsafe partial class NativeAddresses
{
    public const int ReadOnly = 1;

    private const int NoAccess = 0;
    private const int Private = 0x2;
    private const int Anonymous = 0x20;
    private const int NoReserve = 0x4000;
    private const int AddressLimitNumber = 9;
    private const nint Failed = -1;

    /// <summary>True when this process has a limit on its address space.</summary>
    public static bool AddressesAreLimited()
    {
        nuint* now = stackalloc nuint[2];
        return GetLimit(AddressLimitNumber, now) == 0 && now[0] != nuint.MaxValue;
    }

    /// <summary>Reserves address space without memory; returns 0 when there is not enough.</summary>
    public static nint Reserve(nuint bytes)
    {
        nint start = Map(0, bytes, NoAccess, Private | Anonymous | NoReserve, -1, 0);
        return start == Failed ? 0 : start;
    }

    [LibraryImport("libc", EntryPoint = "munmap")]
    public static partial int Free(nint start, nuint bytes);

    [LibraryImport("libc", EntryPoint = "mprotect")]
    public static partial int Protect(nint start, nuint bytes, int access);

    [LibraryImport("libc", EntryPoint = "mmap")]
    private static partial nint Map(nint wish, nuint bytes, int access, int flags, int file, nint offset);

    [LibraryImport("libc", EntryPoint = "getrlimit")]
    private static partial int GetLimit(int resource, nuint* nowAndMost);
}
