using System.Globalization;
using System.Text.Json.Nodes;
using Bitcoin.Descriptors;
using Bitcoin.Interfaces;
using Bitcoin.Primitives;
using Bitcoin.Rpc;
using Bitcoin.Wallet.Keys;
using Bitcoin.Wallet.Storage;
using NBitcoin;

namespace Bitcoin.Wallet.Rpc;

/// <summary>Methods about extended keys and descriptors.</summary>
internal sealed class KeyCommands(WalletRpc rpc)
{
    internal IEnumerable<RpcCommand> All =>
    [
        WalletRpc.Secret(
            rpc.Held("listdescriptors", "private:bool?", "List all descriptors present in a wallet.", List)),
        WalletRpc.Secret(rpc.Held(
            "gethdkeys",
            "options:map?{active_only,private}",
            "List all BIP 32 HD keys in the wallet and which descriptors use them.",
            HdKeys)),
        rpc.Held(
            "createwalletdescriptor",
            "type:text options:map?{internal,hdkey:text}",
            "Creates the wallet's descriptor for the given address type.",
            Create),
        rpc.Held(
            "addhdkey",
            "hdkey:text!?",
            "Add a BIP 32 HD key to the wallet that can be used with 'createwalletdescriptor'.",
            Add),
        WalletRpc.Secret(rpc.Held(
            "derivehdkey",
            "path:text options:map?{private,hdkey:text}",
            "Derive extended public or private key from HD key in the wallet at a given path.",
            DeriveKey)),
    ];

    private JsonObject Add(DescriptorWallet wallet, RpcCall call)
    {
        if (!wallet.HasPrivateKeys)
        {
            throw new RpcException(
                RpcErrorCode.Wallet, "addhdkey is not available for wallets without private keys");
        }

        WalletRpc.MustBeUnlocked(wallet);
        ExtKey key = call.Has(0) ? ParsePrivate(call.Text(0)) : new ExtKey();
        string xpub = key.Neuter().ToString(rpc.Network.Network);
        Descriptor.TryParse(
            $"unused({xpub})", rpc.Network, needsChecksum: false, out Descriptor? descriptor, out _);
        if (wallet.Keys.Find(DescriptorKeys.IdOf(descriptor!)) is not null)
        {
            throw new RpcException(RpcErrorCode.Wallet, "HD key already exists");
        }

        DescriptorRecord record = new("", (ulong)wallet.Chain.GetTime(), 0, 0, 0);
        if (wallet.Keys.Import(descriptor!, record, [key.PrivateKey], out string error) is null)
        {
            throw new RpcException(RpcErrorCode.Wallet, error);
        }

        return new JsonObject { ["xpub"] = xpub };
    }

    private JsonObject DeriveKey(DescriptorWallet wallet, RpcCall call)
    {
        if (!wallet.HasPrivateKeys)
        {
            throw new RpcException(RpcErrorCode.Wallet, "derivehdkey is not available for watch-only wallets");
        }

        KeyPath path = ParsePath(call.Text(0));
        JsonObject options = call.Options(1);
        bool isPrivate = options.IsSet("private") && RpcValues.Bool(options["private"]);
        if (!path.Indexes.Any(static index => index >> 31 == 1))
        {
            throw Args.Invalid("Derivation path requires at least one hardened step");
        }

        WalletRpc.MustBeUnlocked(wallet);
        ExtPubKey root = options.IsSet("hdkey")
            ? Usable(wallet, Parse(RpcValues.Text(options["hdkey"])))
            : OnlyRoot(wallet);
        Key secret = wallet.Keys.Secret(root.PubKey)
            ?? throw new RpcException(
                RpcErrorCode.InvalidAddressOrKey, $"Private key for {root.ToString(rpc.Network.Network)} is not known");
        ExtKey derived = new ExtKey(root, secret).Derive(path);
        string steps = string.Concat(
            path.Indexes.Select(static index => $"/{index & 0x7fffffff}{(index >> 31 == 1 ? "h" : "")}"));
        JsonObject reply = new()
        {
            ["origin"] = $"[{root.PubKey.GetHDFingerPrint()}{steps}]",
            ["xpub"] = derived.Neuter().ToString(rpc.Network.Network),
        };
        if (isPrivate)
        {
            reply["xprv"] = derived.ToString(rpc.Network.Network);
        }

        return reply;
    }

