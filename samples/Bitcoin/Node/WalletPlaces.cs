using Bitcoin.Hosting;
using Bitcoin.Interfaces;

namespace Bitcoin.Node;

/// <summary>The directories of wallets, and the files that a wallet process may open.</summary>
internal sealed class WalletPlaces
{
    /// <summary>The file of a wallet, in its directory.</summary>
    internal const string FileName = "wallet.dat";

    private const string Log = "debug.log.wallet";
    private const string WatchOnly = "_watchonly";
    private const string Migrating = "migratewallet";

    private readonly WalletSettings _settings;
    private readonly string _directory;

    internal WalletPlaces(WalletSettings settings)
    {
        _settings = settings;
        _directory = settings.Options?.GetValueOrDefault("walletdir") ?? DataDirectory.Wallets(settings.DataDirectory);
    }

    /// <summary>Whether processes are confined on this system at all.</summary>
    internal static bool AreConfined => OperatingSystem.IsLinux();

    /// <summary>The files that the node opens for such a process.</summary>
    internal ChildFiles MakeFiles() => new(Path.Combine(_settings.DataDirectory, Log));

    /// <summary>The confinement of the process for the usual directory; null for none.</summary>
    internal Confinement? Inside
        => !AreConfined ? null
        : new Confinement(Directory.Exists(_directory) ? [_directory] : []);

    /// <summary>The directory of a wallet outside of the usual one; null for a wallet in it.</summary>
    /// <param name="name">The wallet's name: a path, relative to the directory of wallets or absolute.</param>
    internal string? FindOutside(string name)
    {
        // The wallet process refuses a name that is not a path.
        if (!AreConfined || _directory.Length == 0 || name.Contains('\0', StringComparison.Ordinal))
        {
            return null;
        }

        try
        {
            string path = Path.Combine(_directory, name);
            return RealPath.IsWithin(path, _directory) ? null : RealPath.Of(path);
        }
        catch (IOException)
        {
            return null;
        }
    }

    /// <summary>The confinement of the process for one wallet outside. Creates missing directories.</summary>
    /// <param name="path">The wallet's directory.</param>
    /// <param name="method">The method that is to open or make the wallet; null at the start of the node.</param>
    /// <param name="made">The directories that were made.</param>
    /// <exception cref="HostException">One cannot be made.</exception>
    internal static Confinement Outside(string path, string? method, out IReadOnlyList<string> made)
    {
        string[] wanted = method switch
        {
            Migrating when Directory.Exists(path) => [path, path + WatchOnly],
            "createwallet" or "restorewallet" when !File.Exists(path) => [path],
            _ => Directory.Exists(path) ? [path] : [],
        };
        string[] missing = [.. wanted.Where(static directory => !Directory.Exists(directory))];
        try
        {
            Array.ForEach(missing, DataDirectory.Create);
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            throw new HostException(
                $"Wallet file verification failed. SQLiteDatabase: Failed to open database in directory '{path}': "
                    + exception.Message,
                exception);
        }

        made = missing;
        return new Confinement(wanted);
    }
}
