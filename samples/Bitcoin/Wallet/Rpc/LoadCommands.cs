using System.Text.Json.Nodes;
using Bitcoin.Interfaces;
using Bitcoin.Rpc;
using Bitcoin.Wallet.Encryption;
using Bitcoin.Wallet.Storage;

namespace Bitcoin.Wallet.Rpc;

/// <summary>Methods that create, load, unload and describe wallets.</summary>
internal sealed class LoadCommands(WalletRpc rpc)
{
    private const string AvoidReuseCaveat =
        "You need to rescan the blockchain in order to correctly mark used destinations in the past. Until this is "
            + "done, some destinations may be considered unused, even if the opposite is the case.";
    private const int LegacyVersion = 169900;

    internal IEnumerable<RpcCommand> All =>
    [
        WalletRpc.Plain(
            "createwallet",
            "wallet_name:text disable_private_keys:bool? blank:bool? passphrase:text!? avoid_reuse:bool? "
                + "descriptors:bool? load_on_startup:bool? external_signer:bool?",
            "Creates and loads a new wallet.",
            Create),
        WalletRpc.Plain(
            "loadwallet",
            "filename:text load_on_startup:bool?",
            "Loads a wallet from a wallet file or directory.",
            call =>
            {
                List<string> warnings = [];
                return Loaded(rpc.Loader.Load(call.Text(0), warnings), warnings, call, 1);
            }),
        WalletRpc.Plain(
            "restorewallet",
            "wallet_name:text backup_file:text load_on_startup:bool?",
            "Restores and loads a wallet from backup.",
            call =>
            {
                List<string> warnings = [];
                return Loaded(rpc.Loader.Restore(call.Text(0), call.Text(1), warnings), warnings, call, 2);
            }),
        WalletRpc.Plain(
            "migratewallet",
            "wallet_name:text? passphrase:text!? load_wallet:bool?",
            "Migrates a wallet of this program's old form to a descriptor wallet.",
            Migrate),
        WalletRpc.Plain(
            "unloadwallet",
            "wallet_name:text? load_on_startup:bool?",
            "Unloads the wallet referenced by the request endpoint or the wallet_name argument.",
            Unload,
            RpcScope.Wallet),
        WalletRpc.Plain(
            "listwallets",
            "",
            "Returns a list of currently loaded wallets.",
            _ => Args.Strings(rpc.Loader.Wallets.All.Select(static wallet => wallet.Name)),
            RpcScope.Every),
        WalletRpc.Plain("listwalletdir", "", "Returns a list of wallets in the wallet directory.", _ => new JsonObject
        {
            ["wallets"] = new JsonArray([.. rpc.Loader.ListWalletDir().Select(static wallet => new JsonObject
            {
                ["name"] = wallet.Name,
                ["warnings"] = wallet.Format == "bdb"
                    ? new JsonArray(
                        "This wallet is a legacy wallet and will need to be migrated with migratewallet before it can "
                            + "be loaded")
                    : [],
            })]),
        }),
        rpc.Told(
            "getwalletinfo",
            "",
            "Returns an object containing various wallet state info.",
            (wallet, _) => Info(wallet)),
        rpc.Held(
            "setwalletflag",
            "flag:text value:bool?",
            "Change the state of the given wallet flag for a wallet.",
            SetFlag),
        rpc.Synced(
            "backupwallet",
            "destination:text",
            "Safely copies the current wallet file to the specified destination, a path with a filename.",
            Backup),
        rpc.Synced(
            "exportwatchonlywallet",
            "destination:text",
            "Creates a wallet file at the specified destination containing a watchonly version of the current wallet.",
            Export),
    ];

