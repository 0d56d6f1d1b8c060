namespace Multiprocess.Transports.Unix;

/// <summary>Creates directories that only their owner can enter.</summary>
internal static class OwnerDirectory
{
    private const UnixFileMode OwnerOnly = UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute;

    /// <summary>Creates a directory and its missing parents. Existing directories are not changed.</summary>
    /// <exception cref="IOException">Something else is in the way, or the system refused.</exception>
    /// <exception cref="UnauthorizedAccessException">No directory may be created there.</exception>
    public static void Make(string path)
    {
        Stack<string> missing = new();
        for (string? ancestor = path;
            ancestor is not null && !Directory.Exists(ancestor);
            ancestor = Path.GetDirectoryName(ancestor))
        {
            missing.Push(ancestor);
        }

        // One by one: with a whole path, the base library applies the mode only to the last directory.
        foreach (string one in missing)
        {
            _ = OperatingSystem.IsWindows()
                ? Directory.CreateDirectory(one)
                : Directory.CreateDirectory(one, OwnerOnly);
        }
    }
}
