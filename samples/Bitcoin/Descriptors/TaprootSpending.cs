using NBitcoin;

namespace Bitcoin.Descriptors;

/// <summary>How a taproot output can be spent.</summary>
/// <param name="Internal">The key before it is tweaked.</param>
/// <param name="Root">The root of the tree of scripts; null without one.</param>
/// <param name="Leaves">The scripts, each with what proves that it is in the tree.</param>
public sealed record TaprootSpending(
    TaprootInternalPubKey Internal, uint256? Root, IReadOnlyList<TaprootLeafProof> Leaves);

/// <summary>A script of a taproot output.</summary>
/// <param name="Script">The script.</param>
/// <param name="LeafHash">Its hash.</param>
/// <param name="Control">The control block.</param>
/// <param name="Depth">How deep it stands in the tree.</param>
public sealed record TaprootLeafProof(Script Script, uint256 LeafHash, byte[] Control, int Depth);
