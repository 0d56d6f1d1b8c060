namespace Samples.Tests;

/// <summary>Where things are in the repository that these tests were built in.</summary>
internal static class Repository
{
    // bin/<configuration>/net10.0/ below the project.
    private static readonly string s_configuration =
        Path.GetFileName(Path.GetDirectoryName(Path.TrimEndingDirectorySeparator(AppContext.BaseDirectory)))!;

    public static string Root { get; } = FindRoot();

    /// <summary>What these tests were built as.</summary>
    public static string Configuration => s_configuration;

    /// <summary>The executable of a sample that is built into its own folder.</summary>
    public static string Program(string project)
        => Path.Combine(Root, project, "bin", s_configuration, "net10.0", Path.GetFileName(project));

    /// <summary>An executable of samples that are built into one folder.</summary>
    public static string Program(string folder, string name)
        => Path.Combine(Root, "artifacts", folder, s_configuration, name);

    private static string FindRoot()
    {
        string? root = AppContext.BaseDirectory;
        while (root is not null && !File.Exists(Path.Combine(root, "Multiprocess.sln")))
        {
            root = Path.GetDirectoryName(root);
        }

        return root ?? throw new InvalidOperationException("The tests do not run inside the repository.");
    }
}
