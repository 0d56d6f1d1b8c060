using System.Numerics;
using Bitcoin.Primitives;

namespace Bitcoin.Chain;

/// <summary>A block's place in the tree of blocks: its height, its parent and the work done up to it. Immutable.</summary>
public sealed class ChainBlock
{
    private const int MedianSpan = 11;

    private ChainBlock(Block block, ChainBlock? previous)
    {
        Block = block;
        Previous = previous;
        Height = previous is null ? 0 : previous.Height + 1;
        ChainWork = (previous?.ChainWork ?? BigInteger.Zero) + block.Header.Target.Work();
    }

    /// <summary>The block itself.</summary>
    public Block Block { get; }

    /// <summary>The parent; null for the genesis block.</summary>
    public ChainBlock? Previous { get; }

    /// <summary>The distance from the genesis block, whose height is 0.</summary>
    public int Height { get; }

    /// <summary>How many hashes it takes on average to make the chain up to here.</summary>
    public BigInteger ChainWork { get; }

    /// <summary>The block's hash.</summary>
    public Hash256 Hash => Block.Hash;

    /// <summary>The block's header.</summary>
    public BlockHeader Header => Block.Header;

    /// <summary>The median time of this block and the ten before it, in seconds since 1970; a child's time must exceed it.</summary>
    public uint MedianTimePast
    {
        get
        {
            Span<uint> times = stackalloc uint[MedianSpan];
            int count = 0;
            for (ChainBlock? block = this; block is not null && count < MedianSpan; block = block.Previous)
            {
                times[count++] = block.Header.Time;
            }

            times = times[..count];
            times.Sort();
            return times[count / 2];
        }
    }

    /// <summary>The block of the same branch at a lower height, or this one.</summary>
    /// <exception cref="ArgumentOutOfRangeException">The height is negative or above this block's.</exception>
    public ChainBlock Ancestor(int height)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(height);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(height, Height);
        ChainBlock block = this;
        while (block.Height > height)
        {
            block = block.Previous!;
        }

        return block;
    }

    /// <summary>Height and hash.</summary>
    public override string ToString() => $"{Height} {Hash}";

    internal static ChainBlock Root(Block genesis) => new(genesis, null);

    internal static ChainBlock Child(Block block, ChainBlock previous) => new(block, previous);
}
