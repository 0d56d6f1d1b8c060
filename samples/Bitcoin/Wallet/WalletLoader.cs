using System.Collections.Immutable;
using System.Diagnostics;
using System.Diagnostics.CodeAnalysis;
using System.Text.Json.Nodes;
using Bitcoin.Hosting;
using Bitcoin.Interfaces;
using Bitcoin.Primitives;
using Bitcoin.Wallet.Coins;
using Bitcoin.Wallet.Encryption;
using Bitcoin.Wallet.Rpc;
using Bitcoin.Wallet.Storage;
using Multiprocess;
using NBitcoin;

namespace Bitcoin.Wallet;

/// <summary>The wallets of a process, driven by a node and calling it back.</summary>
public sealed class WalletLoader : IWalletLoader, IChainNotifications
{
    private const string Verification = "Wallet file verification failed. ";

    private static readonly TimeSpan s_unfinishedAge = TimeSpan.FromMinutes(1);
    private static readonly TimeSpan s_resendInterval = TimeSpan.FromMinutes(1);

    private readonly IChain _chain;
    private readonly DebugLog _log;
    private readonly IReadOnlyList<string> _atStart;
    private readonly IReadOnlyDictionary<string, string> _options;
    private readonly WalletOpening _opening;
    private readonly Timer _resend;

    // Held for moments only; reading the list of wallets needs no lock.
    private readonly Lock _gate = new();
    private readonly List<IHandler> _handlers = [];
    private readonly HashSet<string> _loading = [];

    // Held while the wallets are told of something: one that joins them is told of everything once.
    private readonly Lock _telling = new();

    // Pulsed when the wallets have been told of a tip.
    private readonly object _toldGate = new();

    private ImmutableList<DescriptorWallet> _wallets = [];
    private readonly Listeners<IWallet> _loaded = new();
    private long _bestBlockTime;
    private long _nextResend;

    /// <summary>Wallets on a node's chain.</summary>
    /// <param name="chain">The chain.</param>
    /// <param name="directory">Where the wallets are, unless -walletdir says otherwise; it need not exist.</param>
    /// <param name="atStart">Which to load at the start.</param>
    /// <param name="log">The process's log.</param>
    /// <param name="options">The options of wallets.</param>
    /// <param name="isConfined">Whether the node opens for this process what is outside of the directory.</param>
    public WalletLoader(
        IChain chain,
        string directory,
        IReadOnlyList<string> atStart,
        DebugLog log,
        IReadOnlyDictionary<string, string>? options = null,
        bool isConfined = false)
    {
        ArgumentNullException.ThrowIfNull(chain);
        _chain = chain;
        _atStart = atStart;
        _log = log;
        _options = options ?? new Dictionary<string, string>();
        Network = NetworkParameters.Find(chain.GetNetwork())
            ?? throw new InvalidOperationException($"Unknown network {chain.GetNetwork()}.");
        Paths = new WalletPaths(_options.GetValueOrDefault("walletdir") ?? directory, Network);
        _opening = new WalletOpening(
            chain,
            Network,
            Paths,
            Files = new OutsideFiles(chain, isConfined),
            log,
            gone => ImmutableInterlocked.Update(ref _wallets, static (list, gone) => list.Remove(gone), gone));
        _resend = new Timer(_ => Resend());
        Commands = [.. new WalletRpc(this, chain).All];
    }

    /// <summary>The JSON-RPC methods of the wallets.</summary>
    public IReadOnlyList<RpcCommand> Commands { get; }

    internal NetworkParameters Network { get; }

    internal WalletPaths Paths { get; }

    internal OutsideFiles Files { get; }

    internal WalletOptions Options => _opening.Options;

    internal IReadOnlyList<DescriptorWallet> Wallets => _wallets;

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
        error = CheckDirectory();
        if (error is not null)
        {
            return false;
        }

        if (!WalletOptions.TryMake(
            name => _options.GetValueOrDefault(name), _chain, out WalletOptions options, out string wrong))
        {
            error = wrong;
            return false;
        }

        _opening.Options = options;
        lock (_gate)
        {
            _handlers.Add(_chain.HandleNotifications(this, withTransactions: true));
        }

