using System.Collections.Immutable;
using System.Diagnostics;
using System.Globalization;
using System.Text.Json.Nodes;
using Bitcoin.Hosting;
using Bitcoin.Interfaces;
using Bitcoin.Rpc;

namespace Bitcoin.Wallet;

/// <summary>The wallets of a process, driven by a node and calling it back.</summary>
public sealed class WalletLoader : IWalletLoader, IChainNotifications
{
    private const string Verification = "Wallet file verification failed. ";

    /// <summary>How the names of directories begin in which a wallet is being made.</summary>
    private const string Unfinished = ".unfinished-";

    private static readonly TimeSpan s_unfinishedAge = TimeSpan.FromMinutes(1);

    private readonly IChain _chain;
    private readonly DebugLog _log;
    private readonly string _directory;
    private readonly IReadOnlyList<string> _atStart;

    // Held for moments only; reading the list of wallets needs no lock.
    private readonly Lock _gate = new();
    private readonly List<IHandler> _handlers = [];
    private readonly HashSet<string> _loading = [];

    // Held while the wallets are told of a block: one that joins them sees each block once.
    private readonly Lock _telling = new();

    // The height of which the wallets have been told; its monitor is pulsed.
    private readonly object _toldGate = new();
    private int _told = -1;

    private ImmutableList<SimpleWallet> _wallets = [];
    private readonly Listeners<IWallet> _loaded = new();

    /// <summary>Wallets on a node's chain.</summary>
    /// <param name="chain">The chain.</param>
    /// <param name="directory">Where the wallets are; it need not exist.</param>
    /// <param name="atStart">Which to load at the start.</param>
    /// <param name="log">The process's log.</param>
    public WalletLoader(IChain chain, string directory, IReadOnlyList<string> atStart, DebugLog log)
    {
        _chain = chain;
        _directory = directory;
        _atStart = atStart;
        _log = log;
        Commands = [.. new WalletCommands(this, chain).All];
    }

    /// <summary>The JSON-RPC methods of the wallets.</summary>
    public IReadOnlyList<RpcCommand> Commands { get; }

    internal IReadOnlyList<SimpleWallet> Wallets => _wallets;

    /// <inheritdoc/>
    public void RegisterRpcs()
    {
        lock (_gate)
        {
            _handlers.AddRange(Commands.Select(_chain.HandleRpc));
        }
    }

    /// <inheritdoc/>
    public bool Load(out string? error)
    {
        lock (_gate)
        {
            _handlers.Add(_chain.HandleNotifications(this));
        }

        RemoveUnfinished();
        error = null;
        HashSet<string> seen = [];
        foreach (string name in _atStart)
        {
            if (!seen.Add(name))
            {
                _chain.InitWarning($"Ignoring duplicate -wallet {LineText.Escape(name)}.");
            }
            else if (LoadWallet(name, out _) is WalletFailure failure)
            {
                if (failure.Code != RpcErrorCode.WalletNotFound)
                {
                    error = failure.Message;
                    return false;
                }

                _chain.InitWarning($"Skipping -wallet path that doesn't exist. {failure.Message[Verification.Length..]}");
            }
        }

        return true;
    }

    /// <inheritdoc/>
    public WalletResult CreateWallet(string name, string passphrase, out List<string> warnings)
    {
        warnings = [];
        if (passphrase.Length > 0)
        {
            return new WalletFailure(RpcErrorCode.Wallet, "Wallets hold no keys yet, so there is nothing that a passphrase could lock.");
        }

        if (!IsName(name))
        {
            return new WalletFailure(RpcErrorCode.Wallet, $"Wallet name must be a file name, not '{LineText.Escape(name)}'.");
        }

        return Reserved(name, () =>
        {
            string path = Path.Combine(_directory, name);
            if (!TryRemoveLeftovers(path))
            {
                return new WalletFailure(RpcErrorCode.Wallet, $"{Verification}Failed to create database path '{path}'. Database already exists.");
            }

            // Whole under another name first: a kill or a full disk leaves nothing under this one.
            string unfinished = Path.Combine(_directory, Unfinished + Guid.NewGuid().ToString("N"));
            try
            {
                DataDirectory.Create(unfinished);
                WalletFile.New().Write(Path.Combine(unfinished, WalletFile.FileName));
                Directory.Move(unfinished, path);
            }
            catch
            {
                Remove(unfinished);
                throw;
            }

            return Locked(path);
        })!;
    }

    /// <inheritdoc/>
    public WalletResult LoadWallet(string name, out List<string> warnings)
    {
        warnings = [];
        return Reserved(name, () =>
        {
            string path = Path.Combine(_directory, name);
            return _wallets.Exists(wallet => wallet.GetWalletName() == name) ? new WalletFailure(RpcErrorCode.WalletAlreadyLoaded, $"Wallet \"{LineText.Escape(name)}\" is already loaded.")
                : IsName(name) && File.Exists(Path.Combine(path, WalletFile.FileName)) ? Locked(path)
                : new WalletFailure(RpcErrorCode.WalletNotFound, $"{Verification}Failed to load database path '{LineText.Escape(path)}'. Path does not exist.");
        })!;
    }

