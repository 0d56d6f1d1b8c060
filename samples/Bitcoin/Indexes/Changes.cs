using Bitcoin.Interfaces;
using Bitcoin.Primitives;
using NBitcoin;

namespace Bitcoin.Indexes;

/// <summary>The changes of one block to the set of unspent outputs. Amounts are in satoshis.</summary>
/// <param name="coins">The set; it is changed.</param>
/// <param name="before">The statistics before the block; null for the first.</param>
internal sealed class Changes(MuHash coins, CoinSetStatistics? before)
{
    private long _count = before?.Count ?? 0;
    private long _bogoSize = before?.BogoSize ?? 0;
    private long _spent;
    private long _coinbase;
    private long _created;
    private long _genesis;
    private long _duplicates;
    private long _scripts;

    /// <summary>Adds an output of the block; an output that nobody can spend counts as lost.</summary>
    internal void Create(OutPoint id, TxOut output, int height, bool isCoinbase)
    {
        if (HashedCoin.IsUnspendable(output.ScriptPubKey))
        {
            _scripts += output.Value.Satoshi;
            return;
        }

        coins.Insert(HashedCoin.Serialize(id, output, height, isCoinbase));
        _count++;
        _bogoSize += HashedCoin.SizeOf(output.ScriptPubKey);
        _coinbase += isCoinbase ? output.Value.Satoshi : 0;
        _created += isCoinbase ? 0 : output.Value.Satoshi;
    }

    /// <summary>Removes an output that the block spends.</summary>
    internal void Spend(OutPoint id, Interfaces.Coin coin)
    {
        coins.Remove(HashedCoin.Serialize(id, coin.Output, coin.Height, coin.IsCoinbase));
        _count--;
        _bogoSize -= HashedCoin.SizeOf(coin.Output.ScriptPubKey);
        _spent += coin.Output.Value.Satoshi;
    }

    /// <summary>Counts a reward that never became spendable.</summary>
    internal void Lose(long genesis = 0, long duplicates = 0)
    {
        _genesis += genesis;
        _duplicates += duplicates;
    }

    /// <summary>The statistics after the block.</summary>
    /// <param name="subsidy">
    /// The most that the miner could create. The part of it and of the fees that is missing counts as not claimed.
    /// </param>
    internal CoinSetStatistics Finish(long subsidy)
    {
        long unclaimed = _spent + subsidy - (_created + _coinbase + _genesis + _duplicates + _scripts);
        return new CoinSetStatistics(
            coins.Hash(),
            _count,
            _bogoSize,
            (before?.Amount ?? Money.Zero) + _created + _coinbase - _spent,
            (before?.Unspendable ?? Money.Zero) + _genesis + _duplicates + _scripts + unclaimed,
            _spent,
            _coinbase,
            _created,
            new LostAmounts(_genesis, _duplicates, _scripts, unclaimed));
    }
}
