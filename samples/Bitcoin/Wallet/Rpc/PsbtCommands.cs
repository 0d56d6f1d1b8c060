using System.Text.Json.Nodes;
using Bitcoin.Descriptors;
using Bitcoin.Interfaces;
using Bitcoin.Primitives;
using Bitcoin.Rpc;
using Bitcoin.Wallet.Keys;
using Bitcoin.Wallet.Spending;
using NBitcoin;

namespace Bitcoin.Wallet.Rpc;

/// <summary>Methods about signing, also of partially signed transactions.</summary>
internal sealed class PsbtCommands(WalletRpc rpc)
{
    private static readonly Dictionary<string, SigHash> s_hashTypes = new(StringComparer.Ordinal)
    {
        ["DEFAULT"] = 0,
        ["ALL"] = SigHash.All,
        ["ALL|ANYONECANPAY"] = SigHash.All | SigHash.AnyoneCanPay,
        ["NONE"] = SigHash.None,
        ["NONE|ANYONECANPAY"] = SigHash.None | SigHash.AnyoneCanPay,
        ["SINGLE"] = SigHash.Single,
        ["SINGLE|ANYONECANPAY"] = SigHash.Single | SigHash.AnyoneCanPay,
    };

    private readonly Drafts _drafts = new(rpc);
    private readonly Funding _funding = new(rpc);

    internal IEnumerable<RpcCommand> All =>
    [
        rpc.Synced(
            "walletprocesspsbt",
            "psbt:text sign:bool? sighashtype:text? bip32derivs:bool? finalize:bool?",
            "Update a PSBT with input information from our wallet and then sign inputs that we can sign for.",
            Process),
        rpc.Synced(
            "walletcreatefundedpsbt",
            "inputs:list? outputs:any locktime:number? "
                + "options:map?{add_inputs,include_unsafe,minconf,maxconf,changeAddress:text,changePosition,change_type:text,includeWatching,lockUnspents,fee_rate,feeRate,subtractFeeFromOutputs,max_tx_weight,conf_target,estimate_mode:text,replaceable,solving_data} bip32derivs:bool? version:number? psbt_version:number?",
            "Creates and funds a transaction in the Partially Signed Transaction format.",
            Create),
        rpc.Held(
            "signrawtransactionwithwallet",
            "hexstring:text prevtxs:list? sighashtype:text?",
            "Sign inputs for raw transaction (serialized, hex-encoded).",
            Sign),
    ];

    internal static RpcException Failure(PsbtError error) => error switch
    {
        PsbtError.SigHashMismatch
            => new RpcException(
                RpcErrorCode.Deserialization, "Specified sighash value does not match value stored in PSBT"),
        PsbtError.MissingInputs => new RpcException(-25, "Inputs missing or spent"),
        _ => new RpcException(-25, "Input needs additional signatures or other data"),
    };

    private static SigHash? HashType(JsonNode? given)
    {
        return given is null
            ? null
            : s_hashTypes.TryGetValue(RpcValues.Text(given), out SigHash known)
            ? known
            : throw Args.Invalid($"'{RpcValues.Text(given)}' is not a valid sighash parameter.");
    }

    private PSBT Parse(string text)
    {
        if (!Convert.TryFromBase64String(text, new byte[text.Length], out _))
        {
            throw new RpcException(RpcErrorCode.Deserialization, "TX decode failed invalid base64");
        }

        try
        {
            return PsbtText.Parse(text, rpc.Network.Network);
        }
        catch (Exception exception) when (exception is FormatException
            or ArgumentException
            or InvalidOperationException
            or IOException
            or OverflowException)
        {
            throw new RpcException(RpcErrorCode.Deserialization, $"TX decode failed {exception.Message}");
        }
    }

