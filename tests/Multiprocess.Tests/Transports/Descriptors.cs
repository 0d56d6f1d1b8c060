namespace Multiprocess.Tests.Transports;

/// <summary>What the kernel says about this process's descriptors.</summary>
internal static class Descriptors
{
    public static int Count() => Directory.GetFileSystemEntries("/proc/self/fd").Length;

    public static bool IsOpen(int descriptor) => File.Exists($"/proc/self/fdinfo/{descriptor}");

    public static bool IsClosedOnExec(int descriptor)
    {
        string flags = File.ReadLines($"/proc/self/fdinfo/{descriptor}").First(line => line.StartsWith("flags:", StringComparison.Ordinal));
        return (Convert.ToInt64(flags["flags:".Length..].Trim(), 8) & Convert.ToInt64("2000000", 8)) != 0;
    }
}