    private JsonObject Create(RpcCall call)
    {
        List<string> warnings = [];
        WalletFlags flags = WalletFlags.Descriptors
            | (call.Bool(1) ? WalletFlags.DisablePrivateKeys : 0)
            | (call.Bool(2) ? WalletFlags.Blank : 0)
            | (call.Bool(4) ? WalletFlags.AvoidReuse : 0);
        string passphrase = call.Text(3);
        if (call.Has(3) && passphrase.Length == 0)
        {
            warnings.Add("Empty string given as passphrase, wallet will not be encrypted.");
        }

        if (!call.Bool(5, byDefault: true))
        {
            throw new RpcException(
                RpcErrorCode.Wallet,
                "descriptors argument must be set to \"true\"; it is no longer possible to create a legacy wallet.");
        }

        if (call.Bool(7))
        {
            throw new RpcException(
                RpcErrorCode.Wallet, "Compiled without external signing support (required for external signing)");
        }

        using SecretBytes secret = SecretBytes.Of(passphrase);
        return Loaded(rpc.Loader.Create(call.Text(0), flags, secret, null, warnings), warnings, call, 6);
    }

    private JsonObject Loaded(Opened opened, List<string> warnings, RpcCall call, int loadOnStartup)
    {
        DescriptorWallet wallet = opened.Wallet ?? throw new RpcException(opened.Code, opened.Error);
        Remember(wallet.Name, call, loadOnStartup, warnings);
        return WithWarnings(new JsonObject { ["name"] = wallet.Name }, warnings);
    }

    private JsonObject Migrate(RpcCall call)
    {
        (_, string? backup, string? watchOnly, string? error) = rpc.Loader.Migrate(
            UniqueName(call), call.Bool(2, byDefault: true));
        if (error is not null)
        {
            throw new RpcException(RpcErrorCode.Wallet, error);
        }

        JsonObject reply = new() { ["wallet_name"] = UniqueName(call) };
        if (watchOnly is not null)
        {
            reply["watchonly_name"] = watchOnly;
        }

        reply["backup_path"] = backup;
        return reply;
    }

    private JsonObject Unload(RpcCall call)
    {
        DescriptorWallet wallet = rpc.Find(UniqueName(call));
        using (IDisposable reservation = wallet.Scan.Reserve()
            ?? throw new RpcException(
                RpcErrorCode.Wallet, "Wallet is currently rescanning. Abort existing rescan or wait."))
        {
            // Several calls may have found the wallet; only one of them unloads it.
            if (!wallet.TryRemove())
            {
                throw new RpcException(RpcErrorCode.Misc, "Requested wallet already unloaded");
            }
        }

        List<string> warnings = [];
        Remember(wallet.Name, call, index: 1, warnings);
        return WithWarnings([], warnings);
    }

    private static string UniqueName(RpcCall call)
    {
        string? endpoint = call.WalletName();
        string? argument = call.Has(0) ? call.Text(0) : null;
        return endpoint is not null
            && argument is not null
            && endpoint != argument ? throw Args.Invalid(
                "The RPC endpoint wallet and the wallet name parameter specify different wallets")
            : endpoint
                ?? argument
                ?? throw Args.Invalid("Either the RPC endpoint wallet or the wallet name parameter must be provided");
    }

    private void Remember(string name, RpcCall call, int index, List<string> warnings)
    {
        if (call.Has(index) && !rpc.Loader.SetLoadOnStart(name, call.Bool(index)))
        {
            warnings.Add(call.Bool(index)
                ? "Wallet load on startup setting could not be updated, so wallet may not be loaded next node startup."
                : "Wallet load on startup setting could not be updated, so wallet may still be loaded next node startup.");
        }
    }

    private static JsonObject WithWarnings(JsonObject reply, List<string> warnings)
    {
        if (warnings.Count > 0)
        {
            reply["warnings"] = Args.Strings(warnings);
        }

        return reply;
    }

