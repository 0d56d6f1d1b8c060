using Bitcoin.Primitives;
using NBitcoin;

namespace Bitcoin.Descriptors;

/// <summary>
/// Describes one script of a ranged descriptor: of the descriptors that it stands for, the one that has the script,
/// with its derived keys.
/// </summary>
internal static class ConcreteText
{
    /// <summary>The text without a checksum; null if the script is not one of the descriptor's.</summary>
    internal static string? Of(Descriptor descriptor, uint index, Script script)
    {
        if (descriptor is TaprootTree tree)
        {
            return tree.ToText(index);
        }

        Dictionary<string, string> keys = [];
        foreach (KeyExpression key in descriptor.Keys)
        {
            if (key.Derive(index) is { } derived)
            {
                keys[derived.ToHex()] = key.TextAt(index, isXOnly: false);
            }
        }

        return Describe(script, keys, [.. descriptor.InnerScripts(index)]);
    }

    private static string? Describe(Script script, Dictionary<string, string> keys, Script[] inner)
    {
        byte[] bytes = script.ToBytes();
        switch (ScriptKinds.Of(script))
        {
            case ScriptKind.PublicKey:
                return keys.TryGetValue(Convert.ToHexStringLower(bytes[1..^1]), out string? key) ? $"pk({key})" : null;
            case ScriptKind.PublicKeyHash:
                return ByHash(keys, bytes[3..23]) is { } hashed ? $"pkh({hashed})" : null;
            case ScriptKind.WitnessKeyHash:
                return ByHash(keys, bytes[2..]) is { } program ? $"wpkh({program})" : null;
            case ScriptKind.Multisig when ScriptKinds.TryMultisig(bytes, out int required, out List<byte[]> all):
                string[] texts =
                    [
                        .. all.Select(
                            one => keys.GetValueOrDefault(
                                Convert.ToHexStringLower(one)) ?? Convert.ToHexStringLower(one)),
                    ];
                return $"multi({required},{string.Join(',', texts)})";
            case ScriptKind.ScriptHash:
                return Array.Find(inner, one => one.Hash.ScriptPubKey == script) is { } redeem
                    && Describe(redeem, keys, inner) is { } text
                    ? $"sh({text})"
                    : null;
            case ScriptKind.WitnessScriptHash:
                return Array.Find(inner, one => one.WitHash.ScriptPubKey == script) is { } witness
                    && Describe(witness, keys, inner) is { } within
                    ? $"wsh({within})"
                    : null;
            case ScriptKind.Taproot:
                string xOnly = Convert.ToHexStringLower(bytes[2..]);
                return keys.FirstOrDefault(pair => pair.Key[2..] == xOnly) is { Key: not null } match
                    ? $"rawtr({match.Value[..^66]}{xOnly})"
                    : null;
            default:
                return null;
        }
    }

    private static string? ByHash(Dictionary<string, string> keys, byte[] hash)
    {
        return keys.FirstOrDefault(
            pair => NBitcoin.Crypto.Hashes.Hash160(
                Convert.FromHexString(pair.Key)).ToBytes().AsSpan().SequenceEqual(hash)).Value;
    }
}
