using NBitcoin;

namespace Bitcoin.Chain.Coins;

/// <summary>An unspent output. NBitcoin's Coin lacks height and origin.</summary>
/// <param name="Value">In satoshis.</param>
/// <param name="Script">The script that must be satisfied to spend it.</param>
/// <param name="Height">The height of the block that created it.</param>
/// <param name="IsCoinbase">Whether a coinbase created it.</param>
public sealed record UnspentCoin(long Value, Script Script, int Height, bool IsCoinbase)
{
    /// <summary>The output.</summary>
    public TxOut ToOutput() => new(Money.Satoshis(Value), Script);
}
