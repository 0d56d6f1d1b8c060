using Bitcoin.Primitives;

namespace Bitcoin.Hosting;

/// <summary>Where a host keeps its files.</summary>
public static class DataDirectory
{
    private const string DefaultName = ".bitcoin-multiprocess";

    /// <summary>The directory of a network, absolute. Not Bitcoin Core's own: the two must not meet there.</summary>
    /// <param name="option">The value of -datadir; null for the default in the user's home.</param>
    /// <param name="network">The network.</param>
    public static string ForNetwork(string? option, NetworkParameters network)
    {
        string root = string.IsNullOrEmpty(option)
            ? Path.Combine(Environment.GetFolderPath(Environment.SpecialFolder.UserProfile), DefaultName)
            : Path.GetFullPath(option);
        return Path.Combine(root, network.Directory);
    }

    /// <summary>Makes a directory, for its owner only, unless it exists.</summary>
    /// <exception cref="IOException">It cannot be made.</exception>
    public static void Create(string path)
    {
        if (OperatingSystem.IsWindows())
        {
            Directory.CreateDirectory(path);
        }
        else
        {
            Directory.CreateDirectory(path, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);
        }
    }
}
