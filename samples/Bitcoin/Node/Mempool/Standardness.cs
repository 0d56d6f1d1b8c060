using Bitcoin.Chain;
using Bitcoin.Chain.Coins;
using Bitcoin.Chain.Rules;
using Bitcoin.Primitives;
using NBitcoin;

namespace Bitcoin.Node.Mempool;

/// <summary>Decides which valid transactions are relayed, with Bitcoin Core's reasons.</summary>
internal sealed class Standardness(PoolOptions options)
{
    internal const int MaxSigOpCost = 16_000;
    internal const int LeastBytes = 65;

    private const int MaxScriptSig = 1650;
    private const int MaxRedeemSigOps = 15;
    private const int MaxLegacySigOps = 2500;
    private const int MaxWitnessScript = 3600;
    private const int MaxWitnessItems = 100;
    private const int MaxWitnessItem = 80;
    private const byte Annex = 0x50;
    private const byte TapscriptLeaf = 0xc0;

    internal Refusal? Check(Transaction transaction)
    {
        TransactionExtension extension = Currency.Current.ExtensionOf(transaction);
        if (extension.Version < 1 || extension.Version > extension.MaxStandardVersion)
        {
            return Not("version");
        }

        if (transaction.Weight() > PoolOptions.MaxStandardWeight)
        {
            return Not("tx-size");
        }

        foreach (TxIn input in transaction.Inputs)
        {
            byte[] script = input.ScriptSig.ToBytes(@unsafe: true);
            if (script.Length > MaxScriptSig)
            {
                return Not("scriptsig-size");
            }

            if (!ScriptKinds.IsPushOnly(script))
            {
                return Not("scriptsig-not-pushonly");
            }
        }

        return CheckOutputs(transaction);
    }

    /// <summary>The outputs that are worth less than it costs to spend them.</summary>
    internal List<int> Dust(Transaction transaction)
    {
        return
        [
            .. Enumerable.Range(0, transaction.Outputs.Count).Where(
                i => transaction.Outputs[i].Value.Satoshi < DustThreshold(transaction.Outputs[i])),
        ];
    }

    internal long DustThreshold(TxOut output)
    {
        const int SpendingBytes = 32 + 4 + 1 + 107 + 4;
        const int WitnessSpendingBytes = 32 + 4 + 1 + (107 / 4) + 4;
        if (CoinLayer.IsUnspendable(output.ScriptPubKey))
        {
            return 0;
        }

        bool isWitness = IsWitnessProgram(output.ScriptPubKey, out _, out _);
        return options.Dust.For(output.GetSerializedSize() + (isWitness ? WitnessSpendingBytes : SpendingBytes));
    }

    internal static Refusal? CheckInputs(Transaction transaction, IReadOnlyList<UnspentCoin> spent)
    {
        const string Reason = "bad-txns-nonstandard-inputs";
        int operations = 0;
        for (int i = 0; i < spent.Count; i++)
        {
            operations += SignatureOperations.Count(transaction.Inputs[i].ScriptSig, isAccurate: true);
            operations += SignatureOperations.IsScriptHash(spent[i].Script)
                ? SignatureOperations.LastPush(transaction.Inputs[i].ScriptSig) is { } redeem
                    ? SignatureOperations.Count(redeem, isAccurate: true)
                    : 0
                : SignatureOperations.Count(spent[i].Script, isAccurate: true);
        }

        if (operations > MaxLegacySigOps)
        {
            return Not(Reason, "non-witness sigops exceed bip54 limit");
        }

        for (int i = 0; i < spent.Count; i++)
        {
            switch (ScriptKinds.Of(spent[i].Script))
            {
                case ScriptKind.Nonstandard:
                    return Not(Reason, $"input {i} script unknown");
                case ScriptKind.WitnessUnknown:
                    return Not(Reason, $"input {i} witness program is undefined");
                case ScriptKind.ScriptHash:
                    if (SignatureOperations.LastPush(transaction.Inputs[i].ScriptSig) is not { } redeem)
                    {
                        return Not(Reason, $"input {i} P2SH redeemscript missing");
                    }

                    int count = SignatureOperations.Count(redeem, isAccurate: true);
                    if (count > MaxRedeemSigOps)
                    {
                        return Not(
                            Reason, $"p2sh redeemscript sigops exceed limit (input {i}: {count} > {MaxRedeemSigOps})");
                    }

                    break;
            }
        }

        return null;
    }

