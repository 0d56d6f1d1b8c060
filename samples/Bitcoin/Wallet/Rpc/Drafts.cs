using System.Text.Json.Nodes;
using Bitcoin.Descriptors;
using Bitcoin.Interfaces;
using Bitcoin.Primitives;
using Bitcoin.Rpc;
using Bitcoin.Wallet.Keys;
using Bitcoin.Wallet.Spending;
using NBitcoin;

namespace Bitcoin.Wallet.Rpc;

/// <summary>Reads the inputs, outputs and options of a new transaction.</summary>
internal sealed class Drafts(WalletRpc rpc)
{
    private const int MaxTarget = 1008;

    /// <summary>Reads the outputs: amounts by address, in order, and data under the name "data".</summary>
    internal static List<(string Name, JsonNode? Value)> Outputs(JsonNode? given)
    {
        switch (given)
        {
            case null:
                throw Args.Invalid("Invalid parameter, output argument must be non-null");
            case JsonObject map:
                return [.. map.Select(static pair => (JsonReading.NameOf(pair.Key), pair.Value))];
        }

        List<(string, JsonNode?)> outputs = [];
        foreach (JsonNode? item in RpcValues.List(given))
        {
            JsonObject one = item as JsonObject
                ?? throw Args.Invalid("Invalid parameter, key-value pair not an object as expected");
            if (one.Count != 1)
            {
                throw Args.Invalid("Invalid parameter, key-value pair must contain exactly one key");
            }

            outputs.AddRange(one.Select(static pair => (pair.Key, pair.Value)));
        }

        return outputs;
    }

    internal List<TxOut> Parse(List<(string Name, JsonNode? Value)> outputs)
    {
        HashSet<Script> seen = [];
        List<TxOut> parsed = [];
        bool hasData = false;
        foreach ((string name, JsonNode? value) in outputs)
        {
            if (name == "data")
            {
                if (hasData)
                {
                    throw Args.Invalid("Invalid parameter, duplicate key: data");
                }

                hasData = true;
                string hex = RpcValues.TypeOf(value) == "string" ? RpcValues.Text(value) : value?.ToJsonString() ?? "";
                byte[] data = hex.Length % 2 == 0 && hex.All(char.IsAsciiHexDigit)
                    ? Convert.FromHexString(hex)
                    : throw Args.Invalid($"Data must be hexadecimal string (not '{hex}')");
                parsed.Add(new TxOut(Money.Zero, new Script([OpcodeType.OP_RETURN, Op.GetPushOp(data)])));
                continue;
            }

            bool isAddress = Address.TryParse(name, rpc.Network, out Script? script);
            long amount = RpcValues.Amount(value);
            if (!isAddress)
            {
                throw new RpcException(RpcErrorCode.InvalidAddressOrKey, $"Invalid Bitcoin address: {name}");
            }

            if (!seen.Add(script!))
            {
                throw Args.Invalid($"Invalid parameter, duplicated address: {name}");
            }

            parsed.Add(new TxOut(Money.Satoshis(amount), script));
        }

        return parsed;
    }

    /// <summary>Creates a transaction from inputs and outputs.</summary>
    internal Transaction Make(JsonNode? inputs, JsonNode? outputs, JsonNode? lockTime, bool replaces, long version)
    {
        Transaction transaction = rpc.Network.Network.CreateTransaction();
        if (lockTime is not null)
        {
            long time = RpcValues.Long(lockTime);
            transaction.LockTime = time is >= 0 and <= uint.MaxValue
                ? new LockTime((uint)time)
                : throw Args.Invalid("Invalid parameter, locktime out of range");
        }

        if (version is < 1 or > 3)
        {
            throw Args.Invalid("Invalid parameter, version out of range(1~3)");
        }

        transaction.Version = (uint)version;
        foreach (JsonNode? item in inputs is null ? [] : RpcValues.List(inputs))
        {
            JsonObject input = RpcValues.Map(item);
            uint256 txid = RpcValues.Hash(input["txid"], "txid");
            if (RpcValues.TypeOf(input["vout"]) != "number")
            {
                throw Args.Invalid("Invalid parameter, missing vout key");
            }

            int index = RpcValues.Int(input["vout"]);
            if (index < 0)
            {
                throw Args.Invalid("Invalid parameter, vout cannot be negative");
            }

            uint sequence = replaces ? 0xfffffffd : transaction.LockTime.Value != 0 ? 0xfffffffe : uint.MaxValue;
            if (RpcValues.TypeOf(input["sequence"]) == "number")
            {
                long given = RpcValues.Long(input["sequence"]);
                sequence = given is >= 0 and <= uint.MaxValue
                    ? (uint)given
                    : throw Args.Invalid("Invalid parameter, sequence number is out of range");
            }

            transaction.Inputs.Add(new TxIn(new OutPoint(txid, index)) { Sequence = sequence });
        }

        Parse(Outputs(outputs)).ForEach(output => transaction.Outputs.Add(output));
        if (replaces
            && transaction.Inputs.Count > 0
            && !transaction.Inputs.Exists(static input => input.Sequence.Value <= 0xfffffffd))
        {
            throw Args.Invalid("Invalid parameter combination: Sequence number(s) contradict replaceable option");
        }

        return transaction;
    }

