using System.Text.Json.Nodes;
using Bitcoin.Descriptors;
using Bitcoin.Interfaces;
using Bitcoin.Primitives;
using Bitcoin.Rpc;
using Bitcoin.Wallet.Coins;
using Bitcoin.Wallet.Keys;
using Bitcoin.Wallet.Spending;
using NBitcoin;

namespace Bitcoin.Wallet.Rpc;

/// <summary>Funds transactions by the options of a call: adds inputs and change.</summary>
internal sealed class Funding(WalletRpc rpc)
{
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
        FeeArguments.SetFee(
            control, options["conf_target"], options["estimate_mode"], options["fee_rate"], overridesMinimum);
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
            control.Change = rpc.ScriptOf(
                RpcValues.Text(change), $"Change address must be a valid {Currency.Names.Prefix} address");
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
            string? wrong = options.IsSet("fee_rate")
                ? $"Cannot specify both fee_rate ({Currency.Names.SmallestUnit}/vB) and feeRate "
                    + $"({Currency.Names.Unit}/kvB)"
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