    /// <inheritdoc/>
    public WalletMigration MigrateWallet(string name, string passphrase)
    {
        WalletMigration? migration = null;
        WalletResult? busy = Reserved(name, () =>
        {
            migration = MigrateReserved(name);
            return null;
        });
        return migration ?? new WalletMigration(null, "", (busy as WalletFailure)?.Message ?? "");
    }

    private WalletMigration MigrateReserved(string name)
    {
        string path = Path.Combine(_directory, name, WalletFile.FileName);
        if (!IsName(name) || WalletFile.TryRead(path) is not { } file)
        {
            return new WalletMigration(null, "", $"There is no wallet '{name}'.");
        }

        _wallets.Find(wallet => wallet.GetWalletName() == name)?.Remove();
        using IDisposable? fileLock = WalletFile.TryLock(Path.Combine(_directory, name));
        if (fileLock is null)
        {
            return new WalletMigration(null, "", InUse(Path.Combine(_directory, name)));
        }

        string backup = Path.Combine(_directory, string.Create(CultureInfo.InvariantCulture, $"{name}_{DateTimeOffset.UtcNow.ToUnixTimeSeconds()}.legacy.bak"));
        File.Copy(path, backup, overwrite: true);
        (file with { Version = WalletFile.NewestVersion }).Write(path);
        fileLock.Dispose();
        return Locked(Path.Combine(_directory, name)) switch
        {
            WalletLoaded loaded => new WalletMigration(loaded.Wallet, backup, null),
            WalletFailure failure => new WalletMigration(null, backup, failure.Message),
            _ => throw new InvalidOperationException("A wallet is loaded, or it is not."),
        };
    }

    /// <inheritdoc/>
    public string GetWalletDir() => _directory;

    /// <inheritdoc/>
    public List<(string Name, string Format)> ListWalletDir()
    {
        return Directory.Exists(_directory)
            ? [.. Directory.GetDirectories(_directory).Where(static path => !Path.GetFileName(path).StartsWith(Unfinished, StringComparison.Ordinal) && File.Exists(Path.Combine(path, WalletFile.FileName))).Order(StringComparer.Ordinal).Select(static path => (Path.GetFileName(path), "json"))]
            : [];
    }

    /// <inheritdoc/>
    public List<IWallet> GetWallets() => [.. _wallets];

    /// <inheritdoc/>
    public IHandler HandleLoadWallet(Action<IWallet> loaded) => _loaded.Add(loaded);

    /// <inheritdoc/>
    public void BlockConnected(BlockInfo block)
    {
        _log.Write($"Block {block.Height} connected: {block.Hash}");
        lock (_telling)
        {
            ImmutableList<SimpleWallet> wallets = _wallets;
            if (!wallets.IsEmpty && _chain.GetBlock(block.Hash) is { } data)
            {
                wallets.ForEach(wallet => wallet.Connect(block, data));
            }
        }
    }

    /// <inheritdoc/>
    public void BlockDisconnected(BlockInfo block)
    {
        _log.Write($"Block {block.Height} disconnected: {block.Hash}");
        lock (_telling)
        {
            _wallets.ForEach(wallet => wallet.Disconnect(block));
        }
    }

    /// <inheritdoc/>
    public void UpdatedBlockTip(BlockInfo tip)
    {
        _log.Write($"The tip is now block {tip.Height}");
        lock (_toldGate)
        {
            _told = tip.Height;
            Monitor.PulseAll(_toldGate);
        }
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        IHandler[] handlers;
        lock (_gate)
        {
            handlers = [.. _handlers];
            _handlers.Clear();
        }

        foreach (IHandler handler in handlers)
        {
            handler.Dispose();
        }

        Interlocked.Exchange(ref _wallets, []).ForEach(static wallet => wallet.Close());
        _log.Write("Wallets unloaded");
    }

    /// <summary>Waits until the wallets have been told of all blocks up to a height.</summary>
    /// <returns>False when it took longer than the bound.</returns>
    internal bool WaitUntilTold(int height, TimeSpan bound)
    {
        long start = Stopwatch.GetTimestamp();
        lock (_toldGate)
        {
            while (_told < height)
            {
                TimeSpan left = bound - Stopwatch.GetElapsedTime(start);
                if (left <= TimeSpan.Zero || !Monitor.Wait(_toldGate, left))
                {
                    return false;
                }
            }
        }

        return true;
    }

