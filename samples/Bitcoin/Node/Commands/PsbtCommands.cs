using System.Text.Json.Nodes;
using Bitcoin.Chain.Coins;
using Bitcoin.Chain.Rules;
using Bitcoin.Descriptors;
using Bitcoin.Descriptors.Miniscripts;
using Bitcoin.Interfaces;
using Bitcoin.Primitives;
using Bitcoin.Rpc;
using NBitcoin;

namespace Bitcoin.Node.Commands;

/// <summary>Methods about partially signed transactions, with NBitcoin's PSBT.</summary>
internal sealed class PsbtCommands(NodeContext node, RawTransactionCommands raw)
{
    private const int DefaultVersion = 2;

    private NetworkParameters Network => node.Tree.Network;

    internal void Register()
    {
        CommandGroup group = new(node.Rpc, "Rawtransactions");
        group.Add(
            "decodepsbt",
            "psbt:text",
            "Return a JSON object representing the serialized, base64-encoded partially signed transaction.",
            call => PsbtValues.Describe(Parse(call.Params[0]), Network));
        group.Add(
            "combinepsbt",
            "txs:list",
            "Combine multiple partially signed transactions into one transaction.\nImplements the Combiner "
                + "role.",
            Combine);
        group.Add(
            "finalizepsbt",
            "psbt:text extract:bool?",
            "Finalize the inputs of a PSBT. If the transaction is fully signed, it is given as it can be broadcast; "
                + "otherwise the PSBT is, with the inputs that are complete finalized.\nImplements the Finalizer and "
                + "Extractor roles.",
            Complete);
        group.Add(
            "createpsbt",
            "inputs:list outputs:any locktime:number? replaceable:bool? version:number? psbt_version:number?",
            "Creates a transaction in the Partially Signed Transaction format.\nImplements the Creator role.",
            call => Of(NewTransaction.From(node, call), call, 5));
        group.Add(
            "converttopsbt",
            "hexstring:text permitsigdata:bool? iswitness:bool? psbt_version:number?",
            "Converts a network serialized transaction to a PSBT.",
            Convert);
        group.Add(
            "utxoupdatepsbt",
            "psbt:text descriptors:list?",
            "Updates all segwit inputs and outputs in a PSBT with data from output descriptors, the UTXO set, txindex, "
                + "or the mempool.",
            call => PsbtText.Format(Update(call)));
        group.Add(
            "joinpsbts",
            "txs:list",
            "Joins multiple distinct version 0 PSBTs with different inputs and outputs into one version 0 PSBT with "
                + "inputs and outputs from all of the PSBTs\nNo input in any of the PSBTs can be in more than one of "
                + "the PSBTs.",
            Join);
        group.Add(
            "analyzepsbt",
            "psbt:text",
            "Analyzes and provides information about the current status of a PSBT and its inputs",
            call => PsbtAnalysis.Of(Parse(call.Params[0])));
        group.Add(
            "descriptorprocesspsbt",
            "psbt:text descriptors:list sighashtype:text? bip32derivs:bool? finalize:bool?",
            "Update all segwit inputs in a PSBT with information from output descriptors, the UTXO set or the "
                + "mempool.\nThen, sign the inputs we are able to with information from the output descriptors.",
            Process);
    }

    private PSBT Parse(JsonNode? value)
    {
        string text = RpcValues.Text(value);
        if (!System.Convert.TryFromBase64String(text, new byte[text.Length], out _))
        {
            throw Inputs.Error(RpcErrorCode.Deserialization, "TX decode failed invalid base64");
        }

        try
        {
            return PsbtText.Parse(text, Network.Network);
        }
        catch (Exception exception) when (exception is FormatException
            or ArgumentException
            or InvalidOperationException
            or IOException
            or OverflowException)
        {
            throw Inputs.Error(RpcErrorCode.Deserialization, $"TX decode failed {exception.Message}");
        }
    }

    private JsonNode Of(Transaction transaction, RpcCall call, int index)
    {
        int version = call.Int(index, DefaultVersion);
        return version is 0 or 2
            ? PsbtText.Format(PsbtTaproot.Create(transaction, Network.Network, isFirstVersion: version == 0))
            : throw Inputs.Error(RpcErrorCode.InvalidParameter, "The PSBT version can only be 2 or 0");
    }

    private JsonNode Convert(RpcCall call)
    {
        bool? isWitness = call.IsGiven(2) ? call.Bool(2) : null;
        Transaction transaction = raw.TryDecode(call.Text(0), isWitness, out Transaction? decoded)
            ? decoded!.Clone()
            : throw Inputs.Error(RpcErrorCode.Deserialization, "TX decode failed");
        foreach (TxIn input in transaction.Inputs)
        {
            if ((input.ScriptSig.Length > 0 || input.WitScript is { PushCount: > 0 }) && !call.Bool(1))
            {
                throw Inputs.Error(RpcErrorCode.Deserialization, "Inputs must not have scriptSigs and scriptWitnesses");
            }

            input.ScriptSig = Script.Empty;
            input.WitScript = WitScript.Empty;
        }

        return Of(transaction, call, 3);
    }

