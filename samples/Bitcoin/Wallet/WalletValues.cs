using System.Buffers.Binary;
using Bitcoin.Interfaces;
using Bitcoin.Primitives;

namespace Bitcoin.Wallet;

/// <summary>Hashes as the values that cross between processes, and back.</summary>
internal static class WalletValues
{
    internal static BlockHash ToValue(this Hash256 hash)
    {
        byte[] bytes = hash.ToArray();
        return new BlockHash(
            BinaryPrimitives.ReadUInt64LittleEndian(bytes),
            BinaryPrimitives.ReadUInt64LittleEndian(bytes.AsSpan(8)),
            BinaryPrimitives.ReadUInt64LittleEndian(bytes.AsSpan(16)),
            BinaryPrimitives.ReadUInt64LittleEndian(bytes.AsSpan(24)));
    }

    internal static Hash256 ToHash(this BlockHash hash) => Hash256.Parse(hash.ToString());
}