    internal static bool IsWitnessStandard(Transaction transaction, IReadOnlyList<UnspentCoin> spent)
    {
        for (int i = 0; i < spent.Count; i++)
        {
            WitScript witness = transaction.Inputs[i].WitScript;
            if (witness.PushCount > 0 && !IsStandard(witness, spent[i].Script, transaction.Inputs[i].ScriptSig))
            {
                return false;
            }
        }

        return true;
    }

    private static bool IsStandard(WitScript witness, Script script, Script signature)
    {
        if (ScriptKinds.Of(script) == ScriptKind.Anchor)
        {
            return false;
        }

        bool isScriptHash = SignatureOperations.IsScriptHash(script);
        if (isScriptHash)
        {
            if (SignatureOperations.LastPush(signature) is not { } redeem)
            {
                return false;
            }

            script = redeem;
        }

        if (!IsWitnessProgram(script, out int version, out int length))
        {
            return false;
        }

        int items = witness.PushCount;
        if (version == 0 && length == 32)
        {
            return witness.GetUnsafePush(items - 1).Length <= MaxWitnessScript
                && items - 1 <= MaxWitnessItems
                && Enumerable.Range(0, items - 1).All(i => witness.GetUnsafePush(i).Length <= MaxWitnessItem);
        }

        if (version != 1 || length != 32 || isScriptHash)
        {
            return true;
        }

        if (items >= 2 && witness.GetUnsafePush(items - 1) is [Annex, ..])
        {
            return false;
        }

        if (items >= 2)
        {
            byte[] control = witness.GetUnsafePush(items - 1);
            return control.Length > 0
                && ((control[0] & 0xfe) != TapscriptLeaf
                    || Enumerable.Range(0, items - 2).All(i => witness.GetUnsafePush(i).Length <= MaxWitnessItem));
        }

        return items == 1;
    }

    private Refusal? CheckOutputs(Transaction transaction)
    {
        int dataLeft = options.DataBytes ?? 0;
        foreach (TxOut output in transaction.Outputs)
        {
            byte[] script = output.ScriptPubKey.ToBytes(@unsafe: true);
            switch (ScriptKinds.Of(output.ScriptPubKey))
            {
                case ScriptKind.Nonstandard:
                    return Not("scriptpubkey");
                case ScriptKind.Multisig when ScriptKinds.TryMultisig(script, out _, out List<byte[]> keys)
                    && keys.Count > 3:
                    return Not("scriptpubkey");
                case ScriptKind.Multisig when !options.PermitsBareMultisig:
                    return Not("bare-multisig");
                case ScriptKind.Data when script.Length > dataLeft:
                    return Not("datacarrier");
                case ScriptKind.Data:
                    dataLeft -= script.Length;
                    break;
            }
        }

        return Dust(transaction).Count > 1 ? Not("dust") : null;
    }

    private static bool IsWitnessProgram(Script script, out int version, out int length)
    {
        ReadOnlySpan<byte> bytes = script.ToBytes(@unsafe: true);
        bool isProgram = bytes.Length is >= 4 and <= 42
            && bytes[1] == bytes.Length - 2
            && (bytes[0] == 0 || bytes[0] is >= 0x51 and <= 0x60);
        version = !isProgram || bytes[0] == 0 ? 0 : bytes[0] - 0x50;
        length = bytes.Length - 2;
        return isProgram;
    }

    private static Refusal Not(string reason, string details = "") => new(reason, details, RefusalKind.NotStandard);
}
