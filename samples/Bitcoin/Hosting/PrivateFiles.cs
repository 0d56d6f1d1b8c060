using System.Runtime.InteropServices;

namespace Bitcoin.Hosting;

/// <summary>Keeps what this process and its children write to their user.</summary>
public static partial class PrivateFiles
{
    // Octal 077: nothing for the group, nothing for others.
    private const uint OwnerOnly = 0x3f;

    /// <summary>
    /// From here on files and directories are made for their owner only, whatever the shell's mask is. To be called
    /// first in a program.
    /// </summary>
    public static void Use()
    {
        if (!OperatingSystem.IsWindows())
        {
            _ = SetMask(OwnerOnly);
        }
    }

    [LibraryImport("libc", EntryPoint = "umask")]
    private static partial uint SetMask(uint mask);
}
