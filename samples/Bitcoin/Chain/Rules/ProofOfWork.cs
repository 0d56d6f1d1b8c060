using System.Numerics;
using Bitcoin.Primitives;
using NBitcoin;

namespace Bitcoin.Chain.Rules;

/// <summary>
/// The work that a block must have, and whether it has it. NBitcoin needs its own chain of complete headers, and lacks
/// testnet4's exception.
/// </summary>
internal static class ProofOfWork
{
    private const int SpacingSeconds = 600;

    /// <summary>Whether a hash meets a target, and the target is within the network's limit.</summary>
    internal static bool IsMet(uint256 hash, uint bits, NetworkParameters network)
    {
        return TryExpand(bits, out BigInteger target)
            && target <= network.PowLimit
            && new BigInteger(hash.ToBytes(), isUnsigned: true) <= target;
    }

    /// <summary>Decodes a compact target; false if it is negative, zero, or too large.</summary>
    internal static bool TryExpand(uint bits, out BigInteger target)
    {
        int exponent = (int)(bits >> 24);
        uint mantissa = bits & 0x007fffff;
        target = exponent <= 3 ? mantissa >> (8 * (3 - exponent)) : (BigInteger)mantissa << (8 * (exponent - 3));
        return (bits & 0x00800000) == 0 && target.Sign > 0 && target.GetBitLength() <= 256;
    }

    internal static uint Compress(BigInteger target) => new Target(target).ToCompact();

    /// <summary>The target that a block's child must have.</summary>
    internal static uint Expected(NetworkParameters network, ChainBlock previous, uint time)
    {
        uint easiest = Compress(network.PowLimit);
        if ((previous.Height + 1) % network.RetargetInterval != 0)
        {
            return !network.AllowsMinimumDifficulty ? previous.Header.Bits.ToCompact()
                : time > (long)previous.Time + (2 * SpacingSeconds) ? easiest
                : LastNormal(network, previous, easiest);
        }

        if (network.NeverRetargets)
        {
            return previous.Header.Bits.ToCompact();
        }

        ChainBlock first = previous.Ancestor(previous.Height - (network.RetargetInterval - 1));

        // Testnet4 uses the target of the period's first block: the last one may have an exceptional easy target.
        return Retarget(
            network, first.Time, previous.Time, (network.EnforcesBip94 ? first : previous).Header.Bits.ToCompact());
    }

    /// <summary>
    /// The target after a period of blocks. The period is measured over one block too few; Bitcoin always did so.
    /// </summary>
    internal static uint Retarget(NetworkParameters network, uint firstTime, uint lastTime, uint bits)
    {
        long wanted = network.RetargetInterval * (long)SpacingSeconds;
        long taken = Math.Clamp((long)lastTime - firstTime, wanted / 4, wanted * 4);
        TryExpand(bits, out BigInteger old);
        return Compress(BigInteger.Min(old * taken / wanted, network.PowLimit));
    }

    /// <summary>The last target of the period that is not the easy exception.</summary>
    private static uint LastNormal(NetworkParameters network, ChainBlock block, uint easiest)
    {
        while (block.Previous is not null
            && block.Height % network.RetargetInterval != 0
            && block.Header.Bits.ToCompact() == easiest)
        {
            block = block.Previous;
        }

        return block.Header.Bits.ToCompact();
    }
}
