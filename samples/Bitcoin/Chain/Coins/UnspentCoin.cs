using NBitcoin;

namespace Bitcoin.Chain.Coins;

/// <summary>An output that nobody has spent. NBitcoin's Coin knows neither height nor origin.</summary>
/// <param name="Value">In satoshis.</param>
/// <param name="Script">What must be met to spend it.</param>
/// <param name="Height">The height of the block that made it.</param>
/// <param name="IsCoinbase">Whether a coinbase made it.</param>
public sealed record UnspentCoin(long Value, Script Script, int Height, bool IsCoinbase)
{
    /// <summary>The output.</summary>
    public TxOut ToOutput() => new(Money.Satoshis(Value), Script);
}