    /// <summary>The outputs that pay the fee.</summary>
    internal static HashSet<int> PaysFee(JsonNode? given, IReadOnlyList<string> names)
    {
        HashSet<int> places = [];
        foreach (JsonNode? item in given is null ? [] : RpcValues.List(given))
        {
            const string Prefix = "Invalid parameter 'subtract fee from output', ";
            int place;
            switch (RpcValues.TypeOf(item))
            {
                case "string":
                    place = names.ToList().IndexOf(RpcValues.Text(item));
                    if (place < 0)
                    {
                        throw Args.Invalid($"{Prefix}destination {RpcValues.Text(item)} not found in tx outputs");
                    }

                    break;
                case "number":
                    place = RpcValues.Int(item);
                    break;
                default:
                    throw Args.Invalid($"{Prefix}invalid value type: {RpcValues.TypeOf(item)}");
            }

            string? wrong = places.Contains(place) ? $"duplicated position: {place}"
                : place < 0 ? $"negative position: {place}"
                : place >= names.Count ? $"position too large: {place}"
                : null;
            if (wrong is not null)
            {
                throw Args.Invalid(Prefix + wrong);
            }

            places.Add(place);
        }

        return places;
    }

    internal static List<Recipient> Recipients(IReadOnlyList<TxOut> outputs, HashSet<int> payers)
        =>
            [
                .. outputs.Select(
                    (output, i) => new Recipient(output.ScriptPubKey, output.Value.Satoshi, payers.Contains(i))),
            ];

    /// <summary>Reads the fee that the user wants.</summary>
    internal static void SetFee(
        CoinControl control, JsonNode? target, JsonNode? mode, JsonNode? rate, bool overridesMinimum)
    {
        if (rate is not null)
        {
            if (target is not null)
            {
                throw Args.Invalid(
                    "Cannot specify both conf_target and fee_rate. Please provide either a confirmation target in "
                        + "blocks for automatic fee estimation, or an explicit fee rate.");
            }

            if (mode is not null && RpcValues.Text(mode) != "unset")
            {
                throw Args.Invalid("Cannot specify both estimate_mode and fee_rate");
            }

            control.Rate = FeeRate.PerKilobyte(RpcValues.Amount(rate, decimals: 3));
            control.OverridesMinimum |= overridesMinimum;
            control.SignalsReplacement ??= true;
            return;
        }

        if (mode is not null)
        {
            control.Mode = RpcValues.Text(mode).ToLowerInvariant() switch
            {
                "unset" => FeeMode.Unset,
                "economical" => FeeMode.Economical,
                "conservative" => FeeMode.Conservative,
                _ => throw Args.Invalid(
                    "Invalid estimate_mode parameter, must be one of: \"unset\", \"economical\", \"conservative\""),
            };
        }

        if (target is not null)
        {
            int blocks = RpcValues.Int(target);
            control.Target = blocks is >= 1 and <= MaxTarget
                ? blocks
                : throw Args.Invalid($"Invalid conf_target, must be between 1 and {MaxTarget}");
        }
    }

