using Bitcoin.Chain;
using NBitcoin;

namespace Bitcoin.Node.Net;

/// <summary>What is known of the chain of a peer. Used under the group's gate.</summary>
internal static class PeerChain
{
    /// <summary>Whether the peer is known to have a block.</summary>
    internal static bool Has(this Peer peer, ChainBlock block)
    {
        return (peer.BestKnown is { } known
            && known.Height >= block.Height
            && ReferenceEquals(known.Ancestor(block.Height), block))
            || (peer.BestSent is { } sent
                && sent.Height >= block.Height
                && ReferenceEquals(sent.Ancestor(block.Height), block));
    }

    /// <summary>Notes that the peer has a block of the tree.</summary>
    internal static void Learn(this Peer peer, ChainBlock block)
    {
        if (peer.BestKnown is null || block.ChainWork >= peer.BestKnown.ChainWork)
        {
            peer.BestKnown = block;
        }
    }

    /// <summary>Notes that the peer has a block that may not be in the tree yet.</summary>
    internal static void LearnHash(this Peer peer, BlockTree tree, uint256 hash)
    {
        peer.ResolveUnknown(tree);
        if (tree.Find(hash) is { } block)
        {
            peer.Learn(block);
        }
        else
        {
            peer.UnknownHash = hash;
        }
    }

    /// <summary>Notes the block of an earlier hash, if it has come into the tree meanwhile.</summary>
    internal static void ResolveUnknown(this Peer peer, BlockTree tree)
    {
        if (peer.UnknownHash is { } hash && tree.Find(hash) is { } block)
        {
            peer.UnknownHash = null;
            peer.Learn(block);
        }
    }
}
