using System.Text.Json.Nodes;
using Bitcoin.Interfaces;
using Bitcoin.Rpc;

namespace Bitcoin.Wallet;

/// <summary>The wallets' JSON-RPC methods. They run in the wallet's process, whoever serves them.</summary>
internal sealed class WalletCommands(WalletLoader loader, IChain chain)
{
    private const string Category = "Wallet";

    private static readonly TimeSpan s_patience = TimeSpan.FromSeconds(10);
    private static readonly RpcArgument s_loadOnStartup = new("load_on_startup", RpcType.Bool, IsOptional: true);

    internal IEnumerable<RpcCommand> All =>
    [
        new(
            Category,
            "createwallet",
            [
                new("wallet_name", RpcType.Text), new("disable_private_keys", RpcType.Bool, true), new("blank", RpcType.Bool, true), new("passphrase", RpcType.Text, true),
                new("avoid_reuse", RpcType.Bool, true), new("descriptors", RpcType.Bool, true), s_loadOnStartup,
            ],
            "Creates and loads a new wallet.",
            call => Loaded(call.Text(0), loader.CreateWallet(call.Text(0), call.Text(3), out List<string> warnings), warnings, call, loadOnStartup: 6)),
        new(Category, "loadwallet", [new("filename", RpcType.Text), s_loadOnStartup], "Loads a wallet from a wallet file or directory.",
            call => Loaded(call.Text(0), loader.LoadWallet(call.Text(0), out List<string> warnings), warnings, call, loadOnStartup: 1)),
        new(Category, "unloadwallet", [new("wallet_name", RpcType.Text, true), s_loadOnStartup], "Unloads the wallet referenced by the request endpoint or the wallet_name argument.", Unload, RpcScope.Wallet),
        new(Category, "listwallets", [], "Returns a list of currently loaded wallets.", _ => new JsonArray([.. loader.Wallets.Select(static wallet => (JsonNode)wallet.GetWalletName())]), RpcScope.Every),
        new(Category, "listwalletdir", [], "Returns a list of wallets in the wallet directory.", _ => new JsonObject
        {
            ["wallets"] = new JsonArray([.. loader.ListWalletDir().Select(static wallet => new JsonObject { ["name"] = wallet.Name })]),
        }),
        new(Category, "getwalletinfo", [], "Returns an object containing various wallet state info.", call => Info(Find(call)), RpcScope.Wallet),
        new(Category, "getnewaddress", [new("label", RpcType.Text, true), new("address_type", RpcType.Text, true)], "Returns a new Bitcoin address for receiving payments.", NewAddress, RpcScope.Wallet),
        new(
            Category,
            "getbalance",
            [new("dummy", RpcType.Text, true), new("minconf", RpcType.Number, true), new("include_watchonly", RpcType.Bool, true), new("avoid_reuse", RpcType.Bool, true)],
            "Returns the total available balance.",
            Balance,
            RpcScope.Wallet),
    ];

    private SimpleWallet Find(RpcCall call)
    {
        if (call.WalletName() is { } name)
        {
            return Find(name);
        }

        return loader.Wallets switch
        {
            [SimpleWallet only] => only,
            [] => throw new RpcException(RpcErrorCode.WalletNotFound, "No wallet is loaded. Load a wallet using loadwallet or create a new one with createwallet. (Note: A default wallet is no longer automatically created)"),
            _ => throw RpcErrors.WalletNotSpecified(),
        };
    }

    private SimpleWallet Find(string name)
    {
        return loader.Wallets.FirstOrDefault(wallet => wallet.GetWalletName() == name)
            ?? throw new RpcException(RpcErrorCode.WalletNotFound, "Requested wallet does not exist or is not loaded");
    }

    private JsonObject Loaded(string name, WalletResult result, List<string> warnings, RpcCall call, int loadOnStartup)
    {
        if (result is WalletFailure failure)
        {
            throw new RpcException(failure.Code, failure.Message);
        }

        Remember(name, call, loadOnStartup, warnings);
        return WithWarnings(new JsonObject { ["name"] = name }, warnings);
    }

    private JsonObject Unload(RpcCall call)
    {
        string? endpoint = call.WalletName();
        string? argument = call.Params[0] is null ? null : call.Text(0);
        if (endpoint is not null && argument is not null && endpoint != argument)
        {
            throw new RpcException(RpcErrorCode.InvalidParameter, "RPC endpoint wallet and wallet_name parameter specify different wallets");
        }

        SimpleWallet wallet = argument is null ? Find(call) : Find(argument);

        // Several may have found it; one of them unloads it.
        if (!wallet.TryRemove())
        {
            throw new RpcException(RpcErrorCode.Misc, "Requested wallet already unloaded");
        }

        List<string> warnings = [];
        Remember(wallet.GetWalletName(), call, index: 1, warnings);
        return WithWarnings([], warnings);
    }

    private void Remember(string name, RpcCall call, int index, List<string> warnings)
    {
        if (call.Params[index] is not null && !loader.SetLoadOnStart(name, call.Bool(index)))
        {
            warnings.Add("Wallet load on startup setting could not be updated, so wallet may not be loaded next node startup.");
        }
    }

    private static JsonObject WithWarnings(JsonObject reply, List<string> warnings)
    {
        if (warnings.Count > 0)
        {
            reply["warnings"] = new JsonArray([.. warnings.Select(static warning => (JsonNode)warning)]);
        }

        return reply;
    }

    private static JsonObject Info(SimpleWallet wallet)
    {
        BlockTip last = wallet.GetLastBlock();
        return new JsonObject
        {
            ["walletname"] = wallet.GetWalletName(),
            ["walletversion"] = WalletFile.NewestVersion,
            ["format"] = "json",
            ["txcount"] = wallet.TransactionCount,
            ["keypoolsize"] = 0,
            ["private_keys_enabled"] = false,
            ["avoid_reuse"] = false,
            ["scanning"] = false,
            ["descriptors"] = false,
            ["external_signer"] = false,
            ["blank"] = wallet.AddressCount == 0,
            ["lastprocessedblock"] = new JsonObject { ["hash"] = last.Hash.ToString(), ["height"] = last.Height },
        };
    }

    private JsonNode NewAddress(RpcCall call)
    {
        SimpleWallet wallet = Find(call);
        string type = call.Text(1, "bech32");
        return type == "bech32" ? wallet.GetNewDestination(call.Text(0)) : throw new RpcException(RpcErrorCode.InvalidAddressOrKey, $"Unknown address type '{type}'");
    }

    private JsonNode Balance(RpcCall call)
    {
        SimpleWallet wallet = Find(call);
        if (call.Text(0, "*") != "*")
        {
            throw new RpcException(-32, "dummy first argument must be excluded or set to \"*\".");
        }

        // As seen by whoever saw the node's tip before asking. Other listeners, which may be stuck, are not waited for.
        int height = chain.GetHeight();
        if (wallet.GetLastBlock().Hash != chain.GetTipHash() && !loader.WaitUntilTold(height, s_patience))
        {
            throw new RpcException(RpcErrorCode.Wallet, $"The wallet has not been told of the last blocks within {s_patience.TotalSeconds} seconds.");
        }

        return JsonText.Amount(wallet.GetBalances(call.Int(1)).Trusted.Satoshi);
    }
}
