using NBitcoin;

namespace Bitcoin.Interfaces;

/// <summary>Where a block stands.</summary>
/// <param name="Height">The distance from the genesis block.</param>
/// <param name="Hash">The block's hash.</param>
/// <param name="PreviousHash">The parent's hash; zero for the genesis block.</param>
/// <param name="Time">Seconds since 1970, as the miner wrote it.</param>
/// <param name="IsActive">Whether the block was part of the active chain when this record was made.</param>
/// <param name="TransactionCount">How many transactions it has.</param>
public sealed record BlockInfo(
    int Height, uint256 Hash, uint256 PreviousHash, uint Time, bool IsActive, int TransactionCount);
