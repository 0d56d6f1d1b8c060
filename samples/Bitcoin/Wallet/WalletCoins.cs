using Bitcoin.Interfaces;
using NBitcoin;

namespace Bitcoin.Wallet;

/// <summary>What was paid to a wallet's scripts and not spent, found by looking at blocks. Not thread-safe.</summary>
internal sealed class WalletCoins
{
    private const int Maturity = 100;

    private readonly Dictionary<OutPoint, Own> _coins = [];
    private readonly Dictionary<uint256, List<KeyValuePair<OutPoint, Own>>> _spentBy = [];

    internal int TransactionCount => _coins.Keys.Select(static id => id.Hash).Distinct().Count();

    internal IEnumerable<KeyValuePair<OutPoint, Own>> All => _coins;

    internal void Clear()
    {
        _coins.Clear();
        _spentBy.Clear();
    }

    /// <summary>Takes what a block pays, and gives up what it spends.</summary>
    /// <returns>Whether any of it was the wallet's.</returns>
    internal bool Connect(Block block, int height, Func<Script, int?> indexOf)
    {
        List<KeyValuePair<OutPoint, Own>> spent = [];
        bool changed = false;
        foreach (Transaction transaction in block.Transactions)
        {
            foreach (TxIn input in transaction.Inputs)
            {
                if (_coins.Remove(input.PrevOut, out Own? own))
                {
                    spent.Add(KeyValuePair.Create(input.PrevOut, own));
                }
            }

            for (int i = 0; i < transaction.Outputs.Count; i++)
            {
                if (indexOf(transaction.Outputs[i].ScriptPubKey) is { } index)
                {
                    changed = true;
                    _coins[new OutPoint(transaction.GetHash(), i)] = new Own(transaction.Outputs[i].Value.Satoshi, height, transaction.IsCoinBase, index);
                }
            }
        }

        _spentBy[block.GetHash()] = spent;
        return changed || spent.Count > 0;
    }

    internal void Disconnect(uint256 hash, int height)
    {
        foreach (OutPoint id in _coins.Where(pair => pair.Value.Height == height).Select(static pair => pair.Key).ToArray())
        {
            _coins.Remove(id);
        }

        if (_spentBy.Remove(hash, out List<KeyValuePair<OutPoint, Own>>? spent))
        {
            spent.ForEach(pair => _coins[pair.Key] = pair.Value);
        }
    }

    internal WalletBalances Balances(int tip, int leastDepth = 0)
    {
        long trusted = 0;
        long immature = 0;
        foreach (Own own in _coins.Values)
        {
            int depth = tip - own.Height + 1;
            if (!IsSpendable(own, tip))
            {
                immature += own.Value;
            }
            else if (depth >= leastDepth)
            {
                trusted += own.Value;
            }
        }

        return new WalletBalances(Money.Satoshis(trusted), Money.Satoshis(immature));
    }

    // A coinbase needs a hundred blocks on top of its own to be spent in the next.
    internal static bool IsSpendable(Own own, int tip) => !own.IsCoinbase || tip - own.Height >= Maturity;

    internal sealed record Own(long Value, int Height, bool IsCoinbase, int Index);
}
