using System.Runtime.InteropServices;

namespace Multiprocess.Native;

/// <summary>The user and the group of this process.</summary>
internal static partial class NativeUser
{
    [LibraryImport("libc", EntryPoint = "geteuid")]
    public static partial uint EffectiveUserId();

    [LibraryImport("libc", EntryPoint = "getegid")]
    public static partial uint EffectiveGroupId();
}
