using System.Security.Cryptography;
using System.Text;
using NBitcoin;

namespace Bitcoin.Descriptors;

/// <summary>The hashes of the script trees of taproot (BIP341).</summary>
public static class TaprootHashes
{
    /// <summary>The version of leaves with a tapscript.</summary>
    public const byte LeafVersion = 0xc0;

    /// <summary>The hash of a leaf.</summary>
    public static uint256 Leaf(Script script, byte version)
    {
        ArgumentNullException.ThrowIfNull(script);
        byte[] bytes = script.ToBytes();
        return new uint256(Tagged("TapLeaf", [version, .. PsbtMaps.Number((ulong)bytes.Length), .. bytes]));
    }

    internal static byte[] Branch(byte[] left, byte[] right)
        => Tagged("TapBranch", left.AsSpan().SequenceCompareTo(right) < 0 ? [.. left, .. right] : [.. right, .. left]);

    private static byte[] Tagged(string tag, byte[] data)
    {
        byte[] hash = SHA256.HashData(Encoding.ASCII.GetBytes(tag));
        return SHA256.HashData([.. hash, .. hash, .. data]);
    }
}
