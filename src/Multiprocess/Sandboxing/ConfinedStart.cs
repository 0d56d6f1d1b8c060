using System.Globalization;
using System.Runtime.InteropServices;
using Multiprocess.Native;
using Multiprocess.Transports;

namespace Multiprocess.Sandboxing;

/// <summary>Starts a program whose process is confined before its first instruction.</summary>
/// <remarks>
/// The limits are permanent. They bind the thread that sets them, and every program that this thread starts. So a
/// separate thread sets the limits, starts the program and ends. That thread must not open any file: everything it
/// needs is looked up before.
/// </remarks>
internal static unsafe class ConfinedStart
{
    private const int StackBytes = 256 * 1024;

    /// <summary>The pointers that posix_spawn takes.</summary>
    public readonly record struct Arguments(
        nint ProcessId,
        nint Path,
        nint Actions,
        nint Attributes,
        nint Strings,
        nint Environment);

    /// <summary>Starts the program.</summary>
    /// <param name="limits">The rules about files; null where the kernel has none.</param>
    /// <param name="arguments">What posix_spawn takes; valid until this method returns.</param>
    /// <returns>0, or the error number of the step that failed.</returns>
    /// <exception cref="OutOfMemoryException">The system provides no thread.</exception>
    public static int Spawn(FileRules? limits, Arguments arguments)
    {
        nint program = NativeLibrary.GetMainProgramHandle();
        var control = (delegate* unmanaged<int, nint, nint, nint, nint, int>)NativeLibrary.GetExport(program, "prctl");
        var call = (delegate* unmanaged<nint, nint, nint, nint>)NativeLibrary.GetExport(program, "syscall");
        var spawn = (delegate* unmanaged<nint, nint, nint, nint, nint, nint, int>)NativeLibrary.GetExport(
            program, "posix_spawn");
        int rules = limits?.Descriptor ?? -1;
        _ = Marshal.GetLastSystemError();
        return BackgroundThread.Run(
            () =>
            {
                // Without this flag the kernel lets only privileged processes set limits.
                if (control(NativeSandbox.SetNoNewPrivileges, 1, 0, 0, 0) != 0
                    || (rules >= 0 && call(NativeSandbox.RestrictSelfCall, rules, 0) != 0))
                {
                    return Marshal.GetLastSystemError();
                }

                return spawn(
                    arguments.ProcessId,
                    arguments.Path,
                    arguments.Actions,
                    arguments.Attributes,
                    arguments.Strings,
                    arguments.Environment);
            },
            "ipc sandbox",
            StackBytes).GetAwaiter().GetResult();
    }

    /// <summary>Whether the kernel filters the system calls of a process.</summary>
    public static bool IsFiltered(int processId)
    {
        const string Mode = "Seccomp:";
        try
        {
            string path = string.Create(CultureInfo.InvariantCulture, $"/proc/{processId}/status");
            return File.ReadLines(path)
                .Any(static line => line.StartsWith(Mode, StringComparison.Ordinal)
                    && line[Mode.Length..].Trim() == "2");
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            // The child has ended, and will be reported as ended.
            return false;
        }
    }
}
