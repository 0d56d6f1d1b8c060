using System.Numerics;
using Bitcoin.Primitives;
using NBitcoin;

namespace Bitcoin.Chain.Rules;

/// <summary>The work that a block must have, and whether it has it.</summary>
internal static class ProofOfWork
{
    /// <summary>Whether a hash meets a target, and the target is within the network's limit.</summary>
    internal static bool IsMet(uint256 hash, uint bits, NetworkParameters network)
    {
        return CompactTarget.TryExpand(bits, out BigInteger target)
            && target <= network.PowLimit
            && new BigInteger(hash.ToBytes(), isUnsigned: true) <= target;
    }

    /// <summary>The target that a block's child must have.</summary>
    internal static uint Expected(NetworkParameters network, ChainBlock previous, uint time)
        => network.Currency.TargetAfter(network, previous, time);

    /// <summary>What a block makes.</summary>
    /// <param name="network">The network.</param>
    /// <param name="previous">The block's parent; null for the first block.</param>
    internal static BlockReward Reward(NetworkParameters network, ChainBlock? previous)
        => network.Currency.RewardAt(network, previous is null ? 0 : previous.Height + 1, previous?.Bits ?? 0);
}
