using System.Runtime.InteropServices;

namespace Multiprocess.Sandboxing;

/// <summary>The files that any .NET program reads while it starts and runs.</summary>
internal static class RuntimePaths
{
    private static readonly string[] s_system =
    [
        "/lib", "/lib64", "/usr/lib", "/usr/lib64", "/usr/local/lib", "/nix/store",
        "/etc/ld.so.cache", "/etc/ld.so.conf", "/etc/ld.so.conf.d", "/etc/ssl/openssl.cnf", "/etc/localtime",
        "/etc/dotnet", "/usr/share/dotnet", "/usr/share/zoneinfo", "/usr/share/icu", "/usr/share/terminfo",
        "/proc", "/sys/fs/cgroup", "/sys/devices/system", "/sys/kernel/mm/transparent_hugepage",
        "/dev/random", "/dev/urandom", "/dev/zero",
    ];

    /// <summary>Paths that the runtime reads and writes.</summary>
    public static IReadOnlyList<string> Writable { get; } = ["/dev/null"];

    /// <summary>
    /// Paths that the runtime only reads: the directories of the program, of the runtime, and of the system.
    /// </summary>
    /// <param name="program">The child's program.</param>
    public static IEnumerable<string> Readable(string program)
    {
        yield return Path.GetDirectoryName(Path.GetFullPath(program))!;

        // The program may be a link; its files are beside the target.
        if (File.ResolveLinkTarget(program, returnFinalTarget: true) is { } target)
        {
            yield return Path.GetDirectoryName(target.FullName)!;
        }

        // The directory "shared/Microsoft.NETCore.App/10.0.1" below the directory of the runtime. A self-contained
        // program has its runtime in its own directory.
        string version = Path.TrimEndingDirectorySeparator(RuntimeEnvironment.GetRuntimeDirectory());
        if (Path.GetDirectoryName(version) is { } framework
            && Path.GetFileName(framework) == "Microsoft.NETCore.App"
            && Path.GetDirectoryName(framework) is { } shared
            && Path.GetDirectoryName(shared) is { Length: > 1 } root)
        {
            yield return root;
        }

        foreach (string name in (string[])["DOTNET_ROOT", "DOTNET_ROOT_X64", "DOTNET_ROOT_ARM64"])
        {
            if (Environment.GetEnvironmentVariable(name) is { Length: > 0 } named)
            {
                yield return named;
            }
        }

        foreach (string path in s_system)
        {
            yield return path;
        }
    }
}
