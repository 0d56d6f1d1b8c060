using NBitcoin;

namespace Bitcoin.Interfaces;

/// <summary>A block's header.</summary>
/// <param name="Height">The distance from the genesis block; not part of the header itself.</param>
/// <param name="Hash">The header's hash.</param>
/// <param name="Version">The block's version.</param>
/// <param name="PreviousHash">The parent's hash; zero for the genesis block.</param>
/// <param name="MerkleRoot">The hash that commits to the transactions.</param>
/// <param name="Time">Seconds since 1970.</param>
/// <param name="Bits">The target in compact form.</param>
/// <param name="Nonce">The number that the miner varied.</param>
public sealed record BlockHeaderInfo(
    int Height,
    uint256 Hash,
    int Version,
    uint256 PreviousHash,
    uint256 MerkleRoot,
    uint Time,
    uint Bits,
    uint Nonce);
