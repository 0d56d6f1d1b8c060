using System.Reflection;

namespace Bitcoin.Benchmarks.Support;

/// <summary>Where the programs and the real blocks are.</summary>
internal static class Places
{
    private const string Variable = "MULTIPROCESS_TEST_DATA";

    internal static string Program(string name) => Path.Combine(Folder("HostFolder"), name);

    /// <summary>A file of real data; null, with the reason on the error output, where it is not there.</summary>
    internal static string? Data(string figure, string relativePath)
    {
        string? folder = Environment.GetEnvironmentVariable(Variable);
        string path = Path.Combine(string.IsNullOrEmpty(folder) ? Folder("DataFolder") : folder, relativePath);
        if (File.Exists(path))
        {
            return path;
        }

        Bench.LeaveOut(
            figure, $"no {relativePath}, neither beside the repository in shared/data nor where {Variable} says.");
        return null;
    }

    private static string Folder(string key) => Path.GetFullPath(typeof(Places).Assembly
        .GetCustomAttributes<AssemblyMetadataAttribute>()
        .Single(attribute => attribute.Key == key).Value!);
}
