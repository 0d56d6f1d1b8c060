using System.Runtime.InteropServices;

namespace Multiprocess.Native;

/// <summary>The C library's calls for memory that two processes share, with the constants of Linux.</summary>
internal static unsafe partial class NativeSharedMemory
{
    /// <summary>No process can make the file shorter or longer, or add other seals.</summary>
    public const int Seals = SealSeal | SealShrink | SealGrow;

    /// <summary>No process can make the file shorter or longer.</summary>
    public const int SealsOfSize = SealShrink | SealGrow;

    private const int SealSeal = 1;
    private const int SealShrink = 2;
    private const int SealGrow = 4;
    private const int SealWrite = 8;
    private const int SealFutureWrite = 16;
    private const int ReadOnly = 1;
    private const int CloseOnExecFlag = 0x80000;
    private const uint CloseOnExec = 1;
    private const uint AllowSealing = 2;
    private const int AddSeals = 1033;
    private const int GetSeals = 1034;
    private const int ReadAndWrite = 3;
    private const int Shared = 1;
    private const long TemporaryFileSystem = 0x0102_1994;
    private const nint Failed = -1;

    /// <summary>Creates a file that exists only in memory, with a size that can never change.</summary>
    /// <returns>The descriptor, closed on exec; -1 when the system provides none.</returns>
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
    /// Creates a file that exists only in memory, with a size that can never change, and maps it for writing. No other
    /// process can map it for writing, if the kernel supports that seal.
    /// </summary>
    /// <param name="bytes">The size.</param>
    /// <param name="start">The beginning of the mapping.</param>
    /// <returns>The descriptor, closed on exec; -1 when the system provides none.</returns>
    public static int CreateOwn(nint bytes, out nint start)
    {
        start = 0;
        int file = CreateFile("multiprocess", CloseOnExec | AllowSealing);
        if (file < 0)
        {
            return -1;
        }

        if (Truncate(file, bytes) == 0 && (start = Map(file, bytes, isWritable: true)) != 0)
        {
            // The seal does not affect the existing mapping, which stays writable.
            if (NativeFiles.Control(file, AddSeals, SealsOfSize | SealFutureWrite) == 0
                || NativeFiles.Control(file, AddSeals, SealsOfSize) == 0)
            {
                return file;
            }

            _ = NativeAddresses.Free(start, (nuint)bytes);
            start = 0;
        }

        int error = Errno.Last;
        _ = NativeFiles.Close(file);
        System.Runtime.InteropServices.Marshal.SetLastPInvokeError(error);
        return -1;
    }

    /// <summary>Opens such a file again for reading only; returns -1 when that is not possible.</summary>
    public static int OpenForReading(int file)
        => NativeFiles.Open(
            string.Create(System.Globalization.CultureInfo.InvariantCulture, $"/proc/self/fd/{file}"),
            CloseOnExecFlag,
            mode: 0);

    /// <summary>Makes the bytes unchangeable for everyone. Returns false while a writable mapping exists.</summary>
    public static bool Freeze(int file) => NativeFiles.Control(file, AddSeals, SealWrite) == 0;

    /// <summary>True when nobody can change the bytes.</summary>
    public static bool IsFrozen(int file) => (NativeFiles.Control(file, GetSeals, 0) & SealWrite) != 0;

    /// <summary>
    /// Whether a descriptor that a peer sent is memory of exactly this size, sealed, and in pages of the usual size.
    /// Accessing such memory cannot crash this process.
    /// </summary>
    public static bool IsSealed(NativeHandle file, nint bytes) => IsSealed(file.Descriptor, bytes, Seals);

    /// <summary>As <see cref="IsSealed(NativeHandle, nint)"/>, for other seals.</summary>
    public static bool IsSealed(int file, nint bytes, int seals)
    {
        // Room for the kernel's structure, whose first member is the type of the file system on all 64-bit systems.
        long* status = stackalloc long[32];
        return NativeFiles.Look(file, out NativeFiles.StatusBuffer found) == 0
            && found.Length == (ulong)bytes
            && NativeFiles.Control(file, GetSeals, 0) is var set and >= 0
            && (set & seals) == seals
            && FileSystem(file, status) == 0
            && status[0] == TemporaryFileSystem;
    }

    /// <summary>Maps the whole file for reading and writing; returns 0 when there is no room.</summary>
    public static nint Map(NativeHandle file, nint bytes) => Map(file.Descriptor, bytes, isWritable: true);

    /// <summary>Maps the whole file; returns 0 when there is no room, or writing is not allowed.</summary>
    public static nint Map(int file, nint bytes, bool isWritable)
    {
        nint start = Map(0, (nuint)bytes, isWritable ? ReadAndWrite : ReadOnly, Shared, file, 0);
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
