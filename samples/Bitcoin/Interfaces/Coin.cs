namespace Bitcoin.Interfaces;

/// <summary>Which output of which transaction.</summary>
/// <param name="Txid">The transaction's id, which has a block hash's form.</param>
/// <param name="Index">The output's number, from 0.</param>
public readonly record struct CoinId(BlockHash Txid, uint Index)
{
    /// <summary>Id and number.</summary>
    public override string ToString() => $"{Txid}:{Index}";
}

/// <summary>An output that nobody has spent.</summary>
/// <param name="Amount">In satoshis.</param>
/// <param name="Script">What must be met to spend it.</param>
/// <param name="Height">The height of the block that made it.</param>
/// <param name="IsCoinbase">Whether a coinbase made it, so that it matures after 100 further blocks.</param>
public sealed record Coin(long Amount, byte[] Script, int Height, bool IsCoinbase);
