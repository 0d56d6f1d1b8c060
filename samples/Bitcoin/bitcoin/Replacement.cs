using System.Diagnostics;
using System.Runtime.InteropServices;
using Multiprocess;

namespace Bitcoin.Wrapper;

/// <summary>Replaces this program by another one: same process, same console, same parent.</summary>
internal static partial class Replacement
{
    internal static int Run(string program, IReadOnlyList<string> arguments)
    {
        if (!OperatingSystem.IsWindows())
        {
            // Returns only if it fails.
            string?[] argv = [program, .. arguments, null];
            _ = Execute(program, argv);
            Console.Error.WriteLine(
                $"Error: Could not run {IpcText.Escape(program)}: "
                    + $"{Marshal.GetPInvokeErrorMessage(Marshal.GetLastPInvokeError())}");
            return 1;
        }

        using Process process = Process.Start(program, arguments);
        process.WaitForExit();
        return process.ExitCode;
    }

    [LibraryImport("libc", EntryPoint = "execv", SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    private static partial int Execute(string path, string?[] argv);
}