    private ExtKey ParsePrivate(string text)
    {
        try
        {
            return ExtKey.Parse(text, rpc.Network.Network);
        }
        catch (FormatException)
        {
            throw new RpcException(
                RpcErrorCode.InvalidAddressOrKey,
                IsPublic(text)
                    ? "Extended public key (xpub) provided, but extended private key (xprv) is required"
                    : "Could not parse HD key");
        }
    }

    private bool IsPublic(string text)
    {
        try
        {
            ExtPubKey.Parse(text, rpc.Network.Network);
            return true;
        }
        catch (FormatException)
        {
            return false;
        }
    }

    private static KeyPath ParsePath(string text)
    {
        List<uint> steps = [];
        string[] parts = text.Split('/');
        foreach (string part in parts[0] == "m" ? parts[1..] : parts)
        {
            bool isHardened = part is [.., 'h' or '\''];
            if (!uint.TryParse(
                    isHardened ? part[..^1] : part, NumberStyles.None, CultureInfo.InvariantCulture, out uint step)
                || step >> 31 == 1)
            {
                throw Args.Invalid("Invalid BIP32 keypath");
            }

            steps.Add(isHardened ? step | (1u << 31) : step);
        }

        if (steps.Count > byte.MaxValue)
        {
            throw Args.Invalid("Unable to derive HD key at the requested path");
        }

        return new KeyPath([.. steps]);
    }

    /// <summary>Returns the extended key if it is active or kept for later; refuses any other key.</summary>
    private static ExtPubKey Usable(DescriptorWallet wallet, ExtPubKey root)
    {
        IEnumerable<ExtPubKey> active = Roots(wallet, activeOnly: true).Select(static pair => pair.Root);
        return UnusedRoots(wallet).Concat(active).Contains(root)
            ? root
            : throw new RpcException(
                RpcErrorCode.InvalidAddressOrKey, "HD key is not used by an active or unused(KEY) descriptor");
    }

    private static ExtPubKey OnlyRoot(DescriptorWallet wallet)
    {
        ExtPubKey[] unused = [.. UnusedRoots(wallet).Distinct()];
        return unused switch
        {
            [ExtPubKey only] => only,
            [] when !Roots(wallet, activeOnly: true).Any() => throw new RpcException(
                RpcErrorCode.InvalidAddressOrKey, "No active or unused(KEY) descriptor found"),
            [] => OnlyActive(wallet),
            _ => throw new RpcException(
                RpcErrorCode.InvalidAddressOrKey,
                "Unable to determine which HD key to use. Please specify with 'hdkey'"),
        };
    }

    private static IEnumerable<ExtPubKey> UnusedRoots(DescriptorWallet wallet)
        => Roots(wallet, activeOnly: false)
            .Where(static pair => pair.Keys.Descriptor.IsUnused)
            .Select(static pair => pair.Root);

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
        bool activeOnly = options.IsSet("active_only") && RpcValues.Bool(options["active_only"]);
        bool isPrivate = options.IsSet("private") && RpcValues.Bool(options["private"]);
        if (isPrivate)
        {
            WalletRpc.MustBeUnlocked(wallet);
        }

        JsonArray reply = [];
        foreach (var group in Roots(wallet, activeOnly)
            .GroupBy(static pair => pair.Root.ToString(Currency.Main.Network))
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

            entry["descriptors"] = new JsonArray([.. descriptors.Select(
                static one => new JsonObject { ["desc"] = one.Text, ["active"] = one.IsActive })]);
            reply.Add((JsonNode)entry);
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
        bool[] kinds = options.IsSet("internal") ? [RpcValues.Bool(options["internal"])] : [false, true];
        WalletRpc.MustBeUnlocked(wallet);
        ExtPubKey root = options.IsSet("hdkey") ? Parse(RpcValues.Text(options["hdkey"])) : OnlyActive(wallet);
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
                    .DistinctBy(static root => root.ToString(Currency.Main.Network)),
            ];
        return roots is [ExtPubKey only]
            ? only
            : throw new RpcException(
                RpcErrorCode.InvalidAddressOrKey,
                "Unable to determine which HD key to use from active descriptors. Please specify with 'hdkey'");
    }
}