    /// <summary>Copies the fee from the arguments to the options. Refuses a fee in both.</summary>
    internal static void MergeFee(JsonObject options, JsonNode? target, JsonNode? mode, JsonNode? rate)
    {
        if (options.ContainsKey("conf_target") || options.ContainsKey("estimate_mode"))
        {
            if (target is not null || mode is not null)
            {
                throw Args.Invalid(
                    "Pass conf_target and estimate_mode either as arguments or in the options object, but not both");
            }
        }
        else
        {
            options["conf_target"] = target?.DeepClone();
            options["estimate_mode"] = mode?.DeepClone();
        }

        if (options.ContainsKey("fee_rate"))
        {
            if (rate is not null)
            {
                throw Args.Invalid("Pass the fee_rate either as an argument, or in the options object, but not both");
            }
        }
        else
        {
            options["fee_rate"] = rate?.DeepClone();
        }

        if (options["conf_target"] is not null
            && (options["estimate_mode"] is not { } given || RpcValues.Text(given) == "unset"))
        {
            throw Args.Invalid("Specify estimate_mode");
        }
    }

    internal static void RefuseOld(JsonObject options)
    {
        foreach ((string old, string now) in (ReadOnlySpan<(string, string)>)
            [
                ("feeRate", "fee_rate (sat/vB)"),
                ("changeAddress", "change_address"),
                ("changePosition", "change_position"),
                ("lockUnspents", "lock_unspents"),
                ("subtractFeeFromOutputs", "subtract_fee_from_outputs")
            ])
        {
            if (options.ContainsKey(old))
            {
                throw Args.Invalid($"Use {now} instead of {old}");
            }
        }
    }

    /// <summary>Copies the weights of the inputs to the options.</summary>
    internal static void TakeWeights(JsonNode? inputs, JsonObject options)
    {
        if (options.ContainsKey("input_weights"))
        {
            throw Args.Invalid("Input weights should be specified in inputs rather than in options.");
        }

        if (inputs is JsonArray { Count: > 0 } list)
        {
            options["input_weights"] = new JsonArray([.. list
                .Where(static input => input is JsonObject map && map.ContainsKey("weight"))
                .Select(static input => input!.DeepClone())]);
        }
    }

    /// <summary>Funds a transaction: adds inputs and change. Called with the wallet's gate held.</summary>
    internal MadeTransaction Fund(
        DescriptorWallet wallet,
        Transaction transaction,
        List<Recipient> recipients,
        JsonObject options,
        CoinControl control,
        bool overridesMinimum)
    {
        Args.Check(
            options,
            ("add_inputs", "bool"), ("include_unsafe", "bool"), ("add_to_wallet", "bool"), ("changeAddress", "string"),
            ("change_address", "string"), ("changePosition", "number"), ("change_position", "number"),
            ("change_type", "string"), ("includeWatching", "bool"), ("include_watching", "bool"), ("inputs", "array"),
            ("lockUnspents", "bool"), ("lock_unspents", "bool"), ("locktime", "number"), ("fee_rate", null),
            ("feeRate", null), ("psbt", "bool"), ("solving_data", "object"), ("subtractFeeFromOutputs", "array"),
            ("subtract_fee_from_outputs", "array"), ("replaceable", "bool"), ("conf_target", "number"),
            ("estimate_mode", "string"),
            ("minconf", "number"),
            ("maxconf", "number"),
            ("input_weights", "array"),
            ("max_tx_weight", "number"));
        int? place = TakeOptions(options, recipients, control);
        SetFee(control, options["conf_target"], options["estimate_mode"], options["fee_rate"], overridesMinimum);
        TakeSolving(options, control);
        TakeInputWeights(options, control);
        if (options.IsSet("max_tx_weight"))
        {
            control.MaxWeight = RpcValues.Int(options["max_tx_weight"]);
        }

        if (transaction.Version == CoinControl.RestrictedVersion
            && control.MaxWeight is null or > CoinControl.MaxRestrictedWeight
            && transaction.Version == CoinControl.RestrictedVersion)
        {
            control.MaxWeight = CoinControl.MaxRestrictedWeight;
        }

        if (recipients.Count == 0)
        {
            throw Args.Invalid("TX must have at least one output");
        }

        control.LockTime = transaction.LockTime.Value;
        control.Version = transaction.Version;
        MadeTransaction made = Choose(wallet, transaction, control) is { } missing
            ? MadeTransaction.Failed(missing)
            : wallet.Maker.Make(recipients, place, control, signs: false);
        if (made.Transaction is null)
        {
            throw new RpcException(RpcErrorCode.Wallet, made.Error);
        }

        JsonNode? locks = options["lock_unspents"] ?? options["lockUnspents"];
        if (locks is not null && RpcValues.Bool(locks))
        {
            made.Transaction.Inputs.ForEach(input => wallet.Ledger.LockCoin(input.PrevOut, persists: false));
        }

        return made;
    }

