namespace Multiprocess.Processes;

/// <summary>Where the program of a child is.</summary>
internal static class ProgramPath
{
    /// <summary>Finds a program: a path is taken as given, a bare name is looked for beside this process's own executable.</summary>
    /// <remarks>The search path of the environment plays no part: it is not this program's to trust.</remarks>
    /// <exception cref="IpcException">There is no such program.</exception>
    public static string Find(string program) => Find(program, OwnDirectories());

    public static string Find(string program, IReadOnlyList<string> directories)
    {
        ArgumentException.ThrowIfNullOrEmpty(program);
        if (program.Contains('/', StringComparison.Ordinal) || Path.IsPathRooted(program))
        {
            return Path.GetFullPath(program);
        }

        foreach (string directory in directories)
        {
            string path = Path.Combine(directory, program);
            if (File.Exists(path))
            {
                return path;
            }
        }

        throw new IpcException(
            IpcErrorKind.SpawnFailed,
            $"Cannot start '{program}': there is no such program in {string.Join(" or ", directories.Select(directory => $"'{directory}'"))}.");
    }

    private static string[] OwnDirectories()
    {
        string? own = Path.GetDirectoryName(Environment.ProcessPath);
        string application = Path.TrimEndingDirectorySeparator(AppContext.BaseDirectory);
        return own is null || own == application ? [application] : [own, application];
    }
}
