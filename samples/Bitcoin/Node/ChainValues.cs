using System.Buffers.Binary;
using Bitcoin.Chain;
using Bitcoin.Interfaces;
using Bitcoin.Primitives;

namespace Bitcoin.Node;

/// <summary>The chain's own types as the values that cross between processes, and back.</summary>
public static class ChainValues
{
    /// <summary>A hash as it crosses.</summary>
    public static BlockHash ToValue(this Hash256 hash)
    {
        Span<byte> bytes = stackalloc byte[Hash256.Size];
        hash.Write(bytes);
        return new BlockHash(
            BinaryPrimitives.ReadUInt64LittleEndian(bytes),
            BinaryPrimitives.ReadUInt64LittleEndian(bytes[8..]),
            BinaryPrimitives.ReadUInt64LittleEndian(bytes[16..]),
            BinaryPrimitives.ReadUInt64LittleEndian(bytes[24..]));
    }

    /// <summary>A hash that came across.</summary>
    public static Hash256 ToHash(this BlockHash hash)
    {
        Span<byte> bytes = stackalloc byte[Hash256.Size];
        BinaryPrimitives.WriteUInt64LittleEndian(bytes, hash.Word0);
        BinaryPrimitives.WriteUInt64LittleEndian(bytes[8..], hash.Word1);
        BinaryPrimitives.WriteUInt64LittleEndian(bytes[16..], hash.Word2);
        BinaryPrimitives.WriteUInt64LittleEndian(bytes[24..], hash.Word3);
        return new Hash256(bytes);
    }

    /// <summary>Where a block stands.</summary>
    public static BlockInfo ToInfo(this ChainBlock block, bool isActive) => new(
        block.Height,
        block.Hash.ToValue(),
        block.Header.PreviousHash.ToValue(),
        block.Header.Time,
        isActive,
        block.Block.Transactions.Count);

    /// <summary>The end of a chain.</summary>
    public static BlockTip ToTip(this ChainBlock block) => new(block.Height, block.Hash.ToValue(), block.Header.Time);

    /// <summary>A block that was found, with what was asked for.</summary>
    public static FoundBlock ToFound(this ChainBlock block, BlockTree tree, BlockParts wanted)
    {
        bool isActive = tree.IsActive(block);
        return new FoundBlock(
            block.Hash.ToValue(),
            wanted.HasFlag(BlockParts.Height) ? block.Height : null,
            wanted.HasFlag(BlockParts.Time) ? block.Header.Time : null,
            wanted.HasFlag(BlockParts.MedianTime) ? block.MedianTimePast : null,
            wanted.HasFlag(BlockParts.Active) ? isActive : null,
            wanted.HasFlag(BlockParts.Next) && isActive ? tree.AtHeight(block.Height + 1)?.Hash.ToValue() : null,
            wanted.HasFlag(BlockParts.Data) ? block.Block.ToArray() : null);
    }

    /// <summary>A block's header.</summary>
    public static BlockHeaderInfo ToHeaderInfo(this ChainBlock block) => new(
        block.Height,
        block.Hash.ToValue(),
        block.Header.Version,
        block.Header.PreviousHash.ToValue(),
        block.Header.MerkleRoot.ToValue(),
        block.Header.Time,
        block.Header.Target.Bits,
        block.Header.Nonce);
}
