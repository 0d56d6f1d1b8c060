namespace Multiprocess.Transports.Unix;

/// <summary>Directories that nobody but their owner may enter.</summary>
internal static class OwnerDirectory
{
    private const UnixFileMode OwnerOnly = UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute;

    /// <summary>Makes a directory and all that it lies in, as far as they are missing. What is there is left as it is.</summary>
    /// <exception cref="IOException">Something else is in the way, or the system refused.</exception>
    /// <exception cref="UnauthorizedAccessException">It may not be made there.</exception>
    public static void Make(string path)
    {
        Stack<string> missing = new();
        for (string? ancestor = path; ancestor is not null && !Directory.Exists(ancestor); ancestor = Path.GetDirectoryName(ancestor))
        {
            missing.Push(ancestor);
        }

        // One by one: given a whole path, the base library applies the mode to the last directory only.
        foreach (string one in missing)
        {
            _ = OperatingSystem.IsWindows() ? Directory.CreateDirectory(one) : Directory.CreateDirectory(one, OwnerOnly);
        }
    }
}
