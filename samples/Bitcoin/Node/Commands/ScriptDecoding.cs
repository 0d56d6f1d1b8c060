using System.Text.Json.Nodes;
using Bitcoin.Chain.Coins;
using Bitcoin.Chain.Rules;
using Bitcoin.Descriptors;
using Bitcoin.Interfaces;
using Bitcoin.Primitives;
using Bitcoin.Rpc;
using NBitcoin;

namespace Bitcoin.Node.Commands;

/// <summary>The method decodescript: a script, and the addresses that can wrap it.</summary>
internal static class ScriptDecoding
{
    internal static JsonNode Decode(RpcCall call, NetworkParameters network)
    {
        string hex = call.Text(0);
        byte[] bytes = Inputs.TryHex(hex, out byte[] parsed)
            ? parsed
            : throw Inputs.Error(RpcErrorCode.InvalidParameter, $"argument must be hexadecimal string (not '{hex}')");
        Script script = Script.FromBytesUnsafe(bytes);
        JsonObject result = Values.ScriptPubKey(script, network, hasHex: false);
        ScriptKind kind = ScriptKinds.Of(script);
        bool canWrap =
            kind is ScriptKind.Multisig
                or ScriptKind.Nonstandard
                or ScriptKind.PublicKey
                or ScriptKind.PublicKeyHash
                or ScriptKind.WitnessKeyHash
                or ScriptKind.WitnessScriptHash
            && HasOnlyKnownOperations(bytes) && !CoinLayer.IsUnspendable(script) && !HasOperationOfTapscript(bytes);
        if (!canWrap)
        {
            return result;
        }

        result["p2sh"] = Address.Format(script.Hash.ScriptPubKey, network);
        if (kind is ScriptKind.WitnessKeyHash or ScriptKind.WitnessScriptHash || !CanBeWitness(bytes, kind))
        {
            return result;
        }

        Script program = kind switch
        {
            ScriptKind.PublicKey
                => new KeyId(NBitcoin.Crypto.Hashes.Hash160(bytes[1..^1])).ScriptPubKey is var hashed
                    ? Address.Program(0, hashed.ToBytes()[3..23])
                    : script,
            ScriptKind.PublicKeyHash => Address.Program(0, bytes[3..23]),
            _ => script.WitHash.ScriptPubKey,
        };
        JsonObject segwit = Values.ScriptPubKey(program, network);
        string? descriptor = kind switch
        {
            ScriptKind.PublicKey => DescriptorChecksum.Append($"wpkh({Convert.ToHexStringLower(bytes[1..^1])})"),
            ScriptKind.PublicKeyHash => null,
            _ => Infer.OfWitnessScript(script, network),
        };
        if (descriptor is not null)
        {
            segwit["desc"] = descriptor;
        }


        segwit["p2sh-segwit"] = Address.Format(program.Hash.ScriptPubKey, network);
        result["segwit"] = segwit;
        return result;
    }

    private static bool CanBeWitness(byte[] script, ScriptKind kind) => kind switch
    {
        ScriptKind.PublicKey => script.Length == 35,
        ScriptKind.Multisig
            => ScriptKinds.TryMultisig(script, out _, out List<byte[]> keys)
                && keys.TrueForAll(static key => key.Length == 33),
        _ => true,
    };

    /// <summary>Whether all operations of a script are known in some kind of script.</summary>
    internal static bool HasOnlyKnownOperations(ReadOnlySpan<byte> script)
    {
        const byte Last = 0xb9;
        while (!script.IsEmpty)
        {
            if (!SignatureOperations.TryStep(ref script, out byte code, out ReadOnlySpan<byte> data)
                || code > Last
                || data.Length > 520)
            {
                return false;
            }
        }

        return true;
    }

    /// <summary>
    /// Whether a script has an operation that has a meaning only in a tapscript, or makes every tapscript succeed.
    /// </summary>
    private static bool HasOperationOfTapscript(ReadOnlySpan<byte> script)
    {
        while (!script.IsEmpty && SignatureOperations.TryStep(ref script, out byte code, out _))
        {
            if (code is 0xba
                or 0x50
                or 0x62
                or (>= 126 and <= 129)
                or (>= 131 and <= 134)
                or 137
                or 138
                or 141
                or 142
                or (>= 149 and <= 153)
                or (>= 187 and <= 254))
            {
                return true;
            }
        }

        return false;
    }
}