    private JsonObject Process(DescriptorWallet wallet, RpcCall call)
    {
        PSBT psbt = Parse(call.Text(0));
        bool signs = call.Bool(1, byDefault: true);
        SigHash? hash = HashType(call.Params[2]);
        if (signs)
        {
            WalletRpc.MustBeUnlocked(wallet);
        }

        if (wallet.Psbts.Fill(
            psbt,
            new PsbtWish(signs, hash, call.Bool(4, byDefault: true), call.Bool(3, byDefault: true)),
            out bool isComplete,
            out _) is { } error)
        {
            throw Failure(error);
        }

        JsonObject reply = new() { ["psbt"] = PsbtText.Format(psbt), ["complete"] = isComplete };
        if (isComplete)
        {
            reply["hex"] = Convert.ToHexStringLower(PsbtFilling.Extract(psbt)!.ToBytes());
        }

        return reply;
    }

    private JsonObject Create(DescriptorWallet wallet, RpcCall call)
    {
        JsonObject options = (JsonObject)call.Options(3).DeepClone();
        bool replaces = options.IsSet("replaceable")
            ? RpcValues.Bool(options["replaceable"])
            : wallet.Options.SignalsReplacement;
        Transaction raw = _drafts.Make(
            call.Params[0], call.Params[1], call.Params[2], replaces, call.Number(5, CoinControl.DefaultVersion));
        List<(string Name, JsonNode? Value)> names = Drafts.Outputs(call.Params[1]);
        List<Recipient> recipients = Drafts.Recipients(
            [.. raw.Outputs],
            Drafts.PaysFee(options["subtractFeeFromOutputs"], [.. names.Select(static one => one.Name)]));
        CoinControl control = new()
        {
            AllowsOthers = raw.Inputs.Count == 0,
            AvoidsPartialSpends = wallet.Options.AvoidsPartialSpends,
        };
        Funding.TakeWeights(call.Params[0], options);
        raw.Outputs.Clear();
        MadeTransaction made = _funding.Fund(wallet, raw, recipients, options, control, overridesMinimum: true);
        long version = call.Number(6, 2);
        if (version is not (0 or 2))
        {
            throw Args.Invalid("The PSBT version can only be 2 or 0");
        }

        PSBT psbt = PsbtTaproot.Create(made.Transaction!, rpc.Network.Network, isFirstVersion: version == 0);
        if (wallet.Psbts.Fill(
            psbt, new PsbtWish(Sign: false, WithOrigins: call.Bool(4, byDefault: true)), out _, out _) is { } error)
        {
            throw Failure(error);
        }

        return new JsonObject
        {
            ["psbt"] = PsbtText.Format(psbt),
            ["fee"] = Args.Value(made.Fee),
            ["changepos"] = made.ChangePlace ?? -1,
        };
    }

    private JsonObject Sign(DescriptorWallet wallet, RpcCall call)
    {
        Transaction transaction = rpc.Transaction(
            call.Text(0), "TX decode failed. Make sure the tx has at least one input.");
        WalletRpc.MustBeUnlocked(wallet);
        Dictionary<OutPoint, Interfaces.Coin?> coins = transaction.Inputs
            .Select(static input => input.PrevOut)
            .Distinct()
            .ToDictionary(static id => id, static _ => (Interfaces.Coin?)null);
        rpc.Chain.FindCoins(ref coins);
        Dictionary<OutPoint, TxOut> outputs = coins.Where(static pair => pair.Value is not null).ToDictionary(
            static pair => pair.Key, static pair => pair.Value!.Output);
        SolvingData extra = new();
        HashSet<OutPoint> withoutAmount = [];
        foreach (JsonNode? previous in call.Params[1] as JsonArray ?? [])
        {
            OutPoint added = AddPrevious(previous, outputs, extra);
            if (previous!["amount"] is null)
            {
                withoutAmount.Add(added);
            }
        }

        foreach (OutPoint id in coins.Keys)
        {
            if (!outputs.ContainsKey(id)
                && wallet.Ledger.Find(id.Hash) is { IsInMempool: true }
                && wallet.Ledger.OutputOf(id) is { } own)
            {
                outputs[id] = own;
            }
        }

        TxOut?[] spent = [.. transaction.Inputs.Select(input => outputs.GetValueOrDefault(input.PrevOut))];
        Dictionary<int, string> errors = wallet.Signing.Sign(transaction, spent, HashType(call.Params[2]), extra);

        // The signature of a witness commits to the amount.
        if (transaction.Inputs.Find(input => withoutAmount.Contains(input.PrevOut)
            && input.WitScript is { PushCount: > 0 }) is { } unsure)
        {
            throw new RpcException(
                RpcErrorCode.Type, $"Missing amount for {unsure.PrevOut.Hash}:{unsure.PrevOut.N}");
        }

        JsonObject reply = new()
        {
            ["hex"] = Convert.ToHexStringLower(transaction.ToBytes()),
            ["complete"] = errors.Count == 0,
        };
        if (errors.Count > 0)
        {
            reply["errors"] = new JsonArray([.. errors
                .OrderBy(static pair => pair.Key)
                .Select(pair => Describe(transaction.Inputs[pair.Key], pair.Value))]);
        }

        return reply;
    }

