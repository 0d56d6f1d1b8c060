using System.Text.Json.Nodes;
using Bitcoin.Descriptors;
using Bitcoin.Interfaces;
using Bitcoin.Rpc;
using Bitcoin.Wallet.Keys;
using Bitcoin.Wallet.Storage;
using NBitcoin;

namespace Bitcoin.Wallet.Rpc;

/// <summary>A wallet's extended keys and descriptors.</summary>
internal sealed class KeyCommands(WalletRpc rpc)
{
    internal IEnumerable<RpcCommand> All =>
    [
        rpc.Held("listdescriptors", "private:bool?", "List all descriptors present in a wallet.", List),
        rpc.Held(
            "gethdkeys",
            "options:map?{active_only,private}",
            "List all BIP 32 HD keys in the wallet and which descriptors use them.",
            HdKeys),
        rpc.Held(
            "createwalletdescriptor",
            "type:text options:map?{internal,hdkey}",
            "Creates the wallet's descriptor for the given address type.",
            Create),
    ];

    private JsonObject List(DescriptorWallet wallet, RpcCall call)
    {
        bool isPrivate = call.Bool(0);
        if (isPrivate && !wallet.HasPrivateKeys)
        {
            throw new RpcException(RpcErrorCode.Wallet, "Can't get private descriptor string for watch-only wallets");
        }

        if (isPrivate)
        {
            WalletRpc.MustBeUnlocked(wallet);
        }

        IEnumerable<(string Text, DescriptorKeys Keys)> all = wallet.Keys.All.Select(
            keys => (isPrivate ? keys.PrivateText(out _) : keys.PublicText, keys))
            .OrderBy(static pair => pair.Item1, StringComparer.Ordinal);
        return new JsonObject
        {
            ["wallet_name"] = wallet.Name,
            ["descriptors"] = new JsonArray([.. all.Select(pair => Describe(wallet, pair.Text, pair.Keys))]),
        };
    }

    private static JsonObject Describe(DescriptorWallet wallet, string text, DescriptorKeys keys)
    {
        JsonObject entry = new()
        {
            ["desc"] = text,
            ["timestamp"] = keys.Created,
            ["active"] = wallet.Keys.IsActive(keys),
        };
        if (wallet.Keys.IsInternal(keys) is { } isInternal)
        {
            entry["internal"] = isInternal;
        }

        if (keys.Descriptor.IsRange)
        {
            entry["range"] = new JsonArray(keys.Start, keys.End - 1);
            entry["next"] = keys.Next;
            entry["next_index"] = keys.Next;
        }

        return entry;
    }

    private JsonArray HdKeys(DescriptorWallet wallet, RpcCall call)
    {
        JsonObject options = call.Options(0);
        bool activeOnly = options.IsSet("active_only") && Args.Bool(options["active_only"]);
        bool isPrivate = options.IsSet("private") && Args.Bool(options["private"]);
        if (isPrivate)
        {
            WalletRpc.MustBeUnlocked(wallet);
        }

        JsonArray reply = [];
        foreach (var group in Roots(wallet, activeOnly)
            .GroupBy(static pair => pair.Root.ToString(Network.Main))
            .OrderBy(static group => group.Key, StringComparer.Ordinal))
        {
            ExtPubKey root = group.First().Root;
            (string Text, bool IsActive)[] descriptors =
                [
                    .. group.Select(pair => (pair.Keys.PublicText, wallet.Keys.IsActive(pair.Keys)))
                        .Distinct()
                        .OrderBy(static one => one.PublicText, StringComparer.Ordinal),
                ];
            bool hasPrivate = group.Any(pair => pair.Keys.HasSecret(root.PubKey));
            JsonObject entry = new() { ["xpub"] = root.ToString(rpc.Network.Network), ["has_private"] = hasPrivate };
            if (isPrivate
                && hasPrivate
                && group.Select(
                    pair => pair.Keys.Secret(root.PubKey)).FirstOrDefault(static key => key is not null) is { } secret)
            {
                entry["xprv"] = new ExtKey(root, secret).ToString(rpc.Network.Network);
            }

            entry["descriptors"] = new JsonArray([.. descriptors.Select(static one => new JsonObject { ["desc"] = one.Text, ["active"] = one.IsActive })]);
            reply.Add(entry);
        }

        return reply;
    }

    private static IEnumerable<(ExtPubKey Root, DescriptorKeys Keys)> Roots(DescriptorWallet wallet, bool activeOnly)
    {
        return wallet.Keys.All.Where(keys => !activeOnly || wallet.Keys.IsActive(keys))
            .SelectMany(
                static keys => keys.Descriptor.Keys.Select(
                    static key => key.RootExtended).OfType<ExtPubKey>().Select(root => (root, keys)));
    }

    private JsonObject Create(DescriptorWallet wallet, RpcCall call)
    {
        OutputType type = OutputTypes.Parse(call.Text(0))
            ?? throw new RpcException(RpcErrorCode.InvalidAddressOrKey, $"Unknown address type '{call.Text(0)}'");
        JsonObject options = call.Options(1);
        bool[] kinds = options.IsSet("internal") ? [Args.Bool(options["internal"])] : [false, true];
        WalletRpc.MustBeUnlocked(wallet);
        ExtPubKey root = options.IsSet("hdkey") ? Parse(Args.Text(options["hdkey"])) : OnlyActive(wallet);
        Key secret = wallet.Keys.Secret(root.PubKey)
            ?? throw new RpcException(
                RpcErrorCode.InvalidAddressOrKey, $"Private key for {root.ToString(rpc.Network.Network)} is not known");
        List<string> made = [];
        foreach (bool isInternal in kinds)
        {
            if (wallet.Keys.FindStandard(root, type, isInternal) is null)
            {
                made.Add(
                    wallet.Keys.SetUp(new ExtKey(root, secret), type, isInternal, wallet.Chain.GetTime()).PublicText);
            }
        }

        wallet.NoLongerBlank();
        return made.Count > 0
            ? new JsonObject { ["descs"] = Args.Strings(made) }
            : throw new RpcException(RpcErrorCode.Wallet, "Descriptor already exists");
    }

    private ExtPubKey Parse(string text)
    {
        try
        {
            return ExtPubKey.Parse(text, rpc.Network.Network);
        }
        catch (FormatException)
        {
            throw new RpcException(
                RpcErrorCode.InvalidAddressOrKey, "Unable to parse HD key. Please provide a valid xpub");
        }
    }

    private static ExtPubKey OnlyActive(DescriptorWallet wallet)
    {
        ExtPubKey[] roots =
            [
                .. Roots(wallet, activeOnly: true)
                    .Select(static pair => pair.Root)
                    .DistinctBy(static root => root.ToString(Network.Main)),
            ];
        return roots is [ExtPubKey only]
            ? only
            : throw new RpcException(
                RpcErrorCode.InvalidAddressOrKey,
                "Unable to determine which HD key to use from active descriptors. Please specify with 'hdkey'");
    }
}
