using Bitcoin.Primitives;

namespace Bitcoin.Hosting;

/// <summary>Where a host keeps its files.</summary>
public static class DataDirectory
{
    private const string DefaultName = ".bitcoin-multiprocess";

    /// <summary>The directory of a network, absolute. Not Bitcoin Core's own: the two must not meet there.</summary>
    /// <param name="option">The value of -datadir; null for the default in the user's home.</param>
    /// <param name="network">The network.</param>
    public static string ForNetwork(string? option, NetworkParameters network) => Path.Combine(Root(option), network.Directory);

    /// <summary>The directory of all networks, absolute.</summary>
    public static string Root(string? option) => string.IsNullOrEmpty(option)
        ? Path.Combine(Environment.GetFolderPath(Environment.SpecialFolder.UserProfile), DefaultName)
        : Path.GetFullPath(option);

    /// <summary>Keeps other programs off a directory until the result is disposed.</summary>
    /// <exception cref="HostException">Another program has it.</exception>
    public static IDisposable Lock(string path)
    {
        try
        {
            return new FileStream(Path.Combine(path, ".lock"), FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.None);
        }
        catch (IOException)
        {
            throw new HostException($"Cannot obtain a lock on directory {path}. Another node is probably already running.");
        }
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
