using System.Text.Json.Nodes;
using Bitcoin.Descriptors;
using Bitcoin.Interfaces;
using Bitcoin.Primitives;
using Bitcoin.Rpc;
using Bitcoin.Wallet.Keys;
using NBitcoin;

namespace Bitcoin.Wallet.Rpc;

/// <summary>Methods about addresses and their labels.</summary>
internal sealed class AddressCommands(WalletRpc rpc)
{
    internal IEnumerable<RpcCommand> All =>
    [
        rpc.Held(
            "getnewaddress",
            "label:text? address_type:text?",
            $"Returns a new {Currency.Names.Currency} address for receiving payments.",
            (wallet, call) => New(wallet, call, isInternal: false)),
        rpc.Held(
            "getrawchangeaddress",
            "address_type:text?",
            $"Returns a new {Currency.Names.Currency} address, for receiving change.",
            (wallet, call) => New(wallet, call, isInternal: true)),
        rpc.Held("setlabel", "address:text label:text", "Sets the label associated with the given address.", SetLabel),
        rpc.Held(
            "getaddressesbylabel",
            "label:text",
            "Returns the list of addresses assigned the specified label.",
            ByLabel),
        rpc.Held(
            "listlabels",
            "purpose:text?",
            "Returns the list of all labels, or labels that are assigned to addresses with a specific purpose.",
            Labels),
        rpc.Synced(
            "listaddressgroupings",
            "",
            "Lists groups of addresses which have had their common ownership made public by common use as inputs or as "
                + "the resulting change in past transactions.",
            (wallet, _) => Groupings(wallet)),
        rpc.Held(
            "getaddressinfo",
            "address:text",
            $"Return information about the given {Currency.Names.Prefix} address.",
            Info),
        rpc.Held(
            "keypoolrefill",
            "newsize:number?",
            "Refills each descriptor keypool in the wallet up to the specified number of new keys.",
            Refill),
        rpc.Held("signmessage", "address:text message:text", "Sign a message with the private key of an address", Sign),
    ];

    private static JsonNode New(DescriptorWallet wallet, RpcCall call, bool isInternal)
    {
        if (!wallet.Keys.CanGiveAddresses(isInternal))
        {
            throw new RpcException(RpcErrorCode.Wallet, "Error: This wallet has no available keys");
        }

        string? label = isInternal ? null : Args.Label(call.Params[0]);
        int at = isInternal ? 0 : 1;
        OutputType type = isInternal
            ? wallet.Options.ChangeType ?? wallet.Options.AddressType
            : wallet.Options.AddressType;
        if (call.Has(at))
        {
            type = OutputTypes.Parse(call.Text(at))
                ?? throw new RpcException(RpcErrorCode.InvalidAddressOrKey, $"Unknown address type '{call.Text(at)}'");
        }

        return wallet.NewAddress(type, label, isInternal);
    }

    private JsonNode? SetLabel(DescriptorWallet wallet, RpcCall call)
    {
        Script script = rpc.ScriptOf(call.Text(0));
        wallet.Book.Set(
            script, Args.Label(call.Params[1]), wallet.Keys.IsMine(script) ? AddressBook.Receive : AddressBook.Send);
        return null;
    }

    private JsonObject ByLabel(DescriptorWallet wallet, RpcCall call)
    {
        string label = Args.Label(call.Params[0]);
        JsonObject found = [];
        foreach ((Script script, AddressEntry entry) in wallet.Book.Entries.Where(pair => pair.Value.Label == label))
        {
            found[rpc.AddressOf(script)!] = new JsonObject { ["purpose"] = entry.Purpose ?? "unknown" };
        }

        return found.Count > 0
            ? found
            : throw new RpcException(RpcErrorCode.WalletInvalidLabelName, $"No addresses with label {label}");
    }

