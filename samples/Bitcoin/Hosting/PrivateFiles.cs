using System.Runtime.InteropServices;

namespace Bitcoin.Hosting;

/// <summary>Makes the files of this process and its children readable for their user only.</summary>
public static partial class PrivateFiles
{
    // Octal 077: no permission for the group and for others.
    private const uint OwnerOnly = 0x3f;

    /// <summary>
    /// From now on files and directories are created for their owner only, whatever the shell's umask. A program calls
    /// this first.
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
