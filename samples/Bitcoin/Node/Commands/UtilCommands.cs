using System.Text.Json.Nodes;
using Bitcoin.Chain.Rules;
using Bitcoin.Descriptors;
using Bitcoin.Interfaces;
using Bitcoin.Primitives;
using Bitcoin.Rpc;
using NBitcoin;

namespace Bitcoin.Node.Commands;

/// <summary>Methods about addresses, descriptors and messages.</summary>
internal sealed class UtilCommands(NodeContext node)
{
    private NetworkParameters Network => node.Tree.Network;

    internal void Register()
    {
        CommandGroup group = new(node.Rpc, "Util");
        group.Add(
            "validateaddress",
            "address:text",
            $"Return information about the given {Currency.Names.Prefix} address.",
            ValidateAddress);
        group.Add(
            "createmultisig",
            "nrequired:number keys:list address_type:text?",
            "Creates a multi-signature address with n signature of m keys required.\nIt returns a json object with the "
                + "address and redeemScript.",
            CreateMultisig);
        group.Add("getdescriptorinfo", "descriptor:text", "Analyses a descriptor.", DescriptorInfo);
        group.Add(
            "deriveaddresses",
            "descriptor:text range:any?",
            "Derives one or more addresses corresponding to an output descriptor.",
            DeriveAddresses);
        new CommandGroup(node.Rpc, RpcHelp.HiddenCategory).Add(
            "estimaterawfee",
            "conf_target:number threshold:number?",
            "WARNING: This interface is unstable and may disappear or change!\n\nTells what an estimate of a fee rests "
                + "on.",
            EstimateRaw);
        group.Add(
            "estimatesmartfee",
            "conf_target:number estimate_mode:text? options:map?=options",
            "Estimates the approximate fee per kilobyte needed for a transaction to begin confirmation within "
                + "conf_target blocks if possible.",
            Estimate);
        group.Add(
            "signmessagewithprivkey",
            "privkey:text! message:text",
            "Sign a message with the private key of an address",
            SignMessage);
        group.Add(
            "verifymessage", "address:text signature:text message:text", "Verify a signed message.", VerifyMessage);
    }

    private JsonObject ValidateAddress(RpcCall call)
    {
        string text = call.Text(0);
        if (!Address.TryParse(text, Network, out Script? script))
        {
            (string error, int[] locations) = AddressErrors.Explain(text, Network);
            return new JsonObject
            {
                ["isvalid"] = false,
                ["error_locations"] = Values.Array(locations.Select(static at => (JsonNode)at)),
                ["error"] = error,
            };
        }

        JsonObject result = new()
        {
            ["isvalid"] = true,
            ["address"] = Address.Format(script, Network),
            ["scriptPubKey"] = script.ToHex(),
            ["isscript"] =
                ScriptKinds.Of(script) is ScriptKind.ScriptHash
                    or ScriptKind.WitnessScriptHash
                    or ScriptKind.Taproot
                    or ScriptKind.Anchor,
        };
        bool isWitness = Address.TryProgram(script.ToBytes(), out int version, out ReadOnlySpan<byte> program);
        result["iswitness"] = isWitness;
        if (isWitness)
        {
            result["witness_version"] = version;
            result["witness_program"] = Convert.ToHexStringLower(program);
        }

        if (isWitness && ScriptKinds.Of(script) == ScriptKind.WitnessUnknown)
        {
            result.Remove("isscript");
        }

        return result;
    }

