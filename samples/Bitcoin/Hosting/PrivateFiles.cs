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

    /// <summary>Creates an empty file for its owner only, or empties an existing file, which keeps its mode.</summary>
    /// <param name="path">Its path.</param>
    /// <exception cref="IOException">It cannot be made.</exception>
    /// <exception cref="UnauthorizedAccessException">It may not be made.</exception>
    public static FileStream Create(string path) => Open(path, FileMode.Create);

    /// <summary>Makes a new file, empty, for its owner only.</summary>
    /// <param name="path">Its path.</param>
    /// <exception cref="IOException">It cannot be made, or there is one.</exception>
    /// <exception cref="UnauthorizedAccessException">It may not be made.</exception>
    public static FileStream CreateNew(string path) => Open(path, FileMode.CreateNew);

    private static FileStream Open(string path, FileMode mode)
    {
        FileStreamOptions options = new() { Mode = mode, Access = FileAccess.Write, BufferSize = 0 };
        if (!OperatingSystem.IsWindows())
        {
            options.UnixCreateMode = UnixFileMode.UserRead | UnixFileMode.UserWrite;
        }

        return new FileStream(path, options);
    }

    [LibraryImport("libc", EntryPoint = "umask")]
    private static partial uint SetMask(uint mask);
}
