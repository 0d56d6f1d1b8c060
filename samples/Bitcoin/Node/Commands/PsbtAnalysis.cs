using System.Text.Json.Nodes;
using Bitcoin.Chain.Rules;
using Bitcoin.Primitives;
using Bitcoin.Rpc;
using NBitcoin;

namespace Bitcoin.Node.Commands;

/// <summary>The missing steps until a PSBT is a transaction, and who does the next one.</summary>
internal static class PsbtAnalysis
{
    private static readonly string[] s_roles = ["creator", "updater", "signer", "finalizer", "extractor"];

    internal static JsonObject Of(PSBT psbt)
    {
        JsonArray inputs = [];
        string next = "extractor";
        long spent = 0;
        bool knowsAll = true;
        for (int i = 0; i < psbt.Inputs.Count; i++)
        {
            PSBTInput input = psbt.Inputs[i];
            if (input.NonWitnessUtxo is { } whole && input.PrevOut.N >= whole.Outputs.Count)
            {
                return Invalid($"PSBT is not valid. Input {i} specifies invalid prevout");
            }

            TxOut? output = input.GetTxOut();
            if (output is not null
                && (output.Value.Satoshi is < 0 or > 2_100_000_000_000_000
                    || (spent += output.Value.Satoshi) > 2_100_000_000_000_000))
            {
                return Invalid($"PSBT is not valid. Input {i} has invalid value");
            }

            if (output is not null && Chain.Coins.CoinLayer.IsUnspendable(output.ScriptPubKey))
            {
                return Invalid($"PSBT is not valid. Input {i} spends unspendable output");
            }

            knowsAll &= output is not null;
            (string role, JsonObject value) = Analyze(input, output);
            inputs.Add((JsonNode)value);
            next = Array.IndexOf(s_roles, role) < Array.IndexOf(s_roles, next) ? role : next;
        }

        JsonObject result = [];
        if (inputs.Count > 0)
        {
            result["inputs"] = inputs;
        }

        if (knowsAll)
        {
            long paid = psbt.Outputs.Sum(static output => output.Value.Satoshi);
            if (paid is < 0 or > 2_100_000_000_000_000)
            {
                return Invalid("PSBT is not valid. Output amount invalid");
            }

            if (psbt.TryGetVirtualSize(out int size) && psbt.TryGetEstimatedFeeRate(out FeeRate? rate))
            {
                result["estimated_vsize"] = size;
                result["estimated_feerate"] = JsonText.Amount(rate.FeePerK.Satoshi);
            }

            result["fee"] = JsonText.Amount(spent - paid);
        }

        result["next"] = next;
        return result;
    }

    private static JsonObject Invalid(string error) => new() { ["next"] = s_roles[0], ["error"] = error };

    private static (string Role, JsonObject Value) Analyze(PSBTInput input, TxOut? output)
    {
        JsonObject value = new() { ["has_utxo"] = output is not null, ["is_final"] = input.IsFinalized() };
        if (output is null)
        {
            value["next"] = "updater";
            return ("updater", value);
        }

        if (input.IsFinalized())
        {
            value["next"] = "extractor";
            return ("extractor", value);
        }

        JsonObject missing = [];
        string role = Missing(input, output.ScriptPubKey, missing);
        value["next"] = role;
        if (missing.Count > 0)
        {
            value["missing"] = missing;
        }

        return (role, value);
    }

    /// <summary>Looks for missing scripts first, then for missing keys and signatures.</summary>
    private static string Missing(PSBTInput input, Script script, JsonObject missing)
    {
        if (SignatureOperations.IsScriptHash(script))
        {
            if (input.RedeemScript is null)
            {
                missing["redeemscript"] = Convert.ToHexStringLower(script.ToBytes()[2..22]);
                return "updater";
            }

            script = input.RedeemScript;
        }

        if (ScriptKinds.Of(script) == ScriptKind.WitnessScriptHash)
        {
            if (input.WitnessScript is null)
            {
                missing["witnessscript"] = Convert.ToHexStringLower(
                    NBitcoin.Crypto.Hashes.RIPEMD160(script.ToBytes()[2..]));
                return "updater";
            }

            script = input.WitnessScript;
        }

        if (ScriptKinds.Of(script) == ScriptKind.Taproot)
        {
            return input.TaprootKeySignature is null ? "signer" : "finalizer";
        }

        byte[] bytes = script.ToBytes();
        byte[]? hash = ScriptKinds.Of(
            script) switch { ScriptKind.PublicKeyHash
                => bytes[3..23], ScriptKind.WitnessKeyHash => bytes[2..], _ => null };
        if (hash is not null)
        {
            bool isKnown = input.HDKeyPaths.Keys.Concat(input.PartialSigs.Keys).Any(
                key => key.Hash.ToBytes().AsSpan().SequenceEqual(hash));
            bool isSigned = input.PartialSigs.Keys.Any(key => key.Hash.ToBytes().AsSpan().SequenceEqual(hash));
            if (!isSigned)
            {
                missing[isKnown ? "signatures" : "pubkeys"] = new JsonArray(Convert.ToHexStringLower(hash));
            }

            return isSigned ? "finalizer" : isKnown ? "signer" : "updater";
        }

        if (ScriptKinds.TryMultisig(bytes, out int required, out List<byte[]> keys))
        {
            PubKey[] unsigned =
                [
                    .. keys.Select(static key => new PubKey(key)).Where(key => !input.PartialSigs.ContainsKey(key)),
                ];
            if (keys.Count - unsigned.Length >= required)
            {
                return "finalizer";
            }

            missing["signatures"] = Values.Strings(
                unsigned.Select(static key => Convert.ToHexStringLower(key.Hash.ToBytes())));
            return "signer";
        }

        return input.PartialSigs.Count > 0 ? "finalizer" : "signer";
    }
}