    private JsonObject CreateMultisig(RpcCall call)
    {
        const int MaxScript = 520;
        int required = call.Int(0);
        List<PubKey> keys = [];
        foreach (JsonNode? item in RpcValues.List(call.Params[1]))
        {
            string text = RpcValues.Text(item);
            if (!Inputs.TryHex(text, out byte[] bytes) || bytes.Length is not (33 or 65))
            {
                throw Inputs.Error(
                    RpcErrorCode.InvalidAddressOrKey,
                    Inputs.TryHex(text, out _)
                        ? $"Pubkey \"{text}\" must have a length of either 33 or 65 bytes"
                        : $"Pubkey \"{text}\" must be a hex string");
            }

            keys.Add(
                PubKey.TryCreatePubKey(bytes, out PubKey? key)
                    ? key
                    : throw Inputs.Error(
                        RpcErrorCode.InvalidAddressOrKey, $"Pubkey \"{text}\" must be cryptographically valid."));
        }

        string type = call.Text(2, "legacy");
        if (type is not ("legacy" or "p2sh-segwit" or "bech32")
            || (type != "legacy" && !Network.Currency.HasWitnesses))
        {
            throw Inputs.Error(
                RpcErrorCode.InvalidAddressOrKey,
                type == "bech32m"
                    ? "createmultisig cannot create bech32m multisig addresses"
                    : $"Unknown address type '{type}'");
        }

        if (required < 1)
        {
            throw Inputs.Error(
                RpcErrorCode.InvalidParameter, "a multisignature address must require at least one key to redeem");
        }

        if (keys.Count < required)
        {
            throw Inputs.Error(
                RpcErrorCode.InvalidParameter,
                $"not enough keys supplied (got {keys.Count} keys, but need at least {required} to redeem)");
        }

        if (keys.Count > 20)
        {
            throw Inputs.Error(
                RpcErrorCode.InvalidParameter,
                "Number of keys involved in the multisignature address creation > 20\nReduce the number");
        }

        // A witness cannot contain an uncompressed key.
        string asked = type;
        type = keys.Exists(static key => !key.IsCompressed) ? "legacy" : type;
        Script redeem = new(
        [
            Op.GetPushOp(required),
            .. keys.Select(static key => Op.GetPushOp(key.ToBytes())),
            Op.GetPushOp(keys.Count),
            OpcodeType.OP_CHECKMULTISIG
        ]);
        if (type == "legacy" && redeem.Length > MaxScript)
        {
            throw Inputs.Error(
                RpcErrorCode.InvalidParameter, $"redeemScript exceeds size limit: {redeem.Length} > {MaxScript}");
        }

        Script script = type switch
        {
            "bech32" => redeem.WitHash.ScriptPubKey,
            "p2sh-segwit" => redeem.WitHash.ScriptPubKey.Hash.ScriptPubKey,
            _ => redeem.Hash.ScriptPubKey,
        };
        string multi = $"multi({required},{string.Join(',', keys.Select(static key => key.ToHex()))})";
        JsonObject result = new()
        {
            ["address"] = Address.Format(script, Network),
            ["redeemScript"] = redeem.ToHex(),
            ["descriptor"] = DescriptorChecksum.Append(
                type switch { "bech32" => $"wsh({multi})", "p2sh-segwit" => $"sh(wsh({multi}))", _ => $"sh({multi})" }),
        };
        if (asked != type)
        {
            result["warnings"] = new JsonArray(
                "Unable to make chosen address type, please ensure no uncompressed public keys are present.");
        }

        return result;
    }

    private JsonObject DescriptorInfo(RpcCall call)
    {
        string text = call.Text(0);
        if (!Descriptor.TryParseAll(
            text, Network, needsChecksum: false, out IReadOnlyList<Descriptor> descriptors, out string error))
        {
            throw Inputs.Error(RpcErrorCode.InvalidAddressOrKey, error);
        }

        JsonObject result = new() { ["descriptor"] = DescriptorChecksum.Append(descriptors[0].ToString()) };
        if (descriptors.Count > 1)
        {
            result["multipath_expansion"] = Values.Strings(
                descriptors.Select(static one => DescriptorChecksum.Append(one.ToString())));
        }

        result["checksum"] = DescriptorChecksum.Of(text.Split('#')[0]);
        result["isrange"] = descriptors[0].IsRange;
        result["issolvable"] = descriptors[0].IsSolvable;
        result["hasprivatekeys"] = descriptors[0].HasPrivateKeys;
        return result;
    }

