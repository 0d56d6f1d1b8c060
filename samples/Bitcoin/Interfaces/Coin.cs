using NBitcoin;

namespace Bitcoin.Interfaces;

/// <summary>An unspent output.</summary>
/// <param name="Output">Amount and script.</param>
/// <param name="Height">The height of the block that created it.</param>
/// <param name="IsCoinbase">Whether a coinbase created it. It then matures after 100 further blocks.</param>
public sealed record Coin(TxOut Output, int Height, bool IsCoinbase);