    private static JsonNode Labels(DescriptorWallet wallet, RpcCall call)
    {
        string? purpose = call.Text(0) is { Length: > 0 } given ? given : null;
        if (purpose is not (null or "send" or "receive" or "refund"))
        {
            throw Args.Invalid(
                "Invalid 'purpose' argument, must be a known purpose string, typically 'send', or 'receive'.");
        }

        return Args.Strings(
            wallet.Book.Entries
                .Where(pair => !pair.Value.IsChange && (purpose is null || pair.Value.Purpose == purpose))
                .Select(static pair => pair.Value.Label!)
                .Distinct()
                .Order(StringComparer.Ordinal));
    }

    private JsonArray Groupings(DescriptorWallet wallet)
    {
        Dictionary<Script, long> balances = wallet.Funds.BalancesByScript();
        return new JsonArray([.. wallet.Funds.Groupings().Select(group => new JsonArray([.. group
            .Where(script => rpc.AddressOf(script) is not null)
            .Select(script =>
            {
                JsonArray one = [(JsonNode?)rpc.AddressOf(script), Args.Value(balances.GetValueOrDefault(script))];
                if (wallet.Book.Find(script) is { } entry)
                {
                    one.Add((JsonNode?)entry.Label);
                }

                return (JsonNode)one;
            })]))]);
    }

    private JsonObject Info(DescriptorWallet wallet, RpcCall call)
    {
        string text = call.Text(0);
        if (!Address.TryParse(text, rpc.Network, out Script? script))
        {
            (string error, _) = AddressErrors.Explain(text, rpc.Network);
            throw new RpcException(RpcErrorCode.InvalidAddressOrKey, error.Length == 0 ? "Invalid address" : error);
        }

        JsonObject info = new() { ["address"] = rpc.AddressOf(script), ["scriptPubKey"] = script.ToHex() };
        SolvingData? data = wallet.Keys.Solve(script);
        info["ismine"] = wallet.Keys.IsMine(script);
        DescriptorKeys? owner = wallet.Keys.Owners(script) is [DescriptorKeys first, ..] ? first : null;
        bool isSolvable = owner?.Descriptor.IsSolvable == true;
        info["solvable"] = isSolvable;
        if (isSolvable)
        {
            info["desc"] = owner!.Descriptor.DescribeAt((uint)owner.IndexOf(script)!.Value, script, rpc.Network);
        }

        if (owner is not null)
        {
            info["parent_desc"] = owner.PublicText;
        }

        info["iswatchonly"] = false;
        Describe(info, script, data);
        info["ischange"] = wallet.Funds.IsChange(script);
        if (owner is not null && data is not null && KeyOf(script, data) is { } key && data.Origin(key) is { } origin)
        {
            info["timestamp"] = owner.Created;
            info["hdkeypath"] = "m" + string.Concat(
                origin.KeyPath.Indexes.Select(
                    static step => $"/{step & ~0x80000000}{((step & 0x80000000) != 0 ? "h" : "")}"));
            info["hdseedid"] = new string('0', 40);
            info["hdmasterfingerprint"] = origin.MasterFingerprint.ToString();
        }

        info["labels"] = wallet.Book.Find(script) is { } entry ? new JsonArray(entry.Label) : [];
        return info;
    }

    private static PubKey? KeyOf(Script script, SolvingData data)
    {
        byte[] bytes = script.ToBytes();
        return ScriptKinds.Of(script) switch
        {
            ScriptKind.PublicKeyHash => data.Key(new KeyId(bytes[3..23])),
            ScriptKind.WitnessKeyHash => data.Key(new KeyId(bytes[2..])),
            ScriptKind.ScriptHash when data.Inner(script) is { } inner
                && ScriptKinds.Of(inner) == ScriptKind.WitnessKeyHash
                => KeyOf(inner, data),
            ScriptKind.Taproot when data.Taproot(script) is { } spending => data.Key(spending.Internal.ToBytes()),
            _ => null,
        };
    }

