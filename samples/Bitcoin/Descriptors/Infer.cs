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

    private static bool IsKey(byte[] key) => key[0] is 2 or 3 or 4 && PubKey.TryCreatePubKey(key, out _);
}
