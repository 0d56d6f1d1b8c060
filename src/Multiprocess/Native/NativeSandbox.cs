using System.Runtime.InteropServices;

namespace Multiprocess.Native;

/// <summary>Linux's calls that limit a thread or a process: Landlock, seccomp, and prctl.</summary>
internal static unsafe partial class NativeSandbox
{
    public const int CreateRulesetCall = 444;
    public const int AddRuleCall = 445;
    public const int RestrictSelfCall = 446;

    public const int SetDumpable = 4;
    public const int SetNoNewPrivileges = 38;

    private const int RulesetVersion = 1;
    private const int PathBeneath = 1;
    private const int FilterMode = 1;
    private const int AllThreads = 1;
    private const int OpenPathOnly = 0x200000;

    /// <summary>The version of the kernel's Landlock; 0 when the kernel has none or it is switched off.</summary>
    public static int LandlockVersion => (int)Math.Max(0, SystemCall(CreateRulesetCall, 0, 0, RulesetVersion, 0));

    /// <summary>Creates a set of rules from the attributes that the kernel's version knows.</summary>
    /// <returns>A descriptor, or -1.</returns>
    public static int CreateRuleset(ReadOnlySpan<ulong> attributes)
    {
        fixed (ulong* start = attributes)
        {
            return (int)SystemCall(CreateRulesetCall, (nint)start, attributes.Length * sizeof(ulong), 0, 0);
        }
    }

    /// <summary>Allows accesses at and below a path.</summary>
    /// <returns>0, or the error number.</returns>
    public static int AddRule(int ruleset, int path, ulong access)
    {
        // The kernel's structure is packed: eight bytes and four.
        byte* attributes = stackalloc byte[12];
        *(ulong*)attributes = access;
        *(int*)(attributes + 8) = path;
        return SystemCall(AddRuleCall, ruleset, PathBeneath, (nint)attributes, 0) == 0 ? 0 : Errno.Last;
    }

    /// <summary>Opens a path only for naming it in a rule.</summary>
    /// <returns>A descriptor, or -1.</returns>
    public static int OpenPath(string path) => Open(path, OpenPathOnly | NativeFiles.CloseOnExec);

    /// <summary>Filters the system calls of all threads of this process, now and later.</summary>
    /// <param name="filterCall">The number of the call on this processor.</param>
    /// <param name="program">The filter's instructions, 8 bytes each.</param>
    /// <returns>0, the error number, or -1 when a thread could not be included.</returns>
    public static int Filter(int filterCall, ReadOnlySpan<ulong> program)
    {
        fixed (ulong* start = program)
        {
            // The length, and the address at its own alignment.
            nint* header = stackalloc nint[2];
            header[0] = 0;
            *(ushort*)header = (ushort)program.Length;
            header[1] = (nint)start;
            return SystemCall(filterCall, FilterMode, AllThreads, (nint)header, 0) switch
            {
                0 => 0,
                > 0 => -1,
                _ => Errno.Last,
            };
        }
    }

    /// <returns>0, or the error number.</returns>
    public static int Set(int option, nint value) => Control(option, value, 0, 0, 0) == 0 ? 0 : Errno.Last;

    [LibraryImport("libc", EntryPoint = "syscall", SetLastError = true)]
    private static partial nint SystemCall(nint number, nint first, nint second, nint third, nint fourth);

    [LibraryImport("libc", EntryPoint = "prctl", SetLastError = true)]
    private static partial int Control(int option, nint second, nint third, nint fourth, nint fifth);

    [LibraryImport("libc", EntryPoint = "open", SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    private static partial int Open(string path, int flags);
}