    private JsonNode Combine(RpcCall call)
    {
        PSBT[] all = [.. RpcValues.List(call.Params[0]).Select(Parse)];
        if (all.Length == 0)
        {
            throw Inputs.Error(RpcErrorCode.InvalidParameter, "Parameter 'txs' cannot be empty");
        }

        try
        {
            IReadOnlyList<string> texts = PsbtText.WithEqualSequences(
                [.. RpcValues.List(call.Params[0]).Select(RpcValues.Text)]);
            PSBT[] same = [.. texts.Select(text => PsbtText.Parse(text, Network.Network))];
            return PsbtText.Format(same.Skip(1).Aggregate(same[0], static (combined, next) => combined.Combine(next)));
        }
        catch (ArgumentException)
        {
            throw Inputs.Error(RpcErrorCode.InvalidParameter, "PSBTs not compatible (different transactions)");
        }
    }

    private JsonNode Complete(RpcCall call)
    {
        PSBT psbt = Parse(call.Params[0]);
        foreach (PSBTInput input in psbt.Inputs)
        {
            // An input that cannot be finalized stays unchanged.
            _ = TryFinalize(psbt, input);
        }

        bool isComplete = psbt.IsAllFinalized();
        return isComplete && call.Bool(1, byDefault: true)
            ? new JsonObject
            {
                ["hex"] = System.Convert.ToHexStringLower(psbt.ExtractTransaction().ToBytes()),
                ["complete"] = true,
            }
            : new JsonObject { ["psbt"] = PsbtText.Format(psbt), ["complete"] = isComplete };
    }

    private static bool TryFinalize(PSBT psbt, PSBTInput input)
    {
        if (input.IsFinalized())
        {
            return true;
        }

        bool isTaproot = input.GetTxOut() is { } spent && ScriptKinds.Of(spent.ScriptPubKey) == ScriptKind.Taproot;
        return !HasOtherSignatures(input) && (isTaproot ? PsbtTaproot.TryFinalize(psbt, input)
            : input.TryFinalizeInput(out _) || TryFinalizeNothing(psbt, input) || TryFinalizeScript(psbt, input));
    }

    /// <summary>Whether a signature was made in another way than the input states.</summary>
    private static bool HasOtherSignatures(PSBTInput input)
        => (input.SighashType is { } type && input.PartialSigs.Values.Any(made => made.SigHash != type))
            || (input.TaprootSighashType is { } taproot
                && input.TaprootKeySignature is { } key
                && key.SigHash != taproot);

    // A script that needs nothing, such as OP_TRUE.
    private static bool TryFinalizeNothing(PSBT psbt, PSBTInput input)
    {
        if (input.GetTxOut() is not { } spent
            || !psbt.GetGlobalTransaction().Inputs.FindIndexedInput(input.PrevOut).VerifyScript(spent, out _))
        {
            return false;
        }

        input.FinalScriptSig = Script.Empty;
        input.ClearForFinalize();
        return true;
    }

    // Scripts whose form NBitcoin does not know.
    private static bool TryFinalizeScript(PSBT psbt, PSBTInput input)
    {
        if (input.WitnessScript is not { } script || input.GetTxOut() is not { } spent)
        {
            return false;
        }

        Transaction transaction = psbt.GetGlobalTransaction();
        int index = (int)input.Index;
        IReadOnlyList<byte[]>? stack = MiniscriptSpending.Satisfy(
            script,
            isTapscript: false,
            transaction,
            index,
            key => PubKey.TryCreatePubKey(key, out PubKey? known)
                && input.PartialSigs.TryGetValue(known, out TransactionSignature? made)
                ? made.ToBytes()
                : null,
            hash => input.HDKeyPaths.Keys.Concat(input.PartialSigs.Keys).FirstOrDefault(
                key => key.Hash.ToBytes().AsSpan().SequenceEqual(hash))?.ToBytes(),
            (operation, hash) => PsbtPreimages.Find(input, operation, hash));
        if (stack is null)
        {
            return false;
        }

        Script signature = input.RedeemScript is { } redeem ? new Script(Op.GetPushOp(redeem.ToBytes())) : Script.Empty;
        WitScript witness = new([.. stack, script.ToBytes()]);
        transaction.Inputs[index].ScriptSig = signature;
        transaction.Inputs[index].WitScript = witness;
        if (!transaction.Inputs.FindIndexedInput(input.PrevOut).VerifyScript(spent, out _))
        {
            return false;
        }

        input.FinalScriptSig = signature.Length == 0 ? null : signature;
        input.FinalScriptWitness = witness;
        input.ClearForFinalize();
        return true;
    }

