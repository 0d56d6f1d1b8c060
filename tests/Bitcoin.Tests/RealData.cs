namespace Bitcoin.Tests;

/// <summary>
/// The folder of real blocks beside the repository; tests that need it are skipped, visibly, where it is absent.
/// </summary>
internal static class RealData
{
    private const string Variable = "MULTIPROCESS_TEST_DATA";

    internal static string File(string relativePath)
    {
        string? folder = Environment.GetEnvironmentVariable(Variable);
        if (string.IsNullOrEmpty(folder) && RepositoryRoot() is { } root)
        {
            folder = Path.GetFullPath(Path.Combine(root, "..", "shared", "data"));
        }

        string path = Path.Combine(folder ?? "", relativePath);
        if (!System.IO.File.Exists(path))
        {
            Assert.Ignore(
                $"No {relativePath}: neither beside the repository in shared/data nor where {Variable} says.");
        }

        return path;
    }

    private static string? RepositoryRoot()
    {
        DirectoryInfo? directory = new(AppContext.BaseDirectory);
        while (directory is not null && !System.IO.File.Exists(Path.Combine(directory.FullName, "global.json")))
        {
            directory = directory.Parent;
        }

        return directory?.FullName;
    }
}
