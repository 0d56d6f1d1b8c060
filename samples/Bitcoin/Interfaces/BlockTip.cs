using NBitcoin;

namespace Bitcoin.Interfaces;

/// <summary>The end of a chain.</summary>
/// <param name="Height">The distance from the genesis block.</param>
/// <param name="Hash">The last block's hash.</param>
/// <param name="Time">The last block's time, in seconds since 1970.</param>
public sealed record BlockTip(int Height, uint256 Hash, long Time);