    private static JsonObject Describe(TxIn input, string error) => new()
    {
        ["txid"] = input.PrevOut.Hash.ToString(),
        ["vout"] = (long)input.PrevOut.N,
        ["witness"] = Args.Strings((input.WitScript ?? WitScript.Empty).Pushes.Select(Convert.ToHexStringLower)),
        ["scriptSig"] = input.ScriptSig.ToHex(),
        ["sequence"] = (long)input.Sequence.Value,
        ["error"] = error,
    };

    private static OutPoint AddPrevious(JsonNode? item, Dictionary<OutPoint, TxOut> outputs, SolvingData extra)
    {
        JsonObject previous = item as JsonObject
            ?? throw new RpcException(
                RpcErrorCode.Deserialization, "expected object with {\"txid'\",\"vout\",\"scriptPubKey\"}");
        foreach ((string name, string type) in (ReadOnlySpan<(string, string)>)
            [("txid", "string"), ("vout", "number"), ("scriptPubKey", "string")])
        {
            if (!previous.ContainsKey(name))
            {
                throw Args.Error(RpcErrorCode.Type, $"Missing {name}");
            }

            if (RpcValues.TypeOf(previous[name]) != type)
            {
                throw Args.Error(
                    RpcErrorCode.Type,
                    $"JSON value of type {RpcValues.TypeOf(previous[name])} for field {name} is not of expected type "
                        + $"{type}");
            }
        }

        int index = RpcValues.Int(previous["vout"]);
        if (index < 0)
        {
            throw new RpcException(RpcErrorCode.Deserialization, "vout cannot be negative");
        }

        OutPoint id = new(RpcValues.Hash(previous["txid"], "txid"), index);
        Script script = Script.FromBytesUnsafe(HexOf(previous, "scriptPubKey"));
        if (outputs.TryGetValue(id, out TxOut? known) && known.ScriptPubKey != script)
        {
            throw new RpcException(
                RpcErrorCode.Deserialization,
                $"Previous output scriptPubKey mismatch:\n{known.ScriptPubKey}\nvs:\n{script}");
        }

        long amount = previous["amount"] is { } given ? RpcValues.Amount(given) : 21_000_000L * Money.COIN;
        outputs[id] = new TxOut(Money.Satoshis(amount), script);
        foreach (string name in (string[])["redeemScript", "witnessScript"])
        {
            if (previous[name] is not null)
            {
                Script inner = Script.FromBytesUnsafe(HexOf(previous, name));
                extra.Add(inner);
                extra.Add(inner.WitHash.ScriptPubKey);
            }
        }

        return id;
    }

    private static byte[] HexOf(JsonObject map, string name)
    {
        string text = RpcValues.Text(map[name]);
        return text.Length % 2 == 0 && text.All(char.IsAsciiHexDigit)
            ? Convert.FromHexString(text)
            : throw Args.Invalid($"{name} must be hexadecimal string (not '{text}')");
    }
}
