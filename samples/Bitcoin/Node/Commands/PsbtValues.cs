using System.Text.Json.Nodes;
using Bitcoin.Descriptors;
using Bitcoin.Primitives;
using Bitcoin.Rpc;
using NBitcoin;
using NBitcoin.BIP370;

namespace Bitcoin.Node.Commands;

/// <summary>
/// A PSBT as JSON, with Bitcoin Core's fields. Fields that NBitcoin does not parse are listed unchanged under
/// "unknown".
/// </summary>
internal static class PsbtValues
{
    internal static JsonObject Describe(PSBT psbt, NetworkParameters network)
    {
        JsonObject result = [];
        if (psbt.Version == PSBTVersion.PSBTv0)
        {
            result["tx"] = Values.Transaction(psbt.GetGlobalTransaction(), network, hasHex: false);
        }

        result["global_xpubs"] = Values.Array(psbt.GlobalXPubs.Select(static pair => (JsonNode)new JsonObject
        {
            ["xpub"] = pair.Key.ToString(),
            ["master_fingerprint"] = pair.Value.MasterFingerprint.ToString(),
            ["path"] = Path(pair.Value.KeyPath),
        }));
        if (psbt is PSBT2 second)
        {
            result["tx_version"] = (long)second.TransactionVersion;
            if (second.FallbackLockTime is { } fallback)
            {
                result["fallback_locktime"] = (long)fallback.Value;
            }

            result["input_count"] = psbt.Inputs.Count;
            result["output_count"] = psbt.Outputs.Count;
            if (second.ModifiableFlags is { } flags)
            {
                result["inputs_modifiable"] = ((int)flags & 1) != 0;
                result["outputs_modifiable"] = ((int)flags & 2) != 0;
                result["has_sighash_single"] = ((int)flags & 4) != 0;
            }
        }

        result["psbt_version"] = psbt.Version == PSBTVersion.PSBTv0 ? 0 : 2;
        result["proprietary"] = PsbtFieldValues.Proprietary(psbt.Unknown);
        result["unknown"] = Unknown(psbt.Unknown.Where(static field => !PsbtFieldValues.IsProprietary(field.Key)));
        result["inputs"] = Values.Array(psbt.Inputs.Select(input => (JsonNode)Input(input, network)));
        result["outputs"] = Values.Array(psbt.Outputs.Select(output => (JsonNode)Output(output, network)));
        if (psbt.Inputs.Count > 0
            && psbt.Inputs.All(static input => input.GetTxOut() is not null)
            && psbt.TryGetFee(out Money fee))
        {
            result["fee"] = JsonText.Amount(fee.Satoshi);
        }

        return result;
    }

    private static JsonObject Input(PSBTInput input, NetworkParameters network)
    {
        JsonObject value = [];
        if (input.WitnessUtxo is { } witness)
        {
            value["witness_utxo"] = new JsonObject
            {
                ["amount"] = JsonText.Amount(witness.Value.Satoshi),
                ["scriptPubKey"] = Values.ScriptPubKey(witness.ScriptPubKey, network),
            };
        }

        if (input.NonWitnessUtxo is { } whole)
        {
            value["non_witness_utxo"] = Values.Transaction(whole, network, hasHex: false);
        }

        if (input.PartialSigs.Count > 0)
        {
            value["partial_signatures"] = new JsonObject(
                input.PartialSigs.Select(
                    static pair => KeyValuePair.Create(
                        pair.Key.ToHex(), (JsonNode?)Convert.ToHexStringLower(pair.Value.ToBytes()))));
        }

        if (input.SighashType is { } hashType)
        {
            value["sighash"] = RawSigner.HashTypeName(hashType);
        }

        AddScripts(value, input);
        if (input.FinalScriptSig is { Length: > 0 } script)
        {
            value["final_scriptSig"] = new JsonObject
            {
                ["asm"] = ScriptText.Format(script, showsHashTypes: true),
                ["hex"] = script.ToHex(),
            };
        }

        if (input.FinalScriptWitness is { PushCount: > 0 } stack)
        {
            value["final_scriptwitness"] = Values.Strings(stack.Pushes.Select(Convert.ToHexStringLower));
        }

        PsbtFieldValues.AddPreimages(value, input);
        if (input is PSBT2Input second)
        {
            value["previous_txid"] = second.PrevOut.Hash.ToString();
            value["previous_vout"] = (long)second.PrevOut.N;
            value["sequence"] = (long)second.Sequence.Value;
            if (second.LockTime is { } time)
            {
                value["time_locktime"] = time.ToUnixTimeSeconds();
            }

            if (second.LockTimeHeight is { } height)
            {
                value["height_locktime"] = height;
            }
        }

        if (input.TaprootKeySignature is { } signature)
        {
            value["taproot_key_path_sig"] = Convert.ToHexStringLower(signature.ToBytes());
        }

        AddScriptPath(value, input);
        AddTaproot(value, input);
        if (input.TaprootMerkleRoot is { } root)
        {
            value["taproot_merkle_root"] = Convert.ToHexStringLower(root.ToBytes());
        }

        PsbtFieldValues.AddParticipants(value, input);
        PsbtFieldValues.AddShares(value, input);
        AddUnknown(value, input);
        return value;
    }

