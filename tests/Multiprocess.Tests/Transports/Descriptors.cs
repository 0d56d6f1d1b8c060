namespace Multiprocess.Tests.Transports;

/// <summary>What the kernel says about this process's descriptors.</summary>
internal static class Descriptors
{
    public static int Count() => All().Length;

    /// <summary>
    /// Without the libraries and their symbols, which the runtime opens when it first loads one or describes a stack.
    /// </summary>
    public static int CountWithoutPrograms()
        => All().Count(
            descriptor => Path.GetExtension(new FileInfo($"/proc/self/fd/{descriptor}").LinkTarget)
                is not (".dll" or ".pdb"));

    /// <summary>Every open descriptor, without the one that was open only to list them.</summary>
    public static int[] All() =>
        [
            .. Directory.GetFileSystemEntries("/proc/self/fd")
                .Select(name => int.Parse(Path.GetFileName(name)))
                .ToList()
                .Where(IsOpen)
        ];

    public static bool IsOpen(int descriptor) => File.Exists($"/proc/self/fdinfo/{descriptor}");

    public static bool IsClosedOnExec(int descriptor)
    {
        string flags = File.ReadLines($"/proc/self/fdinfo/{descriptor}").First(
            line => line.StartsWith("flags:", StringComparison.Ordinal));
        return (Convert.ToInt64(flags["flags:".Length..].Trim(), 8) & Convert.ToInt64("2000000", 8)) != 0;
    }
}
