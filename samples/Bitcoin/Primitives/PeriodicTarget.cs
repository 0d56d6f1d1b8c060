using System.Numerics;

namespace Bitcoin.Primitives;

/// <summary>
/// The first rule for targets: one target for a period of blocks, and the next one from the time that they took.
/// NBitcoin needs its own chain of complete headers, and lacks testnet4's exception.
/// </summary>
public static class PeriodicTarget
{
    /// <summary>The target, in its compact form, that a block's child must have.</summary>
    /// <param name="network">The network.</param>
    /// <param name="previous">The block.</param>
    /// <param name="time">The child's time, in seconds since 1970.</param>
    public static uint After(NetworkParameters network, IBlockPlace previous, uint time)
    {
        ArgumentNullException.ThrowIfNull(network);
        ArgumentNullException.ThrowIfNull(previous);
        uint easiest = CompactTarget.Compress(network.PowLimit);
        if ((previous.Height + 1) % network.RetargetInterval != 0)
        {
            return !network.AllowsMinimumDifficulty ? previous.Bits
                : time > (long)previous.Time + (2 * network.SpacingSeconds) ? easiest
                : LastNormal(network, previous, easiest);
        }

        if (network.NeverRetargets)
        {
            return previous.Bits;
        }

        IBlockPlace first = previous.At(previous.Height - (network.RetargetInterval - 1));

        // Testnet4 uses the target of the period's first block: the last one may have an exceptional easy target.
        return Next(network, first.Time, previous.Time, (network.EnforcesBip94 ? first : previous).Bits);
    }

    /// <summary>
    /// The target after a period of blocks. The period is measured over one block too few; it always was.
    /// </summary>
    /// <param name="network">The network.</param>
    /// <param name="firstTime">The time of the period's first block, in seconds since 1970.</param>
    /// <param name="lastTime">The time of its last block, in seconds since 1970.</param>
    /// <param name="bits">The period's target, in its compact form.</param>
    public static uint Next(NetworkParameters network, uint firstTime, uint lastTime, uint bits)
    {
        ArgumentNullException.ThrowIfNull(network);
        long wanted = network.RetargetInterval * (long)network.SpacingSeconds;
        long taken = Math.Clamp((long)lastTime - firstTime, wanted / 4, wanted * 4);
        CompactTarget.TryExpand(bits, out BigInteger old);
        return CompactTarget.Compress(BigInteger.Min(old * taken / wanted, network.PowLimit));
    }

    /// <summary>The last target of the period that is not the easy exception.</summary>
    private static uint LastNormal(NetworkParameters network, IBlockPlace block, uint easiest)
    {
        while (block.Height > 0 && block.Height % network.RetargetInterval != 0 && block.Bits == easiest)
        {
            block = block.At(block.Height - 1);
        }

        return block.Bits;
    }
}