    private string? Choose(DescriptorWallet wallet, Transaction transaction, CoinControl control)
    {
        Dictionary<OutPoint, Interfaces.Coin?> coins = transaction.Inputs
            .Select(static input => input.PrevOut)
            .Distinct()
            .ToDictionary(static id => id, static _ => (Interfaces.Coin?)null);
        rpc.Chain.FindCoins(ref coins);
        foreach (TxIn input in transaction.Inputs)
        {
            ChosenInput chosen = control.Choose(input.PrevOut);
            if (!wallet.Ledger.IsMine(input.PrevOut))
            {
                if (coins[input.PrevOut] is not { } coin)
                {
                    return "Unable to find UTXO for external input";
                }

                chosen.Output = coin.Output;
            }

            chosen.Sequence = input.Sequence.Value;
            chosen.ScriptSig = input.ScriptSig;
            chosen.Witness = input.WitScript;
        }

        return null;
    }

    private int? TakeOptions(JsonObject options, List<Recipient> recipients, CoinControl control)
    {
        if (options.IsSet("add_inputs"))
        {
            control.AllowsOthers = RpcValues.Bool(options["add_inputs"]);
        }

        JsonNode? change = options["change_address"] ?? options["changeAddress"];
        if (change is not null)
        {
            control.Change = rpc.ScriptOf(RpcValues.Text(change), "Change address must be a valid bitcoin address");
        }

        int? place = null;
        if ((options["change_position"] ?? options["changePosition"]) is { } position)
        {
            place = RpcValues.Int(position);
            if (place < 0 || place > recipients.Count)
            {
                throw Args.Invalid("changePosition out of bounds");
            }
        }

        // Null is not a type of change; a missing member means the default.
        if (options.ContainsKey("change_type"))
        {
            string type = RpcValues.Text(options["change_type"]);
            control.ChangeType = change is not null ? throw Args.Invalid(
                "Cannot specify both change address and address type options")
                : OutputTypes.Parse(type)
                    ?? throw new RpcException(RpcErrorCode.InvalidAddressOrKey, $"Unknown change type '{type}'");
        }

        control.IncludesUnsafe |= options.IsSet("include_unsafe") && RpcValues.Bool(options["include_unsafe"]);
        if (options.IsSet("feeRate"))
        {
            string? wrong = options.IsSet("fee_rate") ? "Cannot specify both fee_rate (sat/vB) and feeRate (BTC/kvB)"
                : options.IsSet("conf_target")
                    ? "Cannot specify both conf_target and feeRate. Please provide either a confirmation target in blocks for automatic fee estimation, or an explicit fee rate."
                : options.IsSet("estimate_mode") ? "Cannot specify both estimate_mode and feeRate"
                : null;
            control.Rate = wrong is null
                ? FeeRate.PerKilobyte(RpcValues.Amount(options["feeRate"]))
                : throw Args.Invalid(wrong);
            control.OverridesMinimum = true;
        }

        if (options.IsSet("replaceable"))
        {
            control.SignalsReplacement = RpcValues.Bool(options["replaceable"]);
        }

        if (options.IsSet("minconf"))
        {
            control.MinDepth = RpcValues.Int(options["minconf"]);
            if (control.MinDepth < 0)
            {
                throw Args.Invalid("Negative minconf");
            }
        }

        if (options.IsSet("maxconf"))
        {
            control.MaxDepth = RpcValues.Int(options["maxconf"]);
            if (control.MaxDepth < control.MinDepth)
            {
                throw Args.Invalid($"maxconf can't be lower than minconf: {control.MaxDepth} < {control.MinDepth}");
            }
        }

        return place;
    }

