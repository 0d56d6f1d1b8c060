using System.Runtime.InteropServices;

namespace Multiprocess.Native;

/// <summary>The C library's calls for files and descriptors, with the constants of Linux.</summary>
internal static unsafe partial class NativeFiles
{
    public const int ReadOnly = 0;
    public const int ReadWrite = 2;
    public const int Create = 0x40;
    public const int Exclusive = 0x80;
    public const int CloseOnExec = 0x80000;

    // These two differ between x64 and arm64.
    public static readonly int Directory =
        RuntimeInformation.ProcessArchitecture is Architecture.Arm64 or Architecture.Arm ? 0x4000 : 0x10000;
    public static readonly int NoFollow =
        RuntimeInformation.ProcessArchitecture is Architecture.Arm64 or Architecture.Arm ? 0x8000 : 0x20000;

    public const int LockExclusive = 2;
    public const int LockNonBlocking = 4;
    public const int GetDescriptorFlags = 1;
    public const int SetDescriptorFlags = 2;
    public const int DescriptorCloseOnExec = 1;
    public const int GetStatusFlags = 3;
    public const int SetStatusFlags = 4;
    public const int NonBlocking = 0x800;

    private const int CurrentDirectory = -100;
    private const int NoFollowLink = 0x100;
    private const int EmptyPath = 0x1000;
    private const uint BasicStatus = 0x7ff;

    private const int DescriptorLimitNumber = 7;

    /// <summary>The maximum number of descriptors of this process.</summary>
    public static int DescriptorLimit()
    {
        ulong* now = stackalloc ulong[2];
        return GetLimit(DescriptorLimitNumber, now) == 0 && now[0] < int.MaxValue ? (int)now[0] : int.MaxValue;
    }

    [LibraryImport("libc", EntryPoint = "getrlimit")]
    private static partial int GetLimit(int resource, ulong* nowAndMost);

    [LibraryImport("libc", EntryPoint = "close", SetLastError = true)]
    public static partial int Close(int descriptor);

    [LibraryImport("libc", EntryPoint = "open", SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    public static partial int Open(string path, int flags, uint mode);

    /// <summary>Makes a pipe whose ends no started program inherits.</summary>
    /// <exception cref="IOException">The system provides no pipe.</exception>
    public static (NativeHandle Read, NativeHandle Write) MakePipe()
    {
        int* descriptors = stackalloc int[2];
        return MakePipe(descriptors, CloseOnExec) == 0
            ? (new NativeHandle(descriptors[0]), new NativeHandle(descriptors[1]))
            : throw Errno.Exception("Making a pipe", Errno.Last);
    }

    [LibraryImport("libc", EntryPoint = "pipe2", SetLastError = true)]
    private static partial int MakePipe(int* descriptors, int flags);

    [LibraryImport("libc", EntryPoint = "flock", SetLastError = true)]
    public static partial int Lock(NativeHandle file, int operation);

    [LibraryImport("libc", EntryPoint = "fchmod", SetLastError = true)]
    public static partial int ChangeMode(NativeHandle file, uint mode);

    [LibraryImport("libc", EntryPoint = "pwrite", SetLastError = true)]
    public static partial nint Write(NativeHandle file, byte* buffer, nuint length, nint offset);

    [LibraryImport("libc", EntryPoint = "pread", SetLastError = true)]
    public static partial nint Read(NativeHandle file, byte* buffer, nuint length, nint offset);

    [LibraryImport("libc", EntryPoint = "rename", SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    public static partial int Rename(string from, string to);

    [LibraryImport("libc", EntryPoint = "link", SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    public static partial int Link(string from, string to);

    [LibraryImport("libc", EntryPoint = "unlink", SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    public static partial int Unlink(string path);

    [LibraryImport("libc", EntryPoint = "fcntl", SetLastError = true)]
    public static partial int Control(int descriptor, int command, int argument);

    /// <summary>Reads the identity of a path, without following a link in its last part.</summary>
    /// <returns>0, or the error number.</returns>
    public static int Look(string path, out FileIdentity identity)
    {
        StatusBuffer status;
        int error = Status(CurrentDirectory, path, NoFollowLink, BasicStatus, &status) == 0 ? 0 : Errno.Last;
        identity = error == 0 ? FileIdentity.From(status) : default;
        return error;
    }

    /// <summary>Reads the identity of an open descriptor.</summary>
    /// <returns>0, or the error number.</returns>
    public static int Look(int descriptor, out FileIdentity identity)
    {
        int error = Look(descriptor, out StatusBuffer status);
        identity = error == 0 ? FileIdentity.From(status) : default;
        return error;
    }

    /// <summary>Reads the status of an open descriptor, with owner, links and length.</summary>
    /// <returns>0, or the error number.</returns>
    public static int Look(int descriptor, out StatusBuffer status)
    {
        StatusBuffer found;
        byte nothing = 0;
        int error = Status(descriptor, &nothing, EmptyPath, BasicStatus, &found) == 0 ? 0 : Errno.Last;
        status = error == 0 ? found : default;
        return error;
    }

    [LibraryImport("libc", EntryPoint = "statx", SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    private static partial int Status(int directory, string path, int flags, uint mask, StatusBuffer* status);

    [LibraryImport("libc", EntryPoint = "statx", SetLastError = true)]
    private static partial int Status(int directory, byte* path, int flags, uint mask, StatusBuffer* status);

    /// <summary>
    /// The kernel's <c>statx</c> structure. Unlike that of <c>stat</c>, its layout is the same on all architectures.
    /// </summary>
    [StructLayout(LayoutKind.Explicit, Size = 256)]
    internal struct StatusBuffer
    {
        [FieldOffset(0x10)]
        public uint Links;

        [FieldOffset(0x14)]
        public uint UserId;

        [FieldOffset(0x1c)]
        public ushort Mode;

        [FieldOffset(0x20)]
        public ulong Inode;

        [FieldOffset(0x28)]
        public ulong Length;

        [FieldOffset(0x88)]
        public uint DeviceMajor;

        [FieldOffset(0x8c)]
        public uint DeviceMinor;
    }
}
