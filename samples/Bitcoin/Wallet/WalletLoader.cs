using System.Text.Json.Nodes;
using Bitcoin.Hosting;
using Bitcoin.Interfaces;
using Bitcoin.Primitives;
using Bitcoin.Wallet.Encryption;
using Bitcoin.Wallet.Rpc;
using Bitcoin.Wallet.Storage;
using Multiprocess;
using NBitcoin;

namespace Bitcoin.Wallet;

/// <summary>Creates, loads and restores the wallets of a process for its node.</summary>
public sealed class WalletLoader : IWalletLoader
{
    private const string Verification = "Wallet file verification failed. ";

    private static readonly TimeSpan s_unfinishedAge = TimeSpan.FromMinutes(1);

    private readonly IChain _chain;
    private readonly DebugLog _log;
    private readonly IReadOnlyList<string> _atStart;
    private readonly IReadOnlyDictionary<string, string> _options;
    private readonly WalletOpening _opening;
    private readonly LoadedWallets _wallets;
    private readonly Listeners<IWallet> _loaded = new();

    // Held for moments only.
    private readonly Lock _gate = new();
    private readonly List<IHandler> _handlers = [];
    private readonly HashSet<string> _loading = [];

    /// <summary>Creates the loader for a node's chain.</summary>
    /// <param name="chain">The chain.</param>
    /// <param name="directory">
    /// The directory of the wallets, unless -walletdir names another one. It need not exist.
    /// </param>
    /// <param name="atStart">The wallets to load at the start.</param>
    /// <param name="log">The process's log.</param>
    /// <param name="options">The options of wallets.</param>
    /// <param name="isConfined">
    /// Whether this process is confined: the node then opens files outside the directory for it.
    /// </param>
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
        Network = Currency.Find(chain.GetNetwork())
            ?? throw new InvalidOperationException($"Network: Expected a known one, got {chain.GetNetwork()}.");
        Paths = new WalletPaths(_options.GetValueOrDefault("walletdir") ?? directory, Network);
        _wallets = new LoadedWallets(chain, log);
        Files = new OutsideFiles(chain, isConfined);
        _opening = new WalletOpening(chain, Network, Paths, Files, log, _wallets.Remove);
        Commands = [.. new WalletRpc(this, chain).All];
    }

    /// <summary>The JSON-RPC methods of the wallets.</summary>
    public IReadOnlyList<RpcCommand> Commands { get; }

    internal NetworkParameters Network { get; }

    internal WalletPaths Paths { get; }

    internal OutsideFiles Files { get; }

    internal WalletOptions Options => _opening.Options;

    internal LoadedWallets Wallets => _wallets;

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
            _handlers.Add(_chain.HandleNotifications(_wallets, withTransactions: true));
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

        _wallets.StartResending();
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
        // The old format has no encryption.
        passphrase.Dispose();
        (DescriptorWallet? wallet, string? backup, _, string? error) = Migrate(name, loads: true);
        return new WalletMigration(wallet?.Interface, backup ?? "", error);
    }

    /// <inheritdoc/>
    public string GetWalletDir() => Paths.Directory;

    /// <inheritdoc/>
    public List<(string Name, string Format)> ListWalletDir() => Paths.List(_log.Warn);

    /// <inheritdoc/>
    public List<IWallet> GetWallets() => [.. _wallets.All.Select(static wallet => wallet.Interface)];

    /// <inheritdoc/>
    public void MockScheduler(TimeSpan delta) => _wallets.MockScheduler(delta);

    /// <inheritdoc/>
    public IHandler HandleLoadWallet(Action<IWallet> loaded) => _loaded.Add(loaded);

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

        _wallets.Dispose();
        _log.Write("Wallets unloaded");
    }

    internal Opened Create(
        string name, WalletFlags flags, SecretBytes passphrase, byte[]? seed, List<string> warnings)
        => Reserved(name, () => Joined(_opening.Create(name, flags, passphrase.Bytes, seed, warnings)));

    internal Opened Load(string name, List<string> warnings)
    {
        return _wallets.All.Exists(wallet => wallet.Name == name) ? new Opened(
            null, RpcErrorCode.WalletAlreadyLoaded, $"Wallet \"{name}\" is already loaded.")
            : Reserved(name, () => Joined(_opening.Load(name, warnings)));
    }

    internal Opened Restore(string name, string backup, List<string> warnings)
        => _opening.Restore(name, backup, () => Load(name, warnings));

    internal (DescriptorWallet? Wallet, string? Backup, string? WatchOnly, string? Error) Migrate(
        string name, bool loads)
    {
        if (_wallets.All.Exists(wallet => wallet.Name == name))
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

    /// <summary>Sets whether the node loads a wallet at its next start. The node keeps this setting.</summary>
    /// <returns>False if the node could not store it.</returns>
    internal bool SetLoadOnStart(string name, bool wanted)
    {
        return _chain.UpdateRwSetting("wallet", (ref JsonNode? value) =>
        {
            // A single name may stand without a list.
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
        => opened.Wallet is { } wallet
            ? new WalletLoaded(wallet.Interface)
            : new WalletFailure(opened.Code, opened.Error);

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
    /// Removes unfinished wallets of a killed process. Skips young ones: another process may be creating them now.
    /// </summary>
    private void RemoveUnfinished()
    {
        if (!Directory.Exists(Paths.Directory))
        {
            return;
        }

        // A process that may not read a directory leaves nothing there either.
        EnumerationOptions readable = new() { IgnoreInaccessible = true, AttributesToSkip = 0 };
        foreach (string path in Directory.EnumerateDirectories(Paths.Directory, WalletPaths.Unfinished + "*", readable))
        {
            if (DateTime.UtcNow - Directory.GetLastWriteTimeUtc(path) > s_unfinishedAge)
            {
                _log.Write($"Removing {Path.GetFileName(path)}, an unfinished wallet");
                WalletOpening.Remove(path);
            }
        }
    }

    /// <summary>Runs one call per wallet name at a time. Other wallets can be loaded meanwhile.</summary>
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
            if (_wallets.Join(wallet) is { } error)
            {
                return new Opened(null, RpcErrorCode.Wallet, $"Wallet loading failed. {error}");
            }

            isJoined = true;
        }
        catch (WalletFileException exception)
        {
            return new Opened(null, RpcErrorCode.Wallet, $"Wallet loading failed. {exception.Message}");
        }
        finally
        {
            // Free the file whatever failed.
            if (!isJoined)
            {
                wallet.Dispose();
            }
        }

        _log.Write($"Loaded wallet {LineText.Escape(wallet.Name)}: {wallet.Interface.GetBalances()}");
        _loaded.Tell(wallet.Interface);
        return opened;
    }
}
