using System.Runtime.InteropServices;

namespace Bitcoin.Hosting;

/// <summary>Hides the memory of this process from other processes of the same user. Linux only.</summary>
public static partial class HiddenMemory
{
    private const int SetDumpable = 4;

    /// <summary>
    /// From here on no other process of the user traces this one or reads its memory, and a crash leaves no core dump.
    /// Root still reads it. Call this first in a program that holds keys.
    /// </summary>
    public static void Use()
    {
        if (OperatingSystem.IsLinux())
        {
            _ = SetProcess(SetDumpable, 0, 0, 0, 0);
        }
    }

    [LibraryImport("libc", EntryPoint = "prctl")]
    private static partial int SetProcess(int option, nint value, nint third, nint fourth, nint fifth);
}
