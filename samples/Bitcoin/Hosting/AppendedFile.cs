using System.Runtime.InteropServices;
using Microsoft.Win32.SafeHandles;

namespace Bitcoin.Hosting;

/// <summary>Opens a file that several processes append to: the system puts each write at its end.</summary>
public static partial class AppendedFile
{
    private const int SetFlags = 4;
    private const int Append = 0x400;

    /// <summary>Opens the file, and makes it where there is none.</summary>
    /// <param name="path">Its path.</param>
    /// <exception cref="IOException">It cannot be opened.</exception>
    /// <exception cref="UnauthorizedAccessException">It may not be opened.</exception>
    public static SafeFileHandle Open(string path)
    {
        SafeFileHandle handle = File.OpenHandle(
            path, FileMode.OpenOrCreate, FileAccess.Write, FileShare.ReadWrite | FileShare.Delete);
        if (OperatingSystem.IsLinux() && SetFlag(handle, SetFlags, Append) != 0)
        {
            handle.Dispose();
            throw new IOException($"'{path}' cannot be opened for appending.");
        }

        return handle;
    }

    [LibraryImport("libc", EntryPoint = "fcntl")]
    private static partial int SetFlag(SafeFileHandle file, int command, int flags);
}
