using NBitcoin;

namespace Bitcoin.Descriptors;

/// <summary>How a taproot output can be spent.</summary>
/// <param name="Internal">The key before the tweak.</param>
/// <param name="Root">The root of the script tree; null without one.</param>
/// <param name="Leaves">The scripts, each with the proof that it is in the tree.</param>
public sealed record TaprootSpending(
    TaprootInternalPubKey Internal, uint256? Root, IReadOnlyList<TaprootLeafProof> Leaves)
{
    /// <summary>The scripts that a key occurs in.</summary>
    public IEnumerable<TaprootLeafProof> LeavesWith(PubKey key)
    {
        ArgumentNullException.ThrowIfNull(key);
        byte[] xOnly = key.TaprootInternalKey.ToBytes();
        return Leaves.Where(leaf => leaf.Keys.Any(other => other.AsSpan().SequenceEqual(xOnly)));
    }
}

/// <summary>A script of a taproot output.</summary>
/// <param name="Script">The script.</param>
/// <param name="LeafHash">Its hash.</param>
/// <param name="Control">The control block.</param>
/// <param name="Depth">Its depth in the tree.</param>
public sealed record TaprootLeafProof(Script Script, uint256 LeafHash, byte[] Control, int Depth)
{
    /// <summary>The keys in the script, each in 32 bytes.</summary>
    public IEnumerable<byte[]> Keys
        => Script.ToOps().Select(static op => op.PushData).OfType<byte[]>().Where(static push => push.Length == 32);
}