    private void Describe(JsonObject info, Script script, SolvingData? data)
    {
        ScriptKind kind = ScriptKinds.Of(script);
        byte[] bytes = script.ToBytes();
        bool isWitness = Address.TryProgram(bytes, out int version, out ReadOnlySpan<byte> program);
        if (kind != ScriptKind.WitnessUnknown)
        {
            info["isscript"] = kind is ScriptKind.ScriptHash
                or ScriptKind.WitnessScriptHash
                or ScriptKind.Taproot
                or ScriptKind.Anchor;
        }

        info["iswitness"] = isWitness;
        if (isWitness)
        {
            info["witness_version"] = version;
            info["witness_program"] = Convert.ToHexStringLower(program);
        }

        if (data is null)
        {
            return;
        }

        switch (kind)
        {
            case ScriptKind.PublicKeyHash when data.Key(new KeyId(bytes[3..23])) is { } key:
                info["pubkey"] = key.ToHex();
                info["iscompressed"] = key.IsCompressed;
                break;
            case ScriptKind.WitnessKeyHash when data.Key(new KeyId(bytes[2..])) is { } key:
                info["pubkey"] = key.ToHex();
                break;
            case ScriptKind.ScriptHash or ScriptKind.WitnessScriptHash when data.Inner(script) is { } inner:
                DescribeInner(info, inner, data);
                break;
        }
    }

    private void DescribeInner(JsonObject info, Script inner, SolvingData data)
    {
        info["script"] = ScriptKinds.Of(inner).Name();
        info["hex"] = inner.ToHex();
        if (rpc.AddressOf(inner) is { } address)
        {
            JsonObject embedded = [];
            Describe(embedded, inner, data);
            embedded["address"] = address;
            embedded["scriptPubKey"] = inner.ToHex();
            if (embedded["pubkey"] is { } key)
            {
                info["pubkey"] = key.DeepClone();
            }

            info["embedded"] = embedded;
        }
        else if (ScriptKinds.TryMultisig(inner.ToBytes(), out int required, out List<byte[]> keys))
        {
            info["sigsrequired"] = required;
            info["pubkeys"] = Args.Strings(keys.Select(Convert.ToHexStringLower));
        }
    }

    private static JsonNode? Refill(DescriptorWallet wallet, RpcCall call)
    {
        int size = call.Int(0);
        if (size < 0)
        {
            throw Args.Invalid("Invalid parameter, expected valid size.");
        }

        WalletRpc.MustBeUnlocked(wallet);
        wallet.Keys.TopUp(size);
        if (wallet.Keys.PoolSize < size)
        {
            throw new RpcException(RpcErrorCode.Wallet, "Error refreshing keypool.");
        }

        wallet.Ledger.RefreshOutputs();
        return null;
    }

    private JsonNode Sign(DescriptorWallet wallet, RpcCall call)
    {
        WalletRpc.MustBeUnlocked(wallet);
        Script script = rpc.ScriptOf(call.Text(0), "Invalid address");
        if (ScriptKinds.Of(script) != ScriptKind.PublicKeyHash)
        {
            throw new RpcException(RpcErrorCode.Type, "Address does not refer to key");
        }

        SolvingData? data = wallet.Keys.Solve(script, withSecrets: true);
        Key secret = data?.Key(new KeyId(script.ToBytes()[3..23])) is { } key && data.Secret(key) is { } known
            ? known
            : throw new RpcException(RpcErrorCode.Wallet, "Private key not available");
        CompactSignature signature = secret.SignCompact(MessageHash(call.Text(1)), forceLowR: false);
        return Convert.ToBase64String(
            [(byte)(27 + signature.RecoveryId + (secret.IsCompressed ? 4 : 0)), .. signature.Signature]);
    }

    private static uint256 MessageHash(string message)
    {
        Storage.RecordWriter writer = new Storage.RecordWriter().Text(Currency.Names.SignedMessage).Text(message);
        return new uint256(
            System.Security.Cryptography.SHA256.HashData(
                System.Security.Cryptography.SHA256.HashData(writer.ToArray())));
    }
}
