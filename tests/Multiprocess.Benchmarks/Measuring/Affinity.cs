using System.ComponentModel;
using System.Globalization;
using System.Runtime.InteropServices;

namespace Multiprocess.Benchmarks.Measuring;

/// <summary>Which cores threads may run on.</summary>
/// <remarks>
/// A process inherits the cores of the thread that starts it, so a child is bound before its runtime counts the cores:
/// as <c>taskset</c> would do it.
/// </remarks>
internal static unsafe class Affinity
{
    private const int MaskBytes = 128;

    /// <summary>The cores that the calling thread may run on, in order.</summary>
    public static IReadOnlyList<int> AllowedCores()
    {
        byte* mask = stackalloc byte[MaskBytes];
        new Span<byte>(mask, MaskBytes).Clear();
        Check(Get(0, MaskBytes, mask));
        return Cores(mask);
    }

    /// <summary>Starts a process on a core, or anywhere, and keeps this one where it is.</summary>
    public static T Start<T>(int? core, Func<T> start)
    {
        if (core is null)
        {
            return start();
        }

        byte* own = stackalloc byte[MaskBytes];
        new Span<byte>(own, MaskBytes).Clear();
        Check(Get(0, MaskBytes, own));
        byte* mask = stackalloc byte[MaskBytes];
        new Span<byte>(mask, MaskBytes).Clear();
        mask[core.Value / 8] = (byte)(1 << (core.Value % 8));
        Check(Set(0, MaskBytes, mask));
        try
        {
            return start();
        }
        finally
        {
            // What started it may have made threads here, and they inherited the core that was meant for the child.
            BindThreads(own);
        }
    }

    private static void BindThreads(byte* mask)
    {
        // Twice: a thread that was not bound yet may have made another meanwhile.
        for (int i = 0; i < 2; i++)
        {
            foreach (string thread in Directory.GetDirectories("/proc/self/task"))
            {
                if (Set(int.Parse(Path.GetFileName(thread), CultureInfo.InvariantCulture), MaskBytes, mask) < 0
                    && Directory.Exists(thread))
                {
                    throw new Win32Exception(Marshal.GetLastPInvokeError());
                }
            }
        }
    }

    private static List<int> Cores(byte* mask)
    {
        List<int> cores = [];
        for (int core = 0; core < MaskBytes * 8; core++)
        {
            if ((mask[core / 8] & (1 << (core % 8))) != 0)
            {
                cores.Add(core);
            }
        }

        return cores;
    }

    private static void Check(int result)
    {
        if (result < 0)
        {
            throw new Win32Exception(Marshal.GetLastPInvokeError());
        }
    }

    [DllImport("libc", EntryPoint = "sched_setaffinity", SetLastError = true)]
    private static extern int Set(int thread, nuint bytes, byte* mask);

    [DllImport("libc", EntryPoint = "sched_getaffinity", SetLastError = true)]
    private static extern int Get(int thread, nuint bytes, byte* mask);
}
