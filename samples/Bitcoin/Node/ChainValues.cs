using Bitcoin.Chain;
using Bitcoin.Interfaces;

namespace Bitcoin.Node;

/// <summary>Converts the chain's types to the values that cross between processes.</summary>
public static class ChainValues
{
    /// <summary>The position of a block.</summary>
    public static BlockInfo ToInfo(this ChainBlock block, bool isActive) => new(
        block.Height,
        block.Hash,
        block.Header.HashPrevBlock,
        block.Time,
        isActive,
        block.TransactionCount);

    /// <summary>The last block of a chain.</summary>
    public static BlockTip ToTip(this ChainBlock block) => new(block.Height, block.Hash, block.Time);

    /// <summary>A block that was found, with the parts that the caller asked for.</summary>
    public static FoundBlock ToFound(this ChainBlock block, BlockTree tree, BlockParts wanted)
    {
        bool isActive = tree.IsActive(block);
        return new FoundBlock(
            block.Hash,
            wanted.HasFlag(BlockParts.Height) ? block.Height : null,
            wanted.HasFlag(BlockParts.Time) ? block.Time : null,
            wanted.HasFlag(BlockParts.MedianTime) ? block.MedianTimePast : null,
            wanted.HasFlag(BlockParts.Active) ? isActive : null,
            wanted.HasFlag(BlockParts.Next) && isActive ? tree.AtHeight(block.Height + 1)?.Hash : null,
            wanted.HasFlag(BlockParts.Data) ? tree.TryRead(block) : null,
            wanted.HasFlag(BlockParts.Spent) ? Spent(tree, block) : null,
            wanted.HasFlag(BlockParts.MaxTime) ? block.MaxTime : null);
    }

    /// <summary>A block's header.</summary>
    public static BlockHeaderInfo ToHeaderInfo(this ChainBlock block) => new(
        block.Height,
        block.Hash,
        block.Header.Version,
        block.Header.HashPrevBlock,
        block.Header.HashMerkleRoot,
        block.Time,
        block.Header.Bits.ToCompact(),
        block.Header.Nonce);

    private static Coin[][]? Spent(BlockTree tree, ChainBlock block)
    {
        try
        {
            return tree.ReadUndo(block) is { } undo
                ? [.. undo.Select(static coins => coins
                    .Select(static coin => new Coin(coin.ToOutput(), coin.Height, coin.IsCoinbase))
                    .ToArray())]
                : null;
        }
        catch (Exception exception) when (exception is IOException or InvalidDataException)
        {
            return null;
        }
    }
}
