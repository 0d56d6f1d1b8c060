using System.Runtime.InteropServices;

namespace Multiprocess.Native;

/// <summary>Asks whether the system has room for one more thread.</summary>
internal static partial class NativeThreads
{
    // A function of the C library that takes nothing, does nothing and ends at once.
    private static readonly nint s_nothing = Nothing();

    /// <summary>
    /// Starts a thread that ends at once. False when the system refuses it. True also where the question cannot be
    /// asked. The next start can still fail, because other threads start too.
    /// </summary>
    public static bool CanStart()
    {
        if (s_nothing == 0)
        {
            return true;
        }

        if (Create(out nint thread, attributes: 0, s_nothing, argument: 0) != 0)
        {
            return false;
        }

        _ = Join(thread, result: 0);
        return true;
    }

    private static nint Nothing()
        => OperatingSystem.IsLinux()
            && NativeLibrary.TryLoad("libc", typeof(NativeThreads).Assembly, null, out nint library)
            && NativeLibrary.TryGetExport(library, "pthread_create", out _)
            && NativeLibrary.TryGetExport(library, "getppid", out nint nothing)
                ? nothing
                : 0;

    [LibraryImport("libc", EntryPoint = "pthread_create")]
    private static partial int Create(out nint thread, nint attributes, nint start, nint argument);

    [LibraryImport("libc", EntryPoint = "pthread_join")]
    private static partial int Join(nint thread, nint result);
}