    private JsonArray DeriveAddresses(RpcCall call)
    {
        (long from, long to) = call.IsGiven(1) ? RangeOf(call.Params[1]) : (0, 0);
        if (!Descriptor.TryParseAll(
            call.Text(0), Network, needsChecksum: true, out IReadOnlyList<Descriptor> descriptors, out string error))
        {
            throw Inputs.Error(RpcErrorCode.InvalidAddressOrKey, error);
        }

        if (!descriptors[0].IsRange && call.IsGiven(1))
        {
            throw Inputs.Error(
                RpcErrorCode.InvalidParameter, "Range should not be specified for an un-ranged descriptor");
        }

        if (descriptors[0].IsRange && !call.IsGiven(1))
        {
            throw Inputs.Error(RpcErrorCode.InvalidParameter, "Range must be specified for a ranged descriptor");
        }

        // One list of addresses, or one list for each path.
        JsonArray[] all = [.. descriptors.Select(descriptor => AddressesOf(descriptor, from, to))];
        return all.Length == 1 ? all[0] : new JsonArray([.. all]);
    }

    private JsonArray AddressesOf(Descriptor descriptor, long from, long to)
    {
        JsonArray addresses = [];
        for (long i = from; i <= to; i++)
        {
            try
            {
                foreach (Script script in descriptor.Expand((uint)i))
                {
                    if (ScriptKinds.Of(script) == ScriptKind.PublicKey
                        && descriptor.ToString().StartsWith("combo", StringComparison.Ordinal))
                    {
                        continue;
                    }

                    string address = Address.Format(script, Network)
                        ?? throw Inputs.Error(
                            RpcErrorCode.InvalidAddressOrKey, "Descriptor does not have a corresponding address");
                    addresses.Add((JsonNode)address);
                }
            }
            catch (InvalidOperationException exception)
            {
                throw Inputs.Error(RpcErrorCode.InvalidAddressOrKey, exception.Message);
            }
        }

        return addresses;
    }

    /// <summary>The end of a range, or both ends.</summary>
    internal static (long From, long To) RangeOf(JsonNode? value)
    {
        const long MaxSpan = 1_000_000;
        (long from, long to) = (0L, 0L);
        if (value is JsonArray { Count: 2 } both)
        {
            (from, to) = (RpcValues.Long(both[0]), RpcValues.Long(both[1]));
            if (from > to)
            {
                throw Inputs.Error(
                    RpcErrorCode.InvalidParameter, "Range specified as [begin,end] must not have begin after end");
            }
        }
        else if (Inputs.KindOf(value) == System.Text.Json.JsonValueKind.Number)
        {
            to = RpcValues.Long(value);
        }
        else
        {
            throw Inputs.Error(RpcErrorCode.InvalidParameter, "Range must be specified as end or as [begin,end]");
        }

        if (from < 0)
        {
            throw Inputs.Error(RpcErrorCode.InvalidParameter, "Range should be greater or equal than 0");
        }

        return to >> 31 != 0 ? throw Inputs.Error(RpcErrorCode.InvalidParameter, "End of range is too high")
            : to >= from + MaxSpan ? throw Inputs.Error(RpcErrorCode.InvalidParameter, "Range is too large")
            : (from, to);
    }

    private static int Target(RpcCall call)
    {
        const int MaxTarget = 1008;
        int target = call.Int(0);
        return target is >= 1 and <= MaxTarget
            ? target
            : throw Inputs.Error(
                RpcErrorCode.InvalidParameter, $"Invalid conf_target, must be between 1 and {MaxTarget}");
    }

