using System.Numerics;
using System.Runtime.InteropServices;

namespace Multiprocess.Native;

/// <summary>The processors on which a process may run, Linux only.</summary>
internal static unsafe partial class NativeProcessors
{
    // The kernel refuses a mask that is shorter than its own; this is enough for 8,192 processors.
    private const int MaskWords = 128;

    /// <summary>
    /// Number of different processors on which this process or another may run; 0 when the system does not say.
    /// </summary>
    public static int CountOfBoth(int otherProcess)
    {
        ulong* own = stackalloc ulong[MaskWords];
        ulong* other = stackalloc ulong[MaskWords];
        new Span<ulong>(own, MaskWords).Clear();
        new Span<ulong>(other, MaskWords).Clear();
        if (otherProcess <= 0
            || GetAffinity(0, MaskWords * sizeof(ulong), own) < 0
            || GetAffinity(otherProcess, MaskWords * sizeof(ulong), other) < 0)
        {
            return 0;
        }

        int count = 0;
        for (int i = 0; i < MaskWords; i++)
        {
            count += BitOperations.PopCount(own[i] | other[i]);
        }

        return count;
    }

    [LibraryImport("libc", EntryPoint = "sched_getaffinity", SetLastError = true)]
    private static partial int GetAffinity(int process, nuint bytes, ulong* mask);
}
