using NBitcoin;

namespace Bitcoin.Interfaces;

/// <summary>An output that nobody has spent.</summary>
/// <param name="Output">Amount and script.</param>
/// <param name="Height">The height of the block that made it.</param>
/// <param name="IsCoinbase">Whether a coinbase made it, so that it matures after 100 further blocks.</param>
public sealed record Coin(TxOut Output, int Height, bool IsCoinbase);
