using NBitcoin;

namespace Bitcoin.Descriptors;

/// <summary>How a taproot output can be spent.</summary>
/// <param name="Internal">The key before the tweak.</param>
/// <param name="Root">The root of the script tree; null without one.</param>
/// <param name="Leaves">The scripts, each with the proof that it is in the tree.</param>
public sealed record TaprootSpending(
    TaprootInternalPubKey Internal, uint256? Root, IReadOnlyList<TaprootLeafProof> Leaves);

/// <summary>A script of a taproot output.</summary>
/// <param name="Script">The script.</param>
/// <param name="LeafHash">Its hash.</param>
/// <param name="Control">The control block.</param>
/// <param name="Depth">Its depth in the tree.</param>
public sealed record TaprootLeafProof(Script Script, uint256 LeafHash, byte[] Control, int Depth);