    private JsonNode Join(RpcCall call)
    {
        PSBT[] all = [.. RpcValues.List(call.Params[0]).Select(Parse)];
        if (all.Length <= 1)
        {
            throw Inputs.Error(RpcErrorCode.InvalidParameter, "At least two PSBTs are required to join PSBTs.");
        }

        if (all.Any(static psbt => psbt.Version != PSBTVersion.PSBTv0))
        {
            throw Inputs.Error(RpcErrorCode.InvalidParameter, "joinpsbts only operates on version 0 PSBTs");
        }

        Transaction joined = Network.Network.CreateTransaction();
        Transaction[] parts = [.. all.Select(static psbt => psbt.GetGlobalTransaction())];
        joined.Version = parts.Max(static part => part.Version);
        joined.LockTime = parts.Min(static part => part.LockTime.Value);
        HashSet<OutPoint> seen = [];
        TxIn[] inputs = [.. parts.SelectMany(static part => part.Inputs)];
        if (Array.Find(inputs, input => !seen.Add(input.PrevOut)) is { } repeated)
        {
            throw Inputs.Error(
                RpcErrorCode.InvalidParameter,
                $"Input {repeated.PrevOut.Hash}:{repeated.PrevOut.N} exists in multiple PSBTs");
        }

        // In random order: the order would show which outputs belong to whom.
        (PSBT From, PSBTOutput Output)[] outputs =
            [
                .. all.SelectMany(static psbt => psbt.Outputs.Select(output => (psbt, output))),
            ];
        Random.Shared.Shuffle(inputs);
        Random.Shared.Shuffle(outputs);
        joined.Inputs.AddRange(inputs);
        joined.Outputs.AddRange(outputs.Select(static one => one.Output.GetTxOut()));
        PSBT result = PSBT.FromTransaction(joined, Network.Network, PSBTVersion.PSBTv0);
        Dictionary<OutPoint, PSBTInput> given = all.SelectMany(static psbt => psbt.Inputs).ToDictionary(
            static input => input.PrevOut);
        foreach (PSBTInput input in result.Inputs)
        {
            PSBTInput from = given[input.PrevOut];
            input.UpdateFrom(from);

            // No signature of a part is one of the joined transaction.
            input.FinalScriptSig = null;
            input.FinalScriptWitness = null;
            input.PartialSigs.Clear();
            input.TaprootKeySignature = null;
        }

        for (int i = 0; i < outputs.Length; i++)
        {
            result.Outputs[i].UpdateFrom(outputs[i].Output);
        }

        foreach (PSBT psbt in all)
        {
            foreach ((byte[] key, byte[] value) in psbt.Unknown)
            {
                result.Unknown[key] = value;
            }
        }

        return PsbtText.Format(result);
    }

    /// <summary>The PSBT, with what chain, pool and descriptors know about its inputs and outputs.</summary>
    private PSBT Update(RpcCall call)
    {
        PSBT psbt = Parse(call.Params[0]);
        PsbtKeys known = PsbtKeys.From(call.Params[1] as JsonArray ?? [], Network);
        foreach (PSBTInput input in psbt.Inputs)
        {
            if (input.NonWitnessUtxo is not null)
            {
                continue;
            }

            if (raw.Find(input.PrevOut.Hash, null) is { } found)
            {
                input.NonWitnessUtxo = found.Transaction;

                // Who signs for a witness needs the output only; it stands beside the transaction it comes from.
                if (input.PrevOut.N < found.Transaction.Outputs.Count
                    && found.Transaction.Outputs[(int)input.PrevOut.N] is { } output
                    && IsSpentByWitness(output.ScriptPubKey, known))
                {
                    input.WitnessUtxo = output;
                }
            }
            else if (raw.FindCoin(input.PrevOut) is { } coin && IsWitness(coin, known))
            {
                input.WitnessUtxo = coin.ToOutput();
            }
        }

        Transaction?[] spent = SpentBy(psbt);
        known.Update(psbt);
        Restore(psbt, spent);
        return psbt;
    }

    private static bool IsSpentByWitness(Script script, PsbtKeys known) => ScriptKinds.Of(script) switch
    {
        ScriptKind.WitnessKeyHash or ScriptKind.Taproot => true,
        ScriptKind.WitnessScriptHash => known.Scripts.Any(inner => inner.WitHash.ScriptPubKey == script),
        ScriptKind.ScriptHash => known.Scripts.Any(
            inner => inner.Hash.ScriptPubKey == script
                && ScriptKinds.Of(inner) is ScriptKind.WitnessKeyHash or ScriptKind.WitnessScriptHash
                && IsSpentByWitness(inner, known)),
        _ => false,
    };

