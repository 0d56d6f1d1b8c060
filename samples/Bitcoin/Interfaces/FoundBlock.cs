using NBitcoin;

namespace Bitcoin.Interfaces;

/// <summary>A block that was found, with the parts that the caller asked for.</summary>
/// <param name="Hash">The block's hash.</param>
/// <param name="Height">The distance from the genesis block.</param>
/// <param name="Time">Seconds since 1970.</param>
/// <param name="MedianTime">Seconds since 1970.</param>
/// <param name="IsActive">Whether it is part of the active chain.</param>
/// <param name="Next">The block that follows; null if it was not asked for, or if there is none.</param>
/// <param name="Data">The block; null if it was not asked for, or is not stored (any more).</param>
/// <param name="Spent">
/// The outputs that each transaction except the coinbase spent, in the order of its inputs; null if they were not asked
/// for, or are not stored (any more).
/// </param>
/// <param name="MaxTime">Seconds since 1970: the highest time of the block and of all blocks before it.</param>
public sealed record FoundBlock(
    uint256 Hash,
    int? Height = null,
    long? Time = null,
    long? MedianTime = null,
    bool? IsActive = null,
    uint256? Next = null,
    Block? Data = null,
    Coin[][]? Spent = null,
    long? MaxTime = null);
