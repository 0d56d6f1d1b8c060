using Bitcoin.Chain.Coins;
using NBitcoin;

namespace Bitcoin.Node.Mempool;

/// <summary>Looks for contradictions in the pool: -checkmempool.</summary>
internal static class PoolCheck
{
    /// <summary>The first contradiction; null for none. Called under the chain's gate.</summary>
    internal static string? FindContradiction(TransactionPool pool, ICoinView coins)
    {
        (long bytes, long usage, long fees) = (0, 0, 0);
        int count = 0;
        foreach (PoolEntry entry in pool.Entries)
        {
            count++;
            bytes += entry.Size;
            usage += entry.Usage;
            fees += entry.Fee;
            if (Wrong(pool, coins, entry) is { } wrong)
            {
                return $"Pool: {entry.Txid}: {wrong}";
            }
        }

        return (count, bytes, usage, fees) == (pool.Count, pool.Bytes, pool.Usage, pool.TotalFee)
            ? null
            : $"Pool: Expected {count} transactions of {bytes} bytes, {usage} in memory, with {fees} of fees, got "
                + $"{pool.Count}, {pool.Bytes}, {pool.Usage}, {pool.TotalFee}.";
    }

    private static string? Wrong(TransactionPool pool, ICoinView coins, PoolEntry entry)
    {
        HashSet<PoolEntry> parents = [];
        long value = 0;
        foreach (TxIn input in entry.Transaction.Inputs)
        {
            if (!ReferenceEquals(pool.SpenderOf(input.PrevOut), entry))
            {
                return $"Expected it to spend {input.PrevOut}, got another one.";
            }

            if (pool.Find(input.PrevOut.Hash) is { } parent)
            {
                if (input.PrevOut.N >= parent.Transaction.Outputs.Count)
                {
                    return $"Expected the output {input.PrevOut}, got none.";
                }

                parents.Add(parent);
                value += parent.Transaction.Outputs[(int)input.PrevOut.N].Value.Satoshi;
            }
            else if (coins.Find(input.PrevOut) is { } coin)
            {
                value += coin.Value;
            }
            else
            {
                return $"Expected the coin {input.PrevOut}, got none.";
            }
        }

        long fee = value - entry.Transaction.Outputs.Sum(static output => output.Value.Satoshi);
        return fee != entry.Fee ? $"Expected a fee of {fee}, got {entry.Fee}."
            : !entry.Parents.SetEquals(parents)
                ? $"Expected {parents.Count} parents, got {entry.Parents.Count}, or others."
            : entry.Parents.Any(parent => !parent.Children.Contains(entry)) ? "Expected its parents to know it."
            : entry.Children.Any(child => !child.Parents.Contains(entry)) ? "Expected its children to know it."
            : !entry.Cluster.Members.Contains(entry) ? "Expected it in its cluster."
            : entry.Parents.Concat(entry.Children).Any(near => !ReferenceEquals(near.Cluster, entry.Cluster))
                ? "Expected one cluster for it, its parents and its children."
            : !ReferenceEquals(pool.FindByWitness(entry.WitnessHash), entry) ? "Expected it under its witness hash."
            : null;
    }
}