    private static JsonObject Output(PSBTOutput output, NetworkParameters network)
    {
        JsonObject value = [];
        AddScripts(value, output);
        if (output is PSBT2Output)
        {
            value["amount"] = JsonText.Amount(output.Value.Satoshi);
            value["script"] = Values.ScriptPubKey(output.ScriptPubKey, network);
        }

        AddTaproot(value, output);
        if (PsbtTaproot.Tree(output) is { } tree)
        {
            value["taproot_tree"] = Values.Array(tree.Select(static leaf => (JsonNode)new JsonObject
            {
                ["depth"] = leaf.Depth,
                ["leaf_ver"] = leaf.Version,
                ["script"] = leaf.Script.ToHex(),
            }));
        }

        PsbtFieldValues.AddParticipants(value, output);
        AddUnknown(value, output);
        return value;
    }

    private static void AddScripts(JsonObject value, PSBTCoin coin)
    {
        if (coin.RedeemScript is { } redeem)
        {
            value["redeem_script"] = Plain(redeem);
        }

        if (coin.WitnessScript is { } witness)
        {
            value["witness_script"] = Plain(witness);
        }

        if (coin.HDKeyPaths.Count > 0)
        {
            value["bip32_derivs"] = Values.Array(coin.HDKeyPaths.Select(static pair => (JsonNode)new JsonObject
            {
                ["pubkey"] = pair.Key.ToHex(),
                ["master_fingerprint"] = pair.Value.MasterFingerprint.ToString(),
                ["path"] = Path(pair.Value.KeyPath),
            }));
        }
    }

    private static void AddScriptPath(JsonObject value, PSBTInput input)
    {
        JsonArray signatures = Values.Array(PsbtTaproot.Signatures(input).Select(static one => (JsonNode)new JsonObject
        {
            ["pubkey"] = Convert.ToHexStringLower(one.Key),
            ["leaf_hash"] = Convert.ToHexStringLower(one.Leaf.ToBytes()),
            ["sig"] = Convert.ToHexStringLower(one.Signature),
        }));
        if (signatures.Count > 0)
        {
            value["taproot_script_path_sigs"] = signatures;
        }

        JsonArray scripts = Values.Array(PsbtTaproot.Leaves(input)
            .GroupBy(static leaf => (Script: leaf.Script.ToHex(), leaf.Version))
            .Select(static leaf => (JsonNode)new JsonObject
            {
                ["script"] = leaf.Key.Script,
                ["leaf_ver"] = leaf.Key.Version,
                ["control_blocks"] = Values.Strings(
                    leaf.Select(static one => Convert.ToHexStringLower(one.Control))),
            }));
        if (scripts.Count > 0)
        {
            value["taproot_scripts"] = scripts;
        }
    }

    private static void AddTaproot(JsonObject value, PSBTCoin coin)
    {
        if (coin.HDTaprootKeyPaths.Count > 0)
        {
            value["taproot_bip32_derivs"] = Values.Array(
                coin.HDTaprootKeyPaths.Select(static pair => (JsonNode)new JsonObject
                {
                    ["pubkey"] = pair.Key.ToString(),
                    ["master_fingerprint"] = pair.Value.RootedKeyPath.MasterFingerprint.ToString(),
                    ["path"] = Path(pair.Value.RootedKeyPath.KeyPath),
                    ["leaf_hashes"] = Values.Strings(
                        pair.Value.LeafHashes.Select(static hash => Convert.ToHexStringLower(hash.ToBytes()))),
                }));
        }

        if (coin.TaprootInternalKey is { } key)
        {
            value["taproot_internal_key"] = key.ToString();
        }
    }

    private static void AddUnknown(JsonObject value, PSBTCoin coin)
    {
        if (PsbtFieldValues.Proprietary(coin.Unknown) is { Count: > 0 } proprietary)
        {
            value["proprietary"] = proprietary;
        }

        JsonObject unknown = Unknown(coin.Unknown.Where(field => !PsbtFieldValues.IsKnown(coin, field.Key)));
        if (unknown.Count > 0)
        {
            value["unknown"] = unknown;
        }
    }

    private static JsonObject Unknown(IEnumerable<KeyValuePair<byte[], byte[]>> map)
    {
        return new JsonObject(
            map.Select(
                static pair => KeyValuePair.Create(
                    Convert.ToHexStringLower(pair.Key), (JsonNode?)Convert.ToHexStringLower(pair.Value))));
    }

    private static JsonObject Plain(Script script) => new()
    {
        ["asm"] = ScriptText.Format(script),
        ["hex"] = script.ToHex(),
        ["type"] = ScriptKinds.Of(script).Name(),
    };

    private static string Path(KeyPath path)
        => path.Indexes.Length == 0 ? "m" : "m/" + path.ToString().Replace('\'', 'h');
}
