using System.Runtime.InteropServices;

namespace Multiprocess.Native;

/// <summary>Whose process this is.</summary>
internal static partial class NativeUser
{
    [LibraryImport("libc", EntryPoint = "geteuid")]
    public static partial uint EffectiveUserId();

    [LibraryImport("libc", EntryPoint = "getegid")]
    public static partial uint EffectiveGroupId();
}