    private void TakeSolving(JsonObject options, CoinControl control)
    {
        if (options["solving_data"] is not JsonObject solving)
        {
            return;
        }

        foreach (JsonNode? item in solving["pubkeys"] is { } keys ? RpcValues.List(keys) : [])
        {
            string hex = RpcValues.Text(item);
            if (!hex.All(char.IsAsciiHexDigit) || hex.Length % 2 != 0)
            {
                throw new RpcException(RpcErrorCode.InvalidAddressOrKey, $"Pubkey \"{hex}\" must be a hex string");
            }

            if (hex.Length is not (66 or 130))
            {
                throw new RpcException(
                    RpcErrorCode.InvalidAddressOrKey, $"Pubkey \"{hex}\" must have a length of either 33 or 65 bytes");
            }

            PubKey key = PubKey.TryCreatePubKey(Convert.FromHexString(hex), out PubKey? parsed)
                ? parsed
                : throw new RpcException(
                    RpcErrorCode.InvalidAddressOrKey, $"Pubkey \"{hex}\" must be cryptographically valid.");
            control.Solving.Add(key);
            control.Solving.Add(key.WitHash.ScriptPubKey);
        }

        foreach (JsonNode? item in solving["scripts"] is { } scripts ? RpcValues.List(scripts) : [])
        {
            string hex = RpcValues.Text(item);
            control.Solving.Add(
                hex.Length % 2 == 0 && hex.All(char.IsAsciiHexDigit)
                    ? Script.FromHex(hex)
                    : throw new RpcException(RpcErrorCode.InvalidAddressOrKey, $"'{hex}' is not hex"));
        }

        foreach (JsonNode? item in solving["descriptors"] is { } descriptors ? RpcValues.List(descriptors) : [])
        {
            string text = RpcValues.Text(item);
            if (!Descriptor.TryParseAll(
                text, rpc.Network, needsChecksum: true, out IReadOnlyList<Descriptor> all, out string error))
            {
                throw Args.Invalid($"Unable to parse descriptor '{text}': {error}");
            }

            foreach (Descriptor descriptor in all)
            {
                AddDescriptor(descriptor, control.Solving);
            }
        }
    }

    private static void AddDescriptor(Descriptor descriptor, SolvingData solving)
    {
        foreach (KeyExpression key in descriptor.Keys)
        {
            if (key.Derive(0) is { } derived)
            {
                solving.Add(derived, key.Origin(0));
                solving.Add(derived.WitHash.ScriptPubKey);
            }
        }

        foreach (Script inner in descriptor.InnerScripts(0))
        {
            solving.Add(inner);
        }

        if (descriptor.TaprootSpending(0) is { } spending)
        {
            solving.Add(descriptor.Expand(0).First(), spending);
        }
    }

    private static void TakeInputWeights(JsonObject options, CoinControl control)
    {
        const int Least = 165;
        foreach (JsonNode? item in options["input_weights"] as JsonArray ?? [])
        {
            JsonObject input = RpcValues.Map(item);
            uint256 txid = RpcValues.Hash(input["txid"], "txid");
            if (RpcValues.TypeOf(input["vout"]) != "number")
            {
                throw Args.Invalid("Invalid parameter, missing vout key");
            }

            int index = RpcValues.Int(input["vout"]);
            string? wrong = index < 0 ? "Invalid parameter, vout cannot be negative"
                : RpcValues.TypeOf(input["weight"]) != "number" ? "Invalid parameter, missing weight key"
                : null;
            long weight = wrong is null ? RpcValues.Long(input["weight"]) : 0;
            wrong ??= weight < Least
                ? "Invalid parameter, weight cannot be less than 165 (41 bytes (size of outpoint + sequence + empty scriptSig) * 4 (witness scaling factor)) + 1 (empty witness)"
                : weight > Coins.Weights.MaxStandard
                    ? $"Invalid parameter, weight cannot be greater than the maximum standard tx weight of {Coins.Weights.MaxStandard}"
                : null;
            if (wrong is not null)
            {
                throw Args.Invalid(wrong);
            }

            control.SetWeight(new OutPoint(txid, index), weight);
        }
    }
}
