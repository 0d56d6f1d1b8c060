using Bitcoin.Chain.Rules;
using NBitcoin;

namespace Bitcoin.Node.Mempool;

/// <summary>Submits transactions of the node's own wallets.</summary>
internal static class PoolBroadcast
{
    private const int WitnessScale = 4;

    /// <summary>Submits a transaction to the pool, and announces it to peers.</summary>
    internal static bool Offer(NodeContext node, Transaction transaction, long maxFee, bool relays, out string error)
    {
        error = "";
        uint256 txid = transaction.GetHash();
        bool isKnown;
        lock (node.Tree.Gate)
        {
            if (Enumerable.Range(0, transaction.Outputs.Count).Any(
                i => node.Tree.Coins.Find(new OutPoint(txid, i)) is not null))
            {
                error = "Transaction outputs already in utxo set";
                return false;
            }

            isKnown = node.Pool.Find(txid) is not null;
            if (!isKnown)
            {
                if (maxFee > 0
                    && node.Pool.Acceptance.Accept(
                        transaction, new AcceptOptions { IsTest = true }) is { Refusal: null, Entry: { } entry }
                    && entry.Fee > maxFee)
                {
                    error = "Fee exceeds maximum configured by user (e.g. -maxtxfee, maxfeerate)";
                    return false;
                }

                if (node.Pool.Acceptance.Accept(transaction).Refusal is { } refusal)
                {
                    error = refusal.ToString();
                    return false;
                }

                if (relays)
                {
                    node.Pool.Unbroadcast.Add(txid);
                }
            }
        }

        if (relays && isKnown)
        {
            node.Peers?.News.Announce(transaction);
        }

        node.Peers?.News.Spread();

        return true;
    }

    /// <summary>
    /// Why the pool would refuse a transaction because of the limits of its cluster; null if it would not. Called under
    /// the chain's gate.
    /// </summary>
    internal static string? ChainLimits(TransactionPool pool, Transaction transaction)
    {
        HashSet<PoolEntry> together = [];
        foreach (TxIn input in transaction.Inputs)
        {
            if (pool.Find(input.PrevOut.Hash) is { } parent)
            {
                together.UnionWith(parent.Cluster.Members);
            }
        }

        foreach (TxIn input in transaction.Inputs)
        {
            if (pool.SpenderOf(input.PrevOut) is { } replaced)
            {
                together.ExceptWith(replaced.Descendants());
            }
        }

        long weight = together.Sum(static entry => (long)entry.AdjustedWeight) + transaction.Weight();
        return together.Count + 1 > pool.Options.MaxClusterCount
            || weight > (long)pool.Options.MaxClusterSize * WitnessScale
            ? "too many unconfirmed transactions in cluster"
            : null;
    }
}
