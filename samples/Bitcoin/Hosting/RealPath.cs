namespace Bitcoin.Hosting;

/// <summary>Where a path leads, once all symbolic links in it are followed.</summary>
public static class RealPath
{
    private const int MaxLinks = 40;

    /// <summary>The path without links; a part that does not exist stands as it is.</summary>
    /// <param name="path">The path, relative to the current directory or absolute.</param>
    /// <exception cref="IOException">It has too many links.</exception>
    public static string Of(string path)
    {
        int links = 0;
        string whole = Path.GetFullPath(path);
        Stack<string> left = new(Parts(whole));
        string found = Path.GetPathRoot(whole)!;
        while (left.TryPop(out string? part))
        {
            if (part == "..")
            {
                found = Path.GetDirectoryName(found) ?? found;
                continue;
            }

            string next = Path.Combine(found, part);
            if (new FileInfo(next).LinkTarget is not { } target)
            {
                found = next;
                continue;
            }

            if (++links > MaxLinks)
            {
                throw new IOException($"'{path}' has more than {MaxLinks} symbolic links.");
            }

            found = Path.IsPathRooted(target) ? Path.GetPathRoot(target)! : found;
            foreach (string one in Parts(target))
            {
                left.Push(one);
            }
        }

        return found;
    }

    /// <summary>Whether a path leads to a directory or into it.</summary>
    /// <param name="path">The path.</param>
    /// <param name="directory">The directory.</param>
    /// <exception cref="IOException">One of them has too many links.</exception>
    public static bool IsWithin(string path, string directory)
    {
        string real = Of(path);
        string root = Path.TrimEndingDirectorySeparator(Of(directory));
        return real == root || real.StartsWith(root + Path.DirectorySeparatorChar, StringComparison.Ordinal);
    }

    // The last first, so that the first is popped first.
    private static IEnumerable<string> Parts(string path)
        => path.Split(Path.DirectorySeparatorChar, StringSplitOptions.RemoveEmptyEntries)
            .Where(static part => part != ".")
            .Reverse();
}