    private static bool IsWitness(UnspentCoin coin, PsbtKeys known)
    {
        return Address.TryProgram(coin.Script.ToBytes(), out _, out _)
            || (SignatureOperations.IsScriptHash(coin.Script)
                && known.Scripts.Any(
                    script => script.Hash.ScriptPubKey == coin.Script && Address.TryProgram(
                        script.ToBytes(), out _, out _)));
    }

    // NBitcoin writes no transaction without inputs: it would look like one with witnesses.
    private static byte[] WithoutInputs(Transaction transaction)
    {
        return
        [
            .. BitConverter.GetBytes(transaction.Version),
            0,
            .. PsbtMaps.Number((ulong)transaction.Outputs.Count),
            .. transaction.Outputs.SelectMany(static output => output.ToBytes()),
            .. BitConverter.GetBytes(transaction.LockTime.Value),
        ];
    }

    private static Transaction?[] SpentBy(PSBT psbt)
        => [.. psbt.Inputs.Select(static input => input.NonWitnessUtxo)];

    /// <summary>Puts back spent transactions: NBitcoin drops one beside an output for witnesses.</summary>
    private static void Restore(PSBT psbt, Transaction?[] spent)
    {
        for (int i = 0; i < spent.Length; i++)
        {
            psbt.Inputs[i].NonWitnessUtxo ??= spent[i];
        }
    }

    /// <summary>Whether the final scripts of an input are valid. The PSBT may have come with them.</summary>
    private static bool IsValid(PSBT psbt, PSBTInput input)
    {
        TxOut[] spent = [.. psbt.Inputs.Select(static one => one.GetTxOut()).OfType<TxOut>()];
        if (spent.Length < psbt.Inputs.Count)
        {
            return false;
        }

        Transaction transaction = psbt.GetGlobalTransaction();
        int index = (int)input.Index;
        transaction.Inputs[index].ScriptSig = input.FinalScriptSig ?? Script.Empty;
        transaction.Inputs[index].WitScript = input.FinalScriptWitness ?? WitScript.Empty;
        PrecomputedTransactionData data = transaction.PrecomputeTransactionData(spent);
        return ScriptCheck.Verify(transaction, index, spent[index], data, ScriptFlags.Standard) == ScriptError.OK;
    }

    private JsonNode Process(RpcCall call)
    {
        PSBT psbt = Update(call);
        PsbtKeys known = PsbtKeys.From(RpcValues.List(call.Params[1]), Network);
        Transaction?[] spent = SpentBy(psbt);
        SigHash? wanted = call.IsGiven(2) ? RawSigner.HashType(call.Text(2)) : null;
        foreach (PSBTInput input in psbt.Inputs)
        {
            bool isTaproot = input.GetTxOut() is { } output
                && ScriptKinds.Of(output.ScriptPubKey) == ScriptKind.Taproot;
            if (!PsbtSigHash.TryChoose(input, isTaproot, wanted, out _))
            {
                throw Inputs.Error(
                    RpcErrorCode.Deserialization, "Specified sighash value does not match value stored in PSBT");
            }
        }

        if (psbt.Inputs.Count > 0)
        {
            psbt.Settings.SigningOptions = new SigningOptions(wanted is null or (SigHash)0 ? SigHash.All : wanted.Value)
            {
                TaprootSigHash = (TaprootSigHash)(wanted ?? 0),
            };
            psbt.SignWithKeys([.. known.Secrets]);
            known.SignLeaves(psbt);
        }

        Restore(psbt, spent);
        bool isFinalized = call.Bool(4, byDefault: true);
        bool isComplete = true;
        PSBT finished = psbt.Clone();
        foreach (PSBTInput input in finished.Inputs)
        {
            // Without the last step only inputs that were final before are complete.
            bool isFinal = isFinalized ? TryFinalize(finished, input) : input.IsFinalized();
            isComplete &= isFinal && IsValid(finished, input);
        }

        Restore(finished, spent);
        if (!call.Bool(3, byDefault: true))
        {
            foreach (PSBTCoin coin in finished.Inputs.Concat<PSBTCoin>(finished.Outputs))
            {
                coin.HDKeyPaths.Clear();
                coin.HDTaprootKeyPaths.Clear();
            }
        }

        JsonObject result = new()
        {
            ["psbt"] = PsbtText.Format(finished),
            ["complete"] = isComplete,
        };
        if (isComplete)
        {
            result["hex"] = System.Convert.ToHexStringLower(
                finished.Inputs.Count > 0
                    ? finished.ExtractTransaction().ToBytes()
                    : WithoutInputs(finished.GetGlobalTransaction()));
        }

        return result;
    }
}
