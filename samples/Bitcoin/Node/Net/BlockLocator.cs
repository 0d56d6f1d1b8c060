using Bitcoin.Chain;
using Bitcoin.Primitives;
using NBitcoin;

namespace Bitcoin.Node.Net;

/// <summary>
/// Hashes of blocks from the tip of a chain backwards, with growing distances. With them another node finds the fork to
/// its own chain.
/// </summary>
internal static class BlockLocator
{
    /// <summary>The most hashes that a message may have.</summary>
    internal const ulong MaxCount = 101;

    internal static List<uint256> Of(ChainBlock tip)
    {
        List<uint256> hashes = [];
        int step = 1;
        for (int height = tip.Height; height > 0; height -= step)
        {
            hashes.Add(tip.Ancestor(height).Hash);
            step = hashes.Count > 10 ? step * 2 : 1;
        }

        hashes.Add(tip.Ancestor(0).Hash);
        return hashes;
    }

    /// <summary>Reads the locator of a message. Returns false if it has too many hashes.</summary>
    internal static bool TryRead(byte[] payload, out List<uint256> locator, out uint256 stop, out ulong count)
    {
        WireReader reader = new(payload);
        reader.UInt32();
        count = reader.Count();
        locator = [];
        stop = uint256.Zero;
        if (count > MaxCount)
        {
            return false;
        }

        for (ulong i = 0; i < count; i++)
        {
            locator.Add(reader.Hash());
        }

        stop = reader.Hash();
        return true;
    }

    /// <summary>The last block of the active chain that the sender of a locator has.</summary>
    internal static ChainBlock ForkOf(BlockTree tree, List<uint256> locator)
    {
        ChainBlock tip = tree.Tip;
        foreach (uint256 hash in locator)
        {
            if (tree.Find(hash) is { } block)
            {
                if (tree.IsActive(block))
                {
                    return block;
                }

                if (block.Height >= tip.Height && ReferenceEquals(block.Ancestor(tip.Height), tip))
                {
                    return tip;
                }
            }
        }

        return tip.Ancestor(0);
    }
}