    private static JsonObject Info(DescriptorWallet wallet)
    {
        JsonObject info = new()
        {
            ["walletname"] = wallet.Name,
            ["walletversion"] = LegacyVersion,
            ["format"] = "sqlite",
            ["txcount"] = wallet.Ledger.Count,
            ["keypoolsize"] = wallet.Keys.ExternalPoolSize,
            ["keypoolsize_hd_internal"] = wallet.Keys.PoolSize - wallet.Keys.ExternalPoolSize,
        };
        if (wallet.Keys.Vault.IsEncrypted)
        {
            info["unlocked_until"] = wallet.TimedUnlock.EndTime;
        }

        info["private_keys_enabled"] = wallet.HasPrivateKeys;
        info["avoid_reuse"] = wallet.Has(WalletFlags.AvoidReuse);
        info["scanning"] = wallet.Scan.IsRunning
            ? new JsonObject { ["duration"] = wallet.Scan.Seconds, ["progress"] = JsonText.Real(wallet.Scan.Progress) }
            : false;
        info["descriptors"] = true;
        info["external_signer"] = false;
        info["blank"] = wallet.Has(WalletFlags.Blank);
        if (wallet.BirthTime is { } birth)
        {
            info["birthtime"] = birth;
        }

        info["flags"] = Args.Strings(WalletFlagNames.Of(wallet.Flags));
        info["lastprocessedblock"] = WalletRpc.LastBlock(wallet);
        return info;
    }

    private static JsonObject SetFlag(DescriptorWallet wallet, RpcCall call)
    {
        string name = call.Text(0);
        bool value = call.Bool(1, byDefault: true);
        if (!WalletFlagNames.ByName.TryGetValue(name, out WalletFlags flag))
        {
            throw Args.Invalid($"Unknown wallet flag: {name}");
        }

        if ((flag & WalletFlagNames.Mutable) == 0)
        {
            throw Args.Invalid($"Wallet flag is immutable: {name}");
        }

        if (wallet.Has(flag) == value)
        {
            throw Args.Invalid($"Wallet flag is already set to {(value ? "true" : "false")}: {name}");
        }

        wallet.SetFlag(flag, value);
        JsonObject reply = new() { ["flag_name"] = name, ["flag_state"] = value };
        if (value)
        {
            reply["warnings"] = AvoidReuseCaveat;
        }

        return reply;
    }

    private JsonObject Export(DescriptorWallet wallet, RpcCall call)
    {
        string path = call.Text(0);
        wallet.Keys.TopUp(0);
        string? wrong = path.Length == 0 ? "Error: Export destination cannot be empty"
            : Path.Exists(path) ? $"Error: Export destination '{path}' already exists"
            : wallet.Keys.All.All(static keys => keys.Descriptor.IsUnused)
            ? "Error: Wallet has no descriptors to export"
            : null;
        if (wrong is not null)
        {
            throw new RpcException(RpcErrorCode.Wallet, wrong);
        }

        try
        {
            wallet.Watch.StoreTip();
            rpc.Loader.Files.Export(
                wallet.Records.Database, directory => WatchOnlyExport.Write(wallet, directory), path);
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            wallet.Log($"Export to {Hosting.LineText.Escape(path)}: {exception.Message}");
            throw new RpcException(RpcErrorCode.Wallet, $"Error: Could not create file '{path}'");
        }

        return new JsonObject { ["exported_file"] = path };
    }

    private JsonNode? Backup(DescriptorWallet wallet, RpcCall call)
    {
        string path = call.Text(0);
        bool isItself = File.Exists(path) && Path.GetFullPath(path) == Path.GetFullPath(wallet.Records.Database.Path);
        if (isItself || Directory.Exists(path) || IsSame(path, wallet.Records.Database.Path))
        {
            throw new RpcException(RpcErrorCode.Wallet, "Error: Wallet backup failed!");
        }

        try
        {
            wallet.Watch.StoreTip();
            rpc.Loader.Files.Backup(wallet.Records.Database, path);
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            wallet.Log($"Backup to {Hosting.LineText.Escape(path)}: {exception.Message}");
            throw new RpcException(RpcErrorCode.Wallet, "Error: Wallet backup failed!");
        }

        return null;
    }

    private static bool IsSame(string left, string right)
        => File.Exists(left)
            && new FileInfo(left).ResolveLinkTarget(returnFinalTarget: true)?.FullName == Path.GetFullPath(right);
}
