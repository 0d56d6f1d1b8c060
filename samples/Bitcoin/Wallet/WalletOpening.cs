using System.Globalization;
using System.Security.Cryptography;
using Bitcoin.Descriptors;
using Bitcoin.Hosting;
using Bitcoin.Interfaces;
using Bitcoin.Primitives;
using Bitcoin.Wallet.Keys;
using Bitcoin.Wallet.Storage;

namespace Bitcoin.Wallet;

/// <summary>An opened wallet, or an error.</summary>
/// <param name="Wallet">The wallet; null for none.</param>
/// <param name="Code">The JSON-RPC code of the error.</param>
/// <param name="Error">What went wrong, in Bitcoin Core's words.</param>
internal sealed record Opened(DescriptorWallet? Wallet, int Code = 0, string Error = "");

/// <summary>
/// Creates, opens, restores and migrates the files of wallets. Thread-safe; the loader makes sure that no wallet is
/// opened twice.
/// </summary>
internal sealed class WalletOpening(
    IChain chain,
    NetworkParameters network,
    WalletPaths paths,
    OutsideFiles files,
    DebugLog log,
    Func<DescriptorWallet, bool> remove)
{
    private const string Verification = "Wallet file verification failed. ";

    internal WalletOptions Options { get; set; } = new();

    /// <summary>Creates a wallet and opens it.</summary>
    internal Opened Create(
        string name, WalletFlags flags, ReadOnlySpan<byte> passphrase, byte[]? seed, List<string> warnings)
    {
        if (name.Length == 0)
        {
            return new Opened(null, RpcErrorCode.InvalidParameter, "Wallet name cannot be empty");
        }

        if (passphrase.Length > 0 && (flags & WalletFlags.DisablePrivateKeys) != 0)
        {
            return new Opened(
                null,
                RpcErrorCode.Wallet,
                "Passphrase provided but private keys are disabled. A passphrase is only used to encrypt private keys, "
                    + "so cannot be used for wallets with private keys disabled.");
        }

        if (!paths.TryFind(name, out string path, out string error))
        {
            return new Opened(
                null, RpcErrorCode.Wallet, WalletPaths.IsFit(name.Split('/')) ? Verification + error : error);
        }

        if (paths.IsWallet(path)
            || WalletPaths.IsLegacy(path)
            || File.Exists(Path.Combine(path, WalletDatabase.FileName)))
        {
            return new Opened(
                null,
                RpcErrorCode.Wallet,
                $"{Verification}Failed to create database path '{path}'. Database already exists.");
        }

        // Created under another name and then renamed: a kill or a full disk leaves no incomplete wallet.
        return Finish(name, path, UnfinishedBeside(path), flags, passphrase, seed, warnings);
    }

    /// <summary>Opens a wallet.</summary>
    internal Opened Load(string name, List<string> warnings)
    {
        if (!paths.TryFind(name, out string path, out string error))
        {
            return new Opened(
                null,
                WalletPaths.IsFit(name.Split('/')) ? RpcErrorCode.Wallet : RpcErrorCode.WalletNotFound,
                Verification + error);
        }

        return Refuse(path) is { } refusal
            ? refusal with { Error = Verification + refusal.Error }
            : Open(name, path, warnings, isNew: false);
    }

    /// <summary>Why a path cannot be opened; null if it can.</summary>
    internal Opened? Refuse(string path)
    {
        return !Path.Exists(path) ? new Opened(
            null, RpcErrorCode.WalletNotFound, $"Failed to load database path '{path}'. Path does not exist.")
            : paths.IsWallet(path) ? null
            : WalletPaths.IsLegacy(path) ? new Opened(
                null,
                RpcErrorCode.WalletNotFound,
                $"Failed to open database path '{path}'. The wallet appears to be a Legacy wallet, please use the "
                    + $"wallet migration tool (migratewallet RPC or the GUI option).")
            : new Opened(
                null,
                RpcErrorCode.WalletNotFound,
                $"Failed to load database path '{path}'. Data is not in recognized format.");
    }

    /// <summary>Copies a backup to the place of a wallet, and opens it.</summary>
    /// <param name="name">The wallet's name.</param>
    /// <param name="backup">The path of the backup.</param>
    /// <param name="load">Opens the wallet.</param>
    internal Opened Restore(string name, string backup, Func<Opened> load)
    {
        if (name.Length == 0)
        {
            return new Opened(null, RpcErrorCode.InvalidParameter, "Wallet name cannot be empty");
        }

        if (!File.Exists(backup))
        {
            return new Opened(null, RpcErrorCode.InvalidParameter, "Backup file does not exist");
        }

        string path = Path.Combine(paths.Directory, name);
        string file = Path.Combine(path, WalletDatabase.FileName);
        bool isNewDirectory = !Path.Exists(path);
        if (!isNewDirectory && !Directory.Exists(path))
        {
            return new Opened(
                null, RpcErrorCode.WalletAlreadyExists, $"Failed to restore wallet. Database file exists '{path}'.");
        }

        if (File.Exists(file))
        {
            return new Opened(
                null, RpcErrorCode.WalletAlreadyExists, $"Failed to restore wallet. Database file exists in '{file}'.");
        }

        // Under another name first, like a new wallet.
        string unfinished = UnfinishedBeside(path);
        bool isThere = false;
        bool isOpen = false;
        try
        {
            Directory.CreateDirectory(unfinished);
            string copy = Path.Combine(unfinished, WalletDatabase.FileName);
            files.CopyHere(backup, copy);
            Directory.CreateDirectory(path);
            File.Move(copy, file);
            isThere = true;
            Opened opened = load();
            isOpen = opened.Wallet is not null;
            return opened;
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            return new Opened(null, RpcErrorCode.Wallet, $"Unexpected exception: {exception.Message}");
        }
        finally
        {
            Remove(unfinished);
            if (!isOpen)
            {
                RemoveRestored(path, isThere ? file : null, isNewDirectory);
            }
        }
    }

    /// <summary>
    /// Turns a wallet of this program's old format into one with keys. The old addresses, which anybody can spend from,
    /// go into a second wallet that only watches them.
    /// </summary>
    internal (string? Backup, string? WatchOnly, string? Error) Migrate(string name)
    {
        if (!paths.TryFind(name, out string path, out string error))
        {
            return (null, null, error);
        }

        if (!Path.Exists(path))
        {
            return (null, null, "Error: Wallet does not exist");
        }

        string file = Path.Combine(path, WalletDatabase.FileName);
        if (paths.IsWallet(path))
        {
            return (null, null, "Error: This wallet is already a descriptor wallet");
        }

        if (OldWalletFile.TryRead(file) is not { } old)
        {
            return (
                null,
                null,
                $"{Verification}Failed to open database path '{path}'. Only wallets of this program's own old form can be migrated here.");
        }

        using IDisposable? fileLock = OldWalletFile.TryLock(path);
        if (fileLock is null)
        {
            return (null, null, $"Error: Unable to make a backup of your wallet: '{path}' is used by another process.");
        }

        string? watchOnly = old.Labels.Count == 0 ? null : $"{name}_watchonly";
        if (watchOnly is not null && File.Exists(Path.Combine(paths.Directory, watchOnly, WalletDatabase.FileName)))
        {
            return (null, null, $"Error: The wallet '{watchOnly}' is there already, and would be replaced.");
        }

        string backup = Path.Combine(
            paths.Contains(path) ? paths.Directory : path,
            string.Create(CultureInfo.InvariantCulture, $"{Path.GetFileName(path)}_{chain.GetTime()}.legacy.bak"));
        string unfinished = UnfinishedBeside(path);
        try
        {
            Copy(file, backup);
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            return (null, null, $"Error: Unable to make a backup of your wallet: {exception.Message}");
        }

        try
        {
            if (watchOnly is not null)
            {
                MakeWatching(Path.Combine(paths.Directory, watchOnly), old);
            }

            Remove(unfinished);
            WalletFile.Create(
                unfinished,
                WalletFlags.Descriptors,
                [],
                Convert.FromHexString(old.Seed),
                chain.GetTime(),
                chain.GetTipLocator(),
                network,
                Options);
            File.Move(Path.Combine(unfinished, WalletDatabase.FileName), file, overwrite: true);
            return (backup, watchOnly, null);
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            return (backup, null, exception.Message);
        }
        finally
        {
            Remove(unfinished);
        }
    }

    internal static void Remove(string path)
    {
        try
        {
            Directory.Delete(path, recursive: true);
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            // Already gone, or left for the next start.
        }
    }

    private static void RemoveRestored(string path, string? file, bool isNewDirectory)
    {
        try
        {
            if (file is not null)
            {
                File.Delete(file);
                File.Delete(file + "-journal");
            }

            if (isNewDirectory && Directory.Exists(path) && !Directory.EnumerateFileSystemEntries(path).Any())
            {
                Directory.Delete(path);
            }
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            // Report the first error, not this one.
        }
    }

    // A wallet outside the directory of wallets is created inside its own directory: no other place there belongs to
    // this program.
    private string UnfinishedBeside(string path)
    {
        string parent = !paths.Contains(path) ? path : Path.GetDirectoryName(path) ?? paths.Directory;
        return Path.Combine(parent, WalletPaths.Unfinished + Guid.NewGuid().ToString("N"));
    }

    private static void Copy(string from, string to)
    {
        using FileStream source = new(from, FileMode.Open, FileAccess.Read);
        using FileStream copy = PrivateFiles.CreateNew(to);
        source.CopyTo(copy);
        copy.Flush(flushToDisk: true);
    }

    private void MakeWatching(string path, OldWalletFile old)
    {
        Remove(path);
        WalletFile.Create(
            path,
            WalletFlags.Descriptors | WalletFlags.DisablePrivateKeys | WalletFlags.Blank,
            [],
            null,
            chain.GetTime(),
            chain.GetTipLocator(),
            network,
            Options);
        using WalletDatabase database = WalletDatabase.Open(path, network.Magic, isNew: false, Options.WaitsForDisk);
        database.InTransaction(() =>
        {
            WalletRecords records = new(database);
            KeyRing keys = new(records, network, gap: 1);
            AddressBook book = new(records, network);
            for (int i = 0; i < old.Labels.Count; i++)
            {
                NBitcoin.Script script = NBitcoin.Script.FromBytesUnsafe(old.ReceiveScript(i));
                string text = $"addr({Address.Format(script, network)})";
                Descriptor.TryParse(text, network, needsChecksum: false, out Descriptor? descriptor, out _);
                keys.Import(descriptor!, new DescriptorRecord("", 1, 0, 0, 1), [], out _);
                book.Set(script, old.Labels[i], AddressBook.Receive);
            }

            // Scans from the first block, because the times of payments are unknown.
            records.WriteBestBlock([network.GenesisHash]);
            records.WriteFlags(
                WalletFlags.Descriptors | WalletFlags.DisablePrivateKeys | WalletFlags.LastHardenedCached);
        });
    }

    private Opened Finish(
        string name,
        string path,
        string unfinished,
        WalletFlags flags,
        ReadOnlySpan<byte> passphrase,
        byte[]? seed,
        List<string> warnings)
    {
        byte[] copy = passphrase.ToArray();
        try
        {
            Opened? failure = Guard(path, () =>
            {
                chain.InitMessage("Creating wallet…");
                WalletFile.Create(
                    unfinished, flags, copy, seed, chain.GetTime(), chain.GetTipLocator(), network, Options);
                Directory.CreateDirectory(path);
                File.Move(
                    Path.Combine(unfinished, WalletDatabase.FileName), Path.Combine(path, WalletDatabase.FileName));
            });
            return failure ?? Open(name, path, warnings, isNew: true);
        }
        finally
        {
            CryptographicOperations.ZeroMemory(copy);
            Remove(unfinished);
        }
    }

    private Opened Open(string name, string path, List<string> warnings, bool isNew)
    {
        chain.InitMessage("Loading wallet…");
        warnings.AddRange(Options.Warnings);
        try
        {
            DescriptorWallet wallet = WalletFile.Open(
                name, path, chain, network, Options, log, remove, warnings, isNew);
            if (!Options.AllowsOtherChains
                && wallet.Records.ReadBestBlock() is [.., { } genesis]
                && genesis != network.GenesisHash)
            {
                wallet.Dispose();
                return new Opened(
                    null,
                    RpcErrorCode.Wallet,
                    $"Wallet loading failed. Wallet files should not be reused across chains. Restart {Currency.Names.Daemon} with "
                        + "-walletcrosschain to override.");
            }

            return new Opened(wallet);
        }
        catch (WalletFileException exception)
            when (exception.Message.StartsWith("SQLiteDatabase: ", StringComparison.Ordinal)
                || exception.Message.StartsWith("Failed to verify", StringComparison.Ordinal))
        {
            return new Opened(null, RpcErrorCode.Wallet, Verification + exception.Message);
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            return new Opened(null, RpcErrorCode.Wallet, $"Wallet loading failed. {exception.Message}");
        }
    }

    private static Opened? Guard(string path, Action act)
    {
        try
        {
            act();
            return null;
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            return new Opened(
                null,
                RpcErrorCode.Wallet,
                $"{Verification}SQLiteDatabase: Failed to open database in directory '{path}': {exception.Message}");
        }
    }
}
