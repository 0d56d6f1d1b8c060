using NBitcoin;

namespace Bitcoin.Node.Mempool;

/// <summary>
/// The fee that a spender of unconfirmed outputs must add, so that their transactions are mined at a fee rate.
/// </summary>
internal static class BumpFees
{
    /// <summary>The total, in satoshis. Called under the chain's gate.</summary>
    /// <param name="pool">The pool.</param>
    /// <param name="outputs">The outputs; those of transactions that are not in the pool add nothing.</param>
    /// <param name="perKilobyte">The fee rate.</param>
    internal static long Of(TransactionPool pool, IEnumerable<OutPoint> outputs, long perKilobyte)
    {
        HashSet<PoolEntry> wanted = [];
        HashSet<PoolEntry> replaced = [];
        foreach (OutPoint id in outputs)
        {
            if (pool.Find(id.Hash) is { } entry)
            {
                wanted.UnionWith(entry.Ancestors());
            }

            if (pool.SpenderOf(id) is { } spender)
            {
                replaced.UnionWith(spender.Descendants());
            }
        }

        // Others may pay for the wanted ones: all that are connected with them count.
        HashSet<PoolEntry> left = [.. wanted];
        Queue<PoolEntry> open = new(wanted);
        while (open.TryDequeue(out PoolEntry? next))
        {
            foreach (PoolEntry near in next.Ancestors().Concat(next.Descendants()))
            {
                if (!replaced.Contains(near) && left.Add(near))
                {
                    open.Enqueue(near);
                }
            }
        }

        // Transactions that, with their ancestors, pay enough are mined anyway. The best ones first, as a miner does.
        RelayRate rate = new(perKilobyte);
        while (left.Count > 0)
        {
            HashSet<PoolEntry>? best = null;
            RelayRate bestRate = default;
            foreach (PoolEntry entry in left)
            {
                HashSet<PoolEntry> package = [.. entry.Ancestors().Where(left.Contains)];
                RelayRate own = RelayRate.Of(
                    package.Sum(static one => one.ModifiedFee), package.Sum(static one => (long)one.Size));
                if (best is null || own > bestRate)
                {
                    (best, bestRate) = (package, own);
                }
            }

            if (bestRate < rate)
            {
                break;
            }

            left.ExceptWith(best!);
        }

        left.IntersectWith(wanted);
        return left.Count == 0
            ? 0
            : Math.Max(0, rate.For(left.Sum(static one => (long)one.Size)) - left.Sum(static one => one.ModifiedFee));
    }
}
