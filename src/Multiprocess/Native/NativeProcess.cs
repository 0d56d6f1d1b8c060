using System.Runtime.InteropServices;

namespace Multiprocess.Native;

/// <summary>The C library's calls to start, end and reap processes, with the constants of Linux.</summary>
/// <remarks>The functions of the spawn family return the error number and do not set errno.</remarks>
internal static unsafe partial class NativeProcess
{
    public const short ResetSignals = 4;
    public const short SetSignalMask = 8;
    public const int KillSignal = 9;
    public const int TerminateSignal = 15;

    /// <summary>Larger than the opaque spawn structures and signal sets of any C library.</summary>
    public const int OpaqueBytes = 1024;

    private const int ByProcessId = 1;
    private const int OnExit = 4;
    private const int LeaveUnreaped = 0x01000000;
    private const int OpenProcessDescriptorCall = 434;

    /// <summary>Waits until the child has ended, without reaping it.</summary>
    /// <returns>0, or the error number.</returns>
    public static int WaitForEnd(int processId)
    {
        byte* information = stackalloc byte[128];
        while (true)
        {
            if (WaitFor(ByProcessId, processId, information, OnExit | LeaveUnreaped) == 0)
            {
                return 0;
            }

            int error = Errno.Last;
            if (error != Errno.Interrupted)
            {
                return error;
            }
        }
    }

    /// <summary>
    /// Opens a descriptor of a process, with close-on-exec. It becomes readable when the process ends.
    /// </summary>
    /// <returns>The descriptor, or -1.</returns>
    public static int OpenDescriptor(int processId) => (int)SystemCall(OpenProcessDescriptorCall, processId, 0);

    [LibraryImport("libc", EntryPoint = "posix_spawn")]
    public static partial int Spawn(
        int* processId,
        byte* path,
        void* actions,
        void* attributes,
        byte** arguments,
        byte** environment);

    [LibraryImport("libc", EntryPoint = "posix_spawn_file_actions_init")]
    public static partial int InitializeActions(void* actions);

    [LibraryImport("libc", EntryPoint = "posix_spawn_file_actions_destroy")]
    public static partial int DestroyActions(void* actions);

    [LibraryImport("libc", EntryPoint = "posix_spawn_file_actions_adddup2")]
    public static partial int AddDuplicate(void* actions, int from, int to);

    [LibraryImport("libc", EntryPoint = "posix_spawn_file_actions_addclosefrom_np")]
    public static partial int AddCloseFrom(void* actions, int first);

    [LibraryImport(
        "libc", EntryPoint = "posix_spawn_file_actions_addchdir_np", StringMarshalling = StringMarshalling.Utf8)]
    public static partial int AddChangeDirectory(void* actions, string path);

    [LibraryImport("libc", EntryPoint = "posix_spawnattr_init")]
    public static partial int InitializeAttributes(void* attributes);

    [LibraryImport("libc", EntryPoint = "posix_spawnattr_destroy")]
    public static partial int DestroyAttributes(void* attributes);

    [LibraryImport("libc", EntryPoint = "posix_spawnattr_setflags")]
    public static partial int SetAttributeFlags(void* attributes, short flags);

    [LibraryImport("libc", EntryPoint = "posix_spawnattr_setsigdefault")]
    public static partial int SetDefaultSignals(void* attributes, void* signals);

    [LibraryImport("libc", EntryPoint = "posix_spawnattr_setsigmask")]
    public static partial int SetBlockedSignals(void* attributes, void* signals);

    [LibraryImport("libc", EntryPoint = "sigfillset")]
    public static partial int FillSignals(void* signals);

    [LibraryImport("libc", EntryPoint = "sigemptyset")]
    public static partial int EmptySignals(void* signals);

    [LibraryImport("libc", EntryPoint = "waitpid", SetLastError = true)]
    public static partial int Reap(int processId, int* status, int options);

    [LibraryImport("libc", EntryPoint = "kill", SetLastError = true)]
    public static partial int Signal(int processId, int signal);

    [LibraryImport("libc", EntryPoint = "waitid", SetLastError = true)]
    private static partial int WaitFor(int idKind, int id, void* information, int options);

    [LibraryImport("libc", EntryPoint = "syscall", SetLastError = true)]
    private static partial nint SystemCall(nint number, nint first, nint second);
}