        RemoveUnfinished();
        _log.Write($"Using wallet directory {Paths.Directory}");
        HashSet<string> seen = [];
        foreach (string name in _atStart)
        {
            if (!seen.Add(Path.Combine(Paths.Directory, name)))
            {
                _chain.InitWarning($"Ignoring duplicate -wallet {LineText.Escape(name)}.");
            }
            else if (!LoadAtStart(name, out error))
            {
                return false;
            }
        }

        _resend.Change(s_resendInterval, s_resendInterval);
        return true;
    }

    /// <inheritdoc/>
    public WalletResult CreateWallet(string name, SecretString passphrase, out List<string> warnings)
    {
        using SecretBytes secret = SecretBytes.Of(passphrase);
        warnings = [];
        return Result(Create(name, WalletFlags.Descriptors, secret, null, warnings));
    }

    /// <inheritdoc/>
    public WalletResult LoadWallet(string name, out List<string> warnings)
    {
        warnings = [];
        return Result(Load(name, warnings));
    }

    /// <inheritdoc/>
    public WalletMigration MigrateWallet(string name, SecretString passphrase)
    {
        // The old form has no encryption: there is nothing to unlock.
        passphrase.Dispose();
        (DescriptorWallet? wallet, string? backup, _, string? error) = Migrate(name, loads: true);
        return new WalletMigration(wallet, backup ?? "", error);
    }

    /// <inheritdoc/>
    public string GetWalletDir() => Paths.Directory;

    /// <inheritdoc/>
    public List<(string Name, string Format)> ListWalletDir() => Paths.List(_log.Warn);

    /// <inheritdoc/>
    public List<IWallet> GetWallets() => [.. _wallets];

    /// <inheritdoc/>
    public IHandler HandleLoadWallet(Action<IWallet> loaded) => _loaded.Add(loaded);

    /// <inheritdoc/>
    public void BlockConnected(BlockInfo block)
    {
        ArgumentNullException.ThrowIfNull(block);
        _log.Write($"Block {block.Height} connected: {block.Hash}");
        lock (_telling)
        {
            ImmutableList<DescriptorWallet> wallets = _wallets;
            if (!wallets.IsEmpty && _chain.GetBlock(block.Hash) is { } data)
            {
                wallets.ForEach(wallet => Connect(wallet, block, data));
            }
        }
    }

    /// <inheritdoc/>
    public void BlockDisconnected(BlockInfo block)
    {
        ArgumentNullException.ThrowIfNull(block);
        _log.Write($"Block {block.Height} disconnected: {block.Hash}");
        lock (_telling)
        {
            ImmutableList<DescriptorWallet> wallets = _wallets;
            if (!wallets.IsEmpty && _chain.GetBlock(block.Hash) is { } data)
            {
                wallets.ForEach(wallet => Disconnect(wallet, block, data));
            }
        }
    }

    /// <inheritdoc/>
    public void UpdatedBlockTip(BlockInfo tip)
    {
        ArgumentNullException.ThrowIfNull(tip);
        _log.Write($"The tip is now block {tip.Height}");
        _bestBlockTime = _chain.GetTime();
        lock (_toldGate)
        {
            Monitor.PulseAll(_toldGate);
        }
    }

    /// <inheritdoc/>
    public void TransactionAddedToMempool(Transaction transaction)
    {
        lock (_telling)
        {
            _wallets.ForEach(wallet => Tell(wallet, () => wallet.Watch.Waits(transaction)));
        }
    }

    /// <inheritdoc/>
    public void TransactionRemovedFromMempool(Transaction transaction, bool isConflict)
    {
        lock (_telling)
        {
            _wallets.ForEach(wallet => Tell(wallet, () => wallet.Watch.Left(transaction, isConflict)));
        }
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        _resend.Dispose();
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

        Interlocked.Exchange(ref _wallets, []).ForEach(static wallet =>
        {
            wallet.Scan.Abort();
            wallet.Dispose();
        });
        _log.Write("Wallets unloaded");
    }

    internal Opened Create(
        string name, WalletFlags flags, SecretBytes passphrase, byte[]? seed, List<string> warnings)
        => Reserved(name, () => Joined(_opening.Create(name, flags, passphrase.Bytes, seed, warnings)));

    internal Opened Load(string name, List<string> warnings)
    {
        return _wallets.Exists(wallet => wallet.Name == name) ? new Opened(
            null, RpcErrorCode.WalletAlreadyLoaded, $"Wallet \"{name}\" is already loaded.")
            : Reserved(name, () => Joined(_opening.Load(name, warnings)));
    }

    internal Opened Restore(string name, string backup, List<string> warnings)
        => _opening.Restore(name, backup, () => Load(name, warnings));

    internal (DescriptorWallet? Wallet, string? Backup, string? WatchOnly, string? Error) Migrate(
        string name, bool loads)
    {
        if (_wallets.Exists(wallet => wallet.Name == name))
        {
            return (null, null, null, "Error: This wallet is already a descriptor wallet");
        }

        (string? backup, string? watchOnly, string? error) migrated = (null, null, null);
        Opened busy = Reserved(name, () =>
        {
            migrated = _opening.Migrate(name);
            return new Opened(null);
        });
        if (migrated.error is not null || busy.Error.Length > 0 || !loads)
        {
            return (null, migrated.backup, migrated.watchOnly, migrated.error
                ?? (busy.Error.Length > 0 ? busy.Error : null));
        }

        Opened opened = Load(name, []);
        if (opened.Wallet is not null && migrated.watchOnly is { } watching)
        {
            Load(watching, []);
        }

        return (opened.Wallet, migrated.backup, migrated.watchOnly, opened.Wallet is null ? opened.Error : null);
    }

    /// <summary>Waits until a wallet has seen the tip that the chain has now.</summary>
    /// <returns>False when it took longer than the bound.</returns>
    internal bool WaitUntilTold(DescriptorWallet wallet, TimeSpan bound)
    {
        long start = Stopwatch.GetTimestamp();
        lock (_toldGate)
        {
            while (wallet.GetLastBlock().Hash != _chain.GetTipHash())
            {
                TimeSpan left = bound - Stopwatch.GetElapsedTime(start);
                if (left <= TimeSpan.Zero)
                {
                    return false;
                }

                Monitor.Wait(_toldGate, left < TimeSpan.FromMilliseconds(100) ? left : TimeSpan.FromMilliseconds(100));
            }
        }

        return true;
    }

    /// <summary>
    /// Whether a wallet is loaded at the next start of its node: kept by the node, changed from here.
    /// </summary>
    /// <returns>False when the node could not write it down.</returns>
    internal bool SetLoadOnStart(string name, bool wanted)
    {
        return _chain.UpdateRwSetting("wallet", (ref JsonNode? value) =>
        {
            // One name may stand there without a list.
            JsonArray names = value as JsonArray ?? (value is null ? [] : [value.DeepClone()]);
            bool isThere = names.Any(other => other?.ToString() == name);
            if (isThere == wanted && !(value is null && !wanted && name.Length == 0))
            {
                return null;
            }

            value = new JsonArray([.. names
                .Select(static other => other?.ToString())
                .Where(other => other != name)
                .Concat(wanted ? [name] : [])
                .Select(static other => (JsonNode?)other)]);
            return SettingsAction.Write;
        });
    }

    private static WalletResult Result(Opened opened)
        => opened.Wallet is { } wallet ? new WalletLoaded(wallet) : new WalletFailure(opened.Code, opened.Error);

    private string? CheckDirectory()
    {
        if (!_options.TryGetValue("walletdir", out string? given))
        {
            return null;
        }

        return !Path.Exists(given) ? $"Specified -walletdir \"{given}\" does not exist"
            : !Directory.Exists(given) ? $"Specified -walletdir \"{given}\" is not a directory"
            : !Path.IsPathRooted(given) ? $"Specified -walletdir \"{given}\" is a relative path"
            : null;
    }

    private bool LoadAtStart(string name, out string? error)
    {
        error = null;
        List<string> warnings = [];
        Opened opened = Load(name, warnings);
        if (warnings.Count > 0 && opened.Wallet is not null)
        {
            _chain.InitWarning(string.Join('\n', warnings));
        }

        if (opened.Wallet is not null)
        {
            return true;
        }

        string text = opened.Error.StartsWith(Verification, StringComparison.Ordinal)
            ? opened.Error[Verification.Length..]
            : opened.Error.StartsWith("Wallet loading failed. ", StringComparison.Ordinal)
            ? opened.Error["Wallet loading failed. ".Length..]
            : opened.Error;
        if (opened.Code == RpcErrorCode.WalletNotFound
            && text.EndsWith("Path does not exist.", StringComparison.Ordinal))
        {
            _chain.InitWarning($"Skipping -wallet path that doesn't exist. {text}");
            return true;
        }

        if (text.Contains("appears to be a Legacy wallet", StringComparison.Ordinal))
        {
            _chain.InitWarning(text);
            return true;
        }

        error = text;
        return false;
    }

    /// <summary>
    /// Removes what was being made when a process was killed; what another process is making right now is too young.
    /// </summary>
    private void RemoveUnfinished()
    {
        if (!Directory.Exists(Paths.Directory))
        {
            return;
        }

        // The process of a wallet outside cannot look there, and leaves nothing there.
        EnumerationOptions readable = new() { IgnoreInaccessible = true, AttributesToSkip = 0 };
        foreach (string path in Directory.EnumerateDirectories(Paths.Directory, WalletPaths.Unfinished + "*", readable))
        {
            if (DateTime.UtcNow - Directory.GetLastWriteTimeUtc(path) > s_unfinishedAge)
            {
                _log.Write($"Removing {Path.GetFileName(path)}, of a wallet that was never finished");
                WalletOpening.Remove(path);
            }
        }
    }

    /// <summary>Keeps two calls from having the same wallet at a time; other wallets can be loaded meanwhile.</summary>
    private Opened Reserved(string name, Func<Opened> load)
    {
        lock (_gate)
        {
            if (!_loading.Add(name))
            {
                return new Opened(null, RpcErrorCode.Wallet, "Wallet already loading.");
            }
        }

        try
        {
            return load();
        }
        finally
        {
            lock (_gate)
            {
                _loading.Remove(name);
            }
        }
    }

    private Opened Joined(Opened opened)
    {
        if (opened.Wallet is not { } wallet)
        {
            return opened;
        }

        bool isJoined = false;
        try
        {
            // The long part while nobody waits for it; then what came meanwhile, and from there on it is told.
            string? error = CatchUp(wallet);
            lock (_telling)
            {
                error ??= CatchUp(wallet);
                if (error is not null)
                {
                    return new Opened(null, RpcErrorCode.Wallet, $"Wallet loading failed. {error}");
                }

                lock (wallet.Gate)
                {
                    wallet.Resubmit(relays: false, all: true, 0);
                    wallet.TakeMempool();
                    wallet.Notify = NotifyTransaction;
                }

                ImmutableInterlocked.Update(ref _wallets, static (list, added) => list.Add(added), wallet);
                isJoined = true;
            }
        }
        catch (WalletFileException exception)
        {
            return new Opened(null, RpcErrorCode.Wallet, $"Wallet loading failed. {exception.Message}");
        }
        finally
        {
            // Whatever failed: the file is free again.
            if (!isJoined)
            {
                wallet.Dispose();
            }
        }

        _log.Write($"Loaded wallet {LineText.Escape(wallet.Name)}: {wallet.GetBalances()}");
        _loaded.Tell(wallet);
        return opened;
    }

    /// <summary>
    /// Leads a wallet from the last block that it and the chain have in common to the tip. If that fails, the wallet
    /// says that it is where it was.
    /// </summary>
    private string? CatchUp(DescriptorWallet wallet)
    {
        BlockTip before;
        lock (wallet.Gate)
        {
            before = wallet.Ledger.Tip;
        }

        bool isDone = false;
        try
        {
            string? error = LeadToTip(wallet);
            isDone = error is null;
            return error;
        }
        finally
        {
            if (!isDone)
            {
                lock (wallet.Gate)
                {
                    wallet.Ledger.Tip = before;
                }
            }
        }
    }

    private string? LeadToTip(DescriptorWallet wallet)
    {
        int tip = _chain.GetHeight();
        uint256 tipHash = _chain.GetBlockHash(tip);
        int start;
        lock (wallet.Gate)
        {
            start = wallet.Ledger.Tip.Height >= 0
                ? Fork(wallet.Ledger.Tip.Hash, tipHash)
                : _chain.FindLocatorFork(wallet.Records.ReadBestBlock()) ?? 0;
            bool isThere = wallet.Ledger.Tip.Hash == tipHash;
            long time = _chain.FindBlock(tipHash, BlockParts.Time, out FoundBlock? found) ? found!.Time!.Value : 0;
            wallet.Ledger.Tip = new BlockTip(tip, tipHash, time);
            if (isThere || start >= tip)
            {
                return null;
            }

            const long Window = 2 * 60 * 60;
            if (wallet.BirthTime is { } birth)
            {
                if (!_chain.FindFirstBlockWithTimeAndHeight(
                    birth - Window, start, BlockParts.Height, out FoundBlock? first))
                {
                    return null;
                }

                start = first!.Height!.Value;
            }

            if (_chain.GetPruneHeight() is { } pruned && start <= pruned)
            {
                return
                    "Prune: last wallet synchronisation goes beyond pruned data. You need to -reindex (download the whole blockchain again in case of a pruned node)";
            }
        }

        // None while somebody else scans: who tells the wallet of blocks then tells it again later.
        using IDisposable reservation = wallet.Scan.Reserve()
            ?? throw new InvalidOperationException("Wallet is currently rescanning.");
        _chain.InitMessage("Rescanning…");
        wallet.Log($"Rescanning last {tip - start} blocks (from block {start})...");
        if (wallet.Scan.Run(_chain.GetBlockHash(start), start, tip) != RescanEnd.Done)
        {
            return "Failed to rescan the wallet during initialization";
        }

        lock (wallet.Gate)
        {
            wallet.Watch.StoreTip();
        }

        return null;
    }

    private int Fork(uint256 last, uint256 tip)
    {
        return _chain.FindCommonAncestor(last, tip, BlockParts.Height, out FoundBlock? ancestor, out _, out _)
            ? ancestor!.Height!.Value
            : 0;
    }

    private void Connect(DescriptorWallet wallet, BlockInfo block, Block data)
    {
        bool isAhead = false;
        Tell(wallet, () =>
        {
            if (block.PreviousHash == wallet.Ledger.Tip.Hash)
            {
                wallet.Watch.Connect(block, data);
            }
            else
            {
                // Below the tip: a scan saw it already.
                isAhead = block.Height > wallet.Ledger.Tip.Height;
            }
        });
        if (isAhead && CatchUp(wallet) is { } error)
        {
            wallet.Log(error);
        }

        wallet.TellBalances();
    }

    private void Disconnect(DescriptorWallet wallet, BlockInfo block, Block data)
    {
        Tell(wallet, () =>
        {
            if (block.Hash == wallet.Ledger.Tip.Hash)
            {
                wallet.Watch.Disconnect(block, data);
            }
        });
    }

    private void Tell(DescriptorWallet wallet, Action tell)
    {
        lock (wallet.Gate)
        {
            if (!wallet.IsClosed)
            {
                tell();
            }
        }
    }

    private void NotifyTransaction(DescriptorWallet wallet, WalletTransaction transaction)
    {
        TransactionState.Confirmed? confirmed = transaction.State as TransactionState.Confirmed;
        _chain.NotifyWalletTransaction(wallet.Name, transaction.Id, confirmed?.Block, confirmed?.Height ?? -1);
    }

    [SuppressMessage(
        "Design",
        "CA1031",
        Justification =
            "Most likely the node is gone, which is noticed elsewhere; a thread of the pool has nobody who would catch it.")]
    private void Resend()
    {
        const long Half = 12 * 60 * 60;
        try
        {
            long now = _chain.GetTime();
            if (_nextResend == 0)
            {
                _nextResend = now + Half + Random.Shared.NextInt64(2 * Half);
            }

            if (now < _nextResend || _chain.IsInitialBlockDownload())
            {
                return;
            }

            _nextResend = now + Half + Random.Shared.NextInt64(2 * Half);
            foreach (DescriptorWallet wallet in _wallets)
            {
                Tell(wallet, () => wallet.Resubmit(relays: true, all: false, _bestBlockTime));
            }
        }
        catch (Exception exception)
        {
            _log.Write($"Transactions could not be sent again: {exception.Message}");
        }
    }
}
