using System.Numerics;
using Bitcoin.Primitives;

namespace Bitcoin.Chain;

/// <summary>How much work a block must show, and whether it does.</summary>
public static class ProofOfWork
{
    /// <summary>The time between two blocks that the retargeting aims at, in seconds.</summary>
    private const int SpacingSeconds = 600;

    /// <summary>Whether a hash meets a target that is itself within the network's limit.</summary>
    public static bool IsMet(Hash256 hash, CompactTarget target, NetworkParameters network)
    {
        return target.TryExpand(out UInt256 number)
            && !number.IsZero
            && number <= network.PowLimit
            && hash.ToNumber() <= number;
    }

    /// <summary>The target that a child of a block must state.</summary>
    /// <param name="network">Whose rules hold.</param>
    /// <param name="previous">The parent.</param>
    /// <param name="time">The child's own time, in seconds since 1970; matters only where easy blocks are allowed.</param>
    public static CompactTarget Expected(NetworkParameters network, ChainBlock previous, uint time)
    {
        CompactTarget easiest = CompactTarget.FromTarget(network.PowLimit);
        bool retargets = (previous.Height + 1) % network.RetargetInterval == 0;
        if (!retargets)
        {
            if (!network.AllowsMinimumDifficulty)
            {
                return previous.Header.Target;
            }

            return time > (long)previous.Header.Time + (2 * SpacingSeconds) ? easiest : LastNormal(network, previous, easiest);
        }

        if (network.NeverRetargets)
        {
            return previous.Header.Target;
        }

        ChainBlock first = previous.Ancestor(previous.Height - (network.RetargetInterval - 1));
        return Retarget(network, first.Header.Time, previous.Header);
    }

    /// <summary>The target that follows a period of blocks.</summary>
    /// <param name="network">Whose rules hold.</param>
    /// <param name="firstTime">The time of the period's first block.</param>
    /// <param name="last">The period's last block. That a period is measured over one block too few is as old as Bitcoin.</param>
    public static CompactTarget Retarget(NetworkParameters network, uint firstTime, BlockHeader last)
    {
        long wanted = (long)network.RetargetInterval * SpacingSeconds;
        long taken = Math.Clamp((long)last.Time - firstTime, wanted / 4, wanted * 4);
        if (!last.Target.TryExpand(out UInt256 old))
        {
            throw new ArgumentException($"Retarget: expected a usable target, came {last.Target}.", nameof(last));
        }

        BigInteger next = BigInteger.Min(old.ToBigInteger() * taken / wanted, network.PowLimit.ToBigInteger());
        return CompactTarget.FromTarget(UInt256.FromBigInteger(next));
    }

    /// <summary>The last target of the period that was not the easy exception.</summary>
    private static CompactTarget LastNormal(NetworkParameters network, ChainBlock block, CompactTarget easiest)
    {
        while (block.Previous is not null && block.Height % network.RetargetInterval != 0 && block.Header.Target == easiest)
        {
            block = block.Previous;
        }

        return block.Header.Target;
    }
}
