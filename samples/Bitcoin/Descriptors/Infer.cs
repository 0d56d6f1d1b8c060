using Bitcoin.Descriptors.Miniscripts;
using Bitcoin.Primitives;
using NBitcoin;

namespace Bitcoin.Descriptors;

/// <summary>Makes descriptors from scripts alone.</summary>
public static class Infer
{
    /// <summary>A script's descriptor, with its checksum.</summary>
    public static string Of(Script script, NetworkParameters network)
    {
        ArgumentNullException.ThrowIfNull(script);
        byte[] bytes = script.ToBytes();
        string descriptor = ScriptKinds.Of(script) switch
        {
            ScriptKind.PublicKey when IsKey(bytes[1..^1]) => $"pk({Convert.ToHexStringLower(bytes[1..^1])})",
            ScriptKind.Multisig when ScriptKinds.TryMultisig(bytes, out int required, out List<byte[]> keys)
                && keys.TrueForAll(IsKey)
                => $"multi({required},{string.Join(',', keys.Select(Convert.ToHexStringLower))})",
            ScriptKind.Taproot when TaprootPubKey.TryCreate(bytes[2..], out _)
                => $"rawtr({Convert.ToHexStringLower(bytes[2..])})",
            ScriptKind.PublicKey => $"raw({script.ToHex()})",
            _ => Address.Format(script, network) is { } address ? $"addr({address})" : $"raw({script.ToHex()})",
        };
        return DescriptorChecksum.Append(descriptor);
    }

    /// <summary>
    /// The descriptor of the hash of a script, with its checksum, if the script is one key, several keys, or good
    /// miniscript; null otherwise.
    /// </summary>
    public static string? OfWitnessScript(Script script, NetworkParameters network)
    {
        ArgumentNullException.ThrowIfNull(script);
        List<byte[]> keys = [];
        MiniscriptNode? node = MiniscriptReader.Read(script, isTapscript: false, Add, static _ => null);
        bool isGood = node is { IsSane: true, Cost.CanBeSatisfied: true }
            && keys.Select(Convert.ToHexStringLower).Distinct().Count() == keys.Count;
        return isGood
            ? DescriptorChecksum.Append(
                $"wsh({MiniscriptText.Format(node!, key => Convert.ToHexStringLower(keys[key]))})")
            : ScriptKinds.Of(script) is ScriptKind.PublicKey or ScriptKind.Multisig
            ? DescriptorChecksum.Append($"wsh({Of(script, network).Split('#')[0]})")
            : null;

        int? Add(byte[] key)
        {
            keys.Add(key);
            return IsKey(key) ? keys.Count - 1 : null;
        }
    }

    private static bool IsKey(byte[] key) => key[0] is 2 or 3 or 4 && PubKey.TryCreatePubKey(key, out _);
}
