using Bitcoin.Primitives;
using NBitcoin;

namespace Bitcoin.Chain.Coins;

/// <summary>Changes on top of a view, which can be applied or discarded.</summary>
internal sealed class CoinLayer(ICoinView below) : ICoinView
{
    private readonly Dictionary<OutPoint, UnspentCoin?> _changes = [];

    /// <summary>The changes; null for a spent output.</summary>
    internal IReadOnlyDictionary<OutPoint, UnspentCoin?> Changes => _changes;

    public UnspentCoin? Find(OutPoint id) => _changes.TryGetValue(id, out UnspentCoin? coin) ? coin : below.Find(id);

    internal void Add(OutPoint id, UnspentCoin coin) => _changes[id] = coin;

    internal void Spend(OutPoint id) => _changes[id] = null;

    /// <summary>Adds the spendable outputs of a transaction.</summary>
    internal void AddOutputs(Transaction transaction, uint256 txid, int height, bool isCoinbase)
    {
        for (int i = 0; i < transaction.Outputs.Count; i++)
        {
            TxOut output = transaction.Outputs[i];
            if (!IsUnspendable(output.ScriptPubKey))
            {
                _changes[new OutPoint(txid, i)] = new UnspentCoin(
                    output.Value.Satoshi, output.ScriptPubKey, height, isCoinbase);
            }
        }
    }

    internal static bool IsUnspendable(Script script) => HashedCoin.IsUnspendable(script);
}
