using System.Numerics;
using Bitcoin.Chain.Storage;
using Bitcoin.Primitives;
using NBitcoin;

namespace Bitcoin.Chain;

/// <summary>
/// A block's place in the tree: its header, its ancestors, and where its transactions are stored. Only the tree changes
/// it, under the tree's gate.
/// </summary>
public sealed class ChainBlock : IBlockPlace
{
    private const int MedianSpan = 11;

    private readonly ChainBlock? _skip;

    internal ChainBlock(BlockHeader header, uint256 hash, ChainBlock? previous)
    {
        Header = header;
        Hash = hash;
        Previous = previous;
        Height = previous is null ? 0 : previous.Height + 1;
        Time = (uint)header.BlockTime.ToUnixTimeSeconds();
        MaxTime = Math.Max(Time, previous?.MaxTime ?? 0);
        ChainWork = (previous?.ChainWork ?? BigInteger.Zero) + WorkOf(header.Bits.ToBigInteger());
        _skip = previous?.Ancestor(SkipHeight(Height));
    }

    /// <summary>The header.</summary>
    public BlockHeader Header { get; }

    /// <summary>The header's hash.</summary>
    public uint256 Hash { get; }

    /// <summary>The parent; null for the genesis block.</summary>
    public ChainBlock? Previous { get; }

    /// <summary>The distance from the genesis block.</summary>
    public int Height { get; }

    /// <summary>Seconds since 1970.</summary>
    public uint Time { get; }

    /// <inheritdoc/>
    public uint Bits => Header.Bits.ToCompact();

    /// <summary>The highest time of the block and its ancestors.</summary>
    public uint MaxTime { get; }

    /// <summary>The work of the block and all its ancestors.</summary>
    public BigInteger ChainWork { get; }

    /// <summary>What the tree knows about it.</summary>
    public BlockStatus Status { get; internal set; }

    /// <summary>The number of its transactions; 0 while they are unknown.</summary>
    public int TransactionCount { get; internal set; }

    /// <summary>The number of transactions up to this block; 0 while those of an ancestor are unknown.</summary>
    public long ChainTransactions { get; internal set; }

    internal BlockPosition Data { get; set; }

    internal BlockPosition Undo { get; set; }

    /// <summary>
    /// The order in which the blocks' transactions came: of two branches with the same work, the first one wins.
    /// </summary>
    internal long Sequence { get; set; }

    internal bool HasFailed => (Status & BlockStatus.AnyFailure) != 0;

    /// <summary>The median time of the block and the ten blocks before it.</summary>
    public uint MedianTimePast
    {
        get
        {
            Span<uint> times = stackalloc uint[MedianSpan];
            int count = 0;
            for (ChainBlock? block = this; block is not null && count < MedianSpan; block = block.Previous)
            {
                times[count++] = block.Time;
            }

            times = times[..count];
            times.Sort();
            return times[count / 2];
        }
    }

    /// <summary>The ancestor at a height, or the block itself.</summary>
    public ChainBlock Ancestor(int height)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(height);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(height, Height);
        ChainBlock block = this;
        while (block.Height > height)
        {
            // Jump as far as possible. If the parent's jump is better, go one step first.
            int skip = SkipHeight(block.Height);
            int skipOfPrevious = SkipHeight(block.Height - 1);
            bool jumps = block._skip is not null
                && (skip == height || (skip > height && !(skipOfPrevious < skip - 2 && skipOfPrevious >= height)));
            block = jumps ? block._skip! : block.Previous!;
        }

        return block;
    }

    IBlockPlace IBlockPlace.At(int height) => Ancestor(height);

    /// <summary>The last common block of two branches.</summary>
    public static ChainBlock Fork(ChainBlock one, ChainBlock other)
    {
        ArgumentNullException.ThrowIfNull(one);
        ArgumentNullException.ThrowIfNull(other);
        int height = Math.Min(one.Height, other.Height);
        (one, other) = (one.Ancestor(height), other.Ancestor(height));
        while (!ReferenceEquals(one, other))
        {
            (one, other) = (one.Previous!, other.Previous!);
        }

        return one;
    }

    /// <summary>Height and hash.</summary>
    public override string ToString() => $"{Height} {Hash}";

    /// <summary>The expected number of hashes for a target.</summary>
    internal static BigInteger WorkOf(BigInteger target)
        => target.Sign <= 0 ? 0 : (BigInteger.One << 256) / (target + 1);

    private static int SkipHeight(int height)
    {
        static int WithoutLowestBit(int n) => n & (n - 1);
        return height < 2
            ? 0
            : (height & 1) != 0
            ? WithoutLowestBit(WithoutLowestBit(height - 1)) + 1
            : WithoutLowestBit(height);
    }
}