    /// <summary>Whether a wallet is loaded at the next start of its node: kept by the node, changed from here.</summary>
    /// <returns>False when the node could not write it down.</returns>
    internal bool SetLoadOnStart(string name, bool wanted)
    {
        return _chain.UpdateRwSetting("wallet", (ref JsonNode? value) =>
        {
            // One name may stand there without a list.
            JsonArray names = value as JsonArray ?? (value is null ? [] : [value.DeepClone()]);
            bool isThere = names.Any(other => other?.ToString() == name);
            if (isThere == wanted)
            {
                return null;
            }

            value = new JsonArray([.. names.Select(static other => other?.ToString()).Where(other => other != name).Concat(wanted ? [name] : []).Select(static other => (JsonNode?)other)]);
            return SettingsAction.Write;
        });
    }

    /// <summary>A name for a directory here, and for a line of a log. One with U+FFFD was made of bytes that are no text, and another one may have been made of others.</summary>
    private static bool IsName(string name)
    {
        return name.Length > 0 && name is not ("." or "..") && Path.GetFileName(name) == name && LineText.IsFit(name)
            && !name.Contains('\ufffd', StringComparison.Ordinal) && !name.StartsWith(Unfinished, StringComparison.Ordinal);
    }

    /// <summary>Whether nothing stands in the way of a new wallet: nothing at all, or what a kill has left of one that never was.</summary>
    private static bool TryRemoveLeftovers(string path)
    {
        if (!Path.Exists(path))
        {
            return true;
        }

        if (!Directory.Exists(path) || Directory.EnumerateFileSystemEntries(path).Any(static entry => !WalletFile.IsLeftover(Path.GetFileName(entry))))
        {
            return false;
        }

        using IDisposable? fileLock = WalletFile.TryLock(path);
        if (fileLock is null)
        {
            return false;
        }

        Directory.Delete(path, recursive: true);
        return true;
    }

    /// <summary>Removes what was being made when a process was killed; what another process is making right now is too young.</summary>
    private void RemoveUnfinished()
    {
        if (!Directory.Exists(_directory))
        {
            return;
        }

        foreach (string path in Directory.EnumerateDirectories(_directory, Unfinished + "*"))
        {
            if (DateTime.UtcNow - Directory.GetLastWriteTimeUtc(path) > s_unfinishedAge)
            {
                _log.Write($"Removing {Path.GetFileName(path)}, of a wallet that was never finished");
                Remove(path);
            }
        }
    }

    private static void Remove(string path)
    {
        try
        {
            Directory.Delete(path, recursive: true);
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            // Not there, or for the next start.
        }
    }

    private static string InUse(string path) => $"{Verification}Unable to obtain an exclusive lock on '{path}'. Is it being used by another process?";

    /// <summary>Keeps two calls from having the same wallet at a time; other wallets can be loaded meanwhile.</summary>
    private WalletResult? Reserved(string name, Func<WalletResult?> load)
    {
        lock (_gate)
        {
            if (!_loading.Add(name))
            {
                return new WalletFailure(RpcErrorCode.Wallet, "Wallet already loading.");
            }
        }

        try
        {
            return load();
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            return new WalletFailure(RpcErrorCode.Wallet, $"{Verification}{exception.Message}");
        }
        finally
        {
            lock (_gate)
            {
                _loading.Remove(name);
            }
        }
    }

    private WalletResult Locked(string path)
    {
        if (WalletFile.TryLock(path) is not { } fileLock)
        {
            return new WalletFailure(RpcErrorCode.Wallet, InUse(path));
        }

        bool isAdded = false;
        try
        {
            if (WalletFile.TryRead(Path.Combine(path, WalletFile.FileName)) is not { } file)
            {
                return new WalletFailure(RpcErrorCode.Wallet, $"{Verification}{Path.Combine(path, WalletFile.FileName)} is damaged.");
            }

            WalletLoaded loaded = new(Add(path, file, fileLock));
            isAdded = true;
            return loaded;
        }
        finally
        {
            if (!isAdded)
            {
                fileLock.Dispose();
            }
        }
    }

    private SimpleWallet Add(string path, WalletFile file, IDisposable fileLock)
    {
        string name = Path.GetFileName(path);
        SimpleWallet wallet = new(name, Path.Combine(path, WalletFile.FileName), file, fileLock, _chain, gone => ImmutableInterlocked.Update(ref _wallets, static (list, gone) => list.Remove(gone), gone));

        // The long part while nobody waits for it; then what came meanwhile, and from there on it is told.
        wallet.Scan();
        lock (_telling)
        {
            wallet.Scan();
            ImmutableInterlocked.Update(ref _wallets, static (list, added) => list.Add(added), wallet);
        }

        _log.Write($"Loaded wallet {name}: {wallet.GetBalances()}");
        _loaded.Tell(wallet);
        return wallet;
    }
}
