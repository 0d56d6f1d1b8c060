using System.Collections.Immutable;
using System.Globalization;
using System.Text.Json.Nodes;
using Bitcoin.Hosting;
using Bitcoin.Interfaces;
using Bitcoin.Rpc;

namespace Bitcoin.Wallet;

/// <summary>The wallets of a process, driven by a node and calling it back.</summary>
public sealed class WalletLoader : IWalletLoader, IChainNotifications
{
    private readonly IChain _chain;
    private readonly DebugLog _log;
    private readonly string _directory;
    private readonly IReadOnlyList<string> _atStart;

    // Wallets are loaded and unloaded one after the other; reading the list needs no lock.
    private readonly Lock _gate = new();
    private readonly List<IHandler> _handlers = [];
    private ImmutableList<SimpleWallet> _wallets = [];
    private ImmutableList<Action<IWallet>> _loaded = [];

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

        error = _atStart.Select(name => LoadWallet(name, out _)).OfType<WalletFailure>().FirstOrDefault()?.Message;
        return error is null;
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
            return new WalletFailure(RpcErrorCode.Wallet, $"Wallet name must be a file name, not '{name}'.");
        }

        lock (_gate)
        {
            string path = Path.Combine(_directory, name);
            if (Directory.Exists(path))
            {
                return new WalletFailure(RpcErrorCode.Wallet, $"Wallet file verification failed. Failed to create database path '{path}'. Database already exists.");
            }

            DataDirectory.Create(path);
            WalletFile file = WalletFile.New();
            file.Write(Path.Combine(path, WalletFile.FileName));
            return Add(name, file);
        }
    }

    /// <inheritdoc/>
    public WalletResult LoadWallet(string name, out List<string> warnings)
    {
        warnings = [];
        lock (_gate)
        {
            if (_wallets.Exists(wallet => wallet.GetWalletName() == name))
            {
                return new WalletFailure(RpcErrorCode.WalletAlreadyLoaded, $"Wallet \"{name}\" is already loaded.");
            }

            string path = Path.Combine(_directory, name, WalletFile.FileName);
            if (!IsName(name) || !File.Exists(path))
            {
                return new WalletFailure(RpcErrorCode.WalletNotFound, $"Wallet file verification failed. Failed to load database path '{Path.GetDirectoryName(path)}'. Path does not exist.");
            }

            return WalletFile.TryRead(path) is { } file
                ? Add(name, file)
                : new WalletFailure(RpcErrorCode.Wallet, $"Wallet file verification failed. {path} is damaged.");
        }
    }

    /// <inheritdoc/>
    public WalletMigration MigrateWallet(string name, string passphrase)
    {
        string path = Path.Combine(_directory, name, WalletFile.FileName);
        if (!IsName(name) || WalletFile.TryRead(path) is not { } file)
        {
            return new WalletMigration(null, "", $"There is no wallet '{name}'.");
        }

        _wallets.Find(wallet => wallet.GetWalletName() == name)?.Remove();
        string backup = Path.Combine(_directory, string.Create(CultureInfo.InvariantCulture, $"{name}_{DateTimeOffset.UtcNow.ToUnixTimeSeconds()}.legacy.bak"));
        File.Copy(path, backup, overwrite: true);
        (file with { Version = WalletFile.NewestVersion }).Write(path);
        return LoadWallet(name, out _) switch
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
            ? [.. Directory.GetDirectories(_directory).Where(static path => File.Exists(Path.Combine(path, WalletFile.FileName))).Order(StringComparer.Ordinal).Select(static path => (Path.GetFileName(path), "json"))]
            : [];
    }

    /// <inheritdoc/>
    public List<IWallet> GetWallets() => [.. _wallets];

    /// <inheritdoc/>
    public IHandler HandleLoadWallet(Action<IWallet> loaded)
    {
        ImmutableInterlocked.Update(ref _loaded, static (list, added) => list.Add(added), loaded);
        return new LoadHandler(() => ImmutableInterlocked.Update(ref _loaded, static (list, gone) => list.Remove(gone), loaded));
    }

    /// <inheritdoc/>
    public void BlockConnected(BlockInfo block)
    {
        _log.Write($"Block {block.Height} connected: {block.Hash}");
        ImmutableList<SimpleWallet> wallets = _wallets;
        if (!wallets.IsEmpty && _chain.GetBlock(block.Hash) is { } bytes)
        {
            wallets.ForEach(wallet => wallet.Connect(block, bytes));
        }
    }

    /// <inheritdoc/>
    public void BlockDisconnected(BlockInfo block)
    {
        _log.Write($"Block {block.Height} disconnected: {block.Hash}");
        _wallets.ForEach(wallet => wallet.Disconnect(block));
    }

    /// <inheritdoc/>
    public void UpdatedBlockTip(BlockInfo tip) => _log.Write($"The tip is now block {tip.Height}");

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

        _wallets = [];
        _log.Write("Wallets unloaded");
    }

    /// <summary>Whether a wallet is loaded at the next start of its node: kept by the node, changed from here.</summary>
    internal void SetLoadOnStart(string name, bool wanted)
    {
        _chain.UpdateRwSetting("wallet", (ref JsonNode? value) =>
        {
            JsonArray names = value as JsonArray ?? [];
            bool isThere = names.Any(other => other?.ToString() == name);
            if (isThere == wanted)
            {
                return null;
            }

            value = new JsonArray([.. names.Select(static other => other?.ToString()).Where(other => other != name).Concat(wanted ? [name] : []).Select(static other => (JsonNode?)other)]);
            return SettingsAction.Write;
        });
    }

    private static bool IsName(string name) => name.Length > 0 && name is not ("." or "..") && Path.GetFileName(name) == name && !name.Contains('\0', StringComparison.Ordinal);

    private WalletLoaded Add(string name, WalletFile file)
    {
        SimpleWallet wallet = new(name, Path.Combine(_directory, name, WalletFile.FileName), file, _chain, gone => ImmutableInterlocked.Update(ref _wallets, static (list, gone) => list.Remove(gone), gone));

        // In the list first: a block that comes during the scan waits for it, and is then known already.
        ImmutableInterlocked.Update(ref _wallets, static (list, added) => list.Add(added), wallet);
        wallet.Scan();
        _log.Write($"Loaded wallet {name}: {wallet.GetBalances()}");
        _loaded.ForEach(loaded => loaded(wallet));
        return new WalletLoaded(wallet);
    }

    private sealed class LoadHandler(Action remove) : IHandler
    {
        public void Disconnect() => remove();

        public void Dispose() => remove();
    }
}
