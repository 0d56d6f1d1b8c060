using System.Runtime.InteropServices;

namespace Multiprocess.Native;

/// <summary>The C library's calls for memory that two processes share, with the constants of Linux.</summary>
internal static unsafe partial class NativeSharedMemory
{
    /// <summary>No process can make the file shorter or longer, or take these seals away.</summary>
    public const int Seals = SealSeal | SealShrink | SealGrow;

    private const int SealSeal = 1;
    private const int SealShrink = 2;
    private const int SealGrow = 4;
    private const uint CloseOnExec = 1;
    private const uint AllowSealing = 2;
    private const int AddSeals = 1033;
    private const int GetSeals = 1034;
    private const int ReadAndWrite = 3;
    private const int Shared = 1;
    private const long TemporaryFileSystem = 0x0102_1994;
    private const nint Failed = -1;

    /// <summary>Creates a file that exists only in memory, of a size that can never change.</summary>
    /// <returns>The descriptor, closed on exec; -1 when the system gives none.</returns>
    public static int Create(string name, nint bytes)
    {
        int file = CreateFile(name, CloseOnExec | AllowSealing);
        if (file >= 0 && (Truncate(file, bytes) != 0 || NativeFiles.Control(file, AddSeals, Seals) != 0))
        {
            _ = NativeFiles.Close(file);
            return -1;
        }

        return file;
    }

    /// <summary>
    /// Whether a descriptor that a peer sent is memory of exactly this size, sealed, and in pages of the usual size:
    /// touching such memory cannot end this process.
    /// </summary>
    public static bool IsSealed(NativeHandle file, nint bytes)
    {
        // Room for the kernel's structure, whose first member is the type of the file system on all 64-bit systems.
        long* status = stackalloc long[32];
        return NativeFiles.Look(file.Descriptor, out NativeFiles.StatusBuffer found) == 0
            && found.Length == (ulong)bytes
            && (NativeFiles.Control(file.Descriptor, GetSeals, 0) & Seals) == Seals
            && FileSystem(file.Descriptor, status) == 0
            && status[0] == TemporaryFileSystem;
    }

    /// <summary>Maps the whole file for reading and writing; returns 0 when there is no room.</summary>
    public static nint Map(NativeHandle file, nint bytes)
    {
        nint start = Map(0, (nuint)bytes, ReadAndWrite, Shared, file.Descriptor, 0);
        return start == Failed ? 0 : start;
    }

    [LibraryImport(
        "libc", EntryPoint = "memfd_create", SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    private static partial int CreateFile(string name, uint flags);

    [LibraryImport("libc", EntryPoint = "ftruncate", SetLastError = true)]
    private static partial int Truncate(int file, nint bytes);

    [LibraryImport("libc", EntryPoint = "fstatfs", SetLastError = true)]
    private static partial int FileSystem(int file, long* status);

    [LibraryImport("libc", EntryPoint = "mmap")]
    private static partial nint Map(nint wish, nuint bytes, int access, int flags, int file, nint offset);
}