    private JsonObject Estimate(RpcCall call)
    {
        int target = Target(call);
        string mode = call.Text(1, "economical");
        if (mode.ToLowerInvariant() is not ("unset" or "economical" or "conservative"))
        {
            throw Inputs.Error(
                RpcErrorCode.InvalidParameter,
                "Invalid estimate_mode parameter, must be one of: \"unset\", \"economical\", \"conservative\"");
        }

        foreach ((string key, JsonNode? value) in call.Params[2] as JsonObject ?? [])
        {
            bool isText = key == "fee_rate_estimator"
                ? true
                : key == "verbosity"
                ? false
                : throw Inputs.Error(RpcErrorCode.Type, $"Unexpected key {key}");
            System.Text.Json.JsonValueKind wanted = isText
                ? System.Text.Json.JsonValueKind.String
                : System.Text.Json.JsonValueKind.Number;
            if (value is not null && Inputs.KindOf(value) != wanted)
            {
                throw Inputs.Error(
                    RpcErrorCode.Type,
                    $"JSON value of type {Inputs.KindOf(value).ToString().ToLowerInvariant()} for field {key} is not "
                        + $"of expected type {wanted.ToString().ToLowerInvariant()}");
            }
        }

        return node.Fees?.Estimate(target) is { } rate
            ? new JsonObject { ["feerate"] = JsonText.Amount(rate.PerKilobyte), ["blocks"] = target }
            : new JsonObject
            {
                ["errors"] = new JsonArray("Insufficient data or no feerate found"),
                ["blocks"] = target,
            };
    }

    /// <summary>
    /// The data behind the estimate. This estimator has one horizon, and stores paid fee rates and times.
    /// </summary>
    private JsonObject EstimateRaw(RpcCall call)
    {
        int target = Target(call);
        double threshold = call.IsGiven(1) ? call.Params[1]!.GetValue<double>() : 0.95;
        if (threshold is < 0 or > 1)
        {
            throw Inputs.Error(RpcErrorCode.InvalidParameter, "Invalid threshold");
        }

        (int within, int total) = node.Fees?.Counts(target) ?? default;
        JsonObject range = new()
        {
            ["startrange"] = 0,
            ["endrange"] = 1e99,
            ["withintarget"] = within,
            ["totalconfirmed"] = total,
            ["inmempool"] = 0,
            ["leftmempool"] = 0,
        };
        JsonObject horizon = new() { ["decay"] = 1, ["scale"] = 1 };
        if (node.Fees?.Estimate(target) is { } rate && total > 0 && within >= threshold * total)
        {
            horizon["feerate"] = JsonText.Amount(rate.PerKilobyte);
            horizon["pass"] = range;
        }
        else
        {
            horizon["fail"] = range;
            horizon["errors"] = new JsonArray("Insufficient data or no feerate found which meets threshold");
        }

        return new JsonObject { ["long"] = horizon };
    }

    private JsonNode SignMessage(RpcCall call)
    {
        using PrivateKeys keys = PrivateKeys.From(call, 0, Network);
        Key key = keys.All[0];
        CompactSignature signature = key.SignCompact(MessageHash(call.Text(1)), forceLowR: false);
        return Convert.ToBase64String(
            [(byte)(27 + signature.RecoveryId + (key.IsCompressed ? 4 : 0)), .. signature.Signature]);
    }

    private JsonNode VerifyMessage(RpcCall call)
    {
        Script script = node.Address(call.Text(0));
        if (ScriptKinds.Of(script) != ScriptKind.PublicKeyHash)
        {
            throw Inputs.Error(RpcErrorCode.Type, "Address does not refer to key");
        }

        byte[] signature = new byte[call.Text(1).Length];
        if (!Convert.TryFromBase64String(call.Text(1), signature, out int length))
        {
            throw Inputs.Error(RpcErrorCode.Type, "Malformed base64 encoding");
        }

        try
        {
            if (length != 65 || signature[0] is < 27 or > 34)
            {
                return false;
            }

            PubKey key = PubKey.RecoverCompact(
                MessageHash(call.Text(2)), new CompactSignature((signature[0] - 27) & 3, signature[1..65]));
            return (signature[0] >= 31 ? key.Compress() : key.Decompress()).Hash.ScriptPubKey == script;
        }
        catch (Exception exception) when (exception is FormatException
            or ArgumentException
            or InvalidOperationException)
        {
            return false;
        }
    }

    private static uint256 MessageHash(string message)
    {
        byte[] text = new Net.WireWriter().Text(Currency.Names.SignedMessage).Text(message).ToArray();
        return NBitcoin.Crypto.Hashes.DoubleSHA256(text);
    }
}
