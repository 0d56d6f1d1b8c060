using Bitcoin.Primitives;

namespace Bitcoin.Hosting;

/// <summary>The directories in which a host keeps its files.</summary>
public static class DataDirectory
{
    /// <summary>The directory of a network, absolute. It differs from the original program's own.</summary>
    /// <param name="option">The value of -datadir; null for the default in the user's home.</param>
    /// <param name="network">The network.</param>
    public static string ForNetwork(string? option, NetworkParameters network)
        => Path.Combine(Root(option), network.Directory);

    /// <summary>The directory of all networks, absolute.</summary>
    public static string Root(string? option) => string.IsNullOrEmpty(option)
        ? Path.Combine(Environment.GetFolderPath(Environment.SpecialFolder.UserProfile), Currency.Names.Directory)
        : Path.GetFullPath(option);

    /// <summary>
    /// The default directory of wallets. As in Bitcoin Core, a data directory without a directory "wallets" is itself
    /// the directory of wallets.
    /// </summary>
    /// <param name="data">The network's data directory.</param>
    public static string Wallets(string data)
        => Path.Combine(data, "wallets") is var own && Directory.Exists(own) ? own : data;

    /// <summary>
    /// The configuration file of a directory. If the default directory has none, the user's file for the original
    /// program is read; its datadir= says where files go. Nothing is ever written to that program's directory.
    /// </summary>
    public static string ConfigFile(string root, string name)
    {
        string own = Path.Combine(root, name);
        string theirs = Path.Combine(
            Environment.GetFolderPath(Environment.SpecialFolder.UserProfile), Currency.Names.ClientDirectory, name);
        return root == Root(null) && !Path.Exists(own) && Path.Exists(theirs) ? theirs : own;
    }

    /// <summary>Locks a directory against other programs until the result is disposed.</summary>
    /// <exception cref="HostException">Another program has locked it.</exception>
    public static IDisposable Lock(string path)
    {
        try
        {
            return new FileStream(
                Path.Combine(path, ".lock"), FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.None);
        }
        catch (IOException)
        {
            throw new HostException(
                $"Cannot obtain a lock on directory {path}. {ClientName.Text} is probably already running.");
        }
    }

    /// <summary>
    /// Refuses a directory in which the original program has its databases: both programs would write the same block
    /// files.
    /// </summary>
    /// <exception cref="HostException">It is such a directory.</exception>
    public static void RefuseForeign(string path)
    {
        if (File.Exists(Path.Combine(path, "chainstate", "CURRENT"))
            || File.Exists(Path.Combine(path, "blocks", "index", "CURRENT")))
        {
            throw new HostException(
                $"Data directory {path} holds {ClientName.Text}'s own databases. Expected a directory of this "
                    + $"program's own: -datadir=<dir>.");
        }
    }

    /// <summary>Creates a directory, for its owner only, unless it exists.</summary>
    /// <exception cref="IOException">It cannot be created.</exception>
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
