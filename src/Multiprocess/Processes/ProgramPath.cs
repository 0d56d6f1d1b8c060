namespace Multiprocess.Processes;

/// <summary>Finds the program of a child.</summary>
internal static class ProgramPath
{
    /// <summary>
    /// Finds a program: a path is used as given, a bare name is searched in the directory of this process's executable.
    /// </summary>
    /// <remarks>The PATH variable is not used, because it cannot be trusted.</remarks>
    /// <exception cref="IpcException">The program does not exist.</exception>
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
            $"Cannot start '{program}': there is no such program in "
                + $"{string.Join(" or ", directories.Select(directory => $"'{directory}'"))}.");
    }

    private static string[] OwnDirectories()
    {
        string? own = Path.GetDirectoryName(Environment.ProcessPath);
        string application = Path.TrimEndingDirectorySeparator(AppContext.BaseDirectory);
        return own is null || own == application ? [application] : [own, application];
    }
}
