using Bitcoin.Chain.Coins;
using Bitcoin.Chain.Rules;
using NBitcoin;

namespace Bitcoin.Node.Mempool;

/// <summary>A transaction of the pool. Guarded by the tree's gate.</summary>
internal sealed class PoolEntry
{
    private const int WitnessScale = 4;

    internal PoolEntry(
        Transaction transaction,
        IReadOnlyList<UnspentCoin> spent,
        long fee,
        long sigOpCost,
        DateTimeOffset time,
        int height,
        int bytesPerSigOp)
    {
        Transaction = transaction;
        Spent = spent;
        Txid = transaction.GetHash();
        WitnessHash = transaction.GetWitHash();
        Fee = fee;
        Time = time;
        Height = height;
        Weight = transaction.Weight();
        SigOpCost = sigOpCost;
        Size = (int)((Math.Max(Weight, sigOpCost * bytesPerSigOp) + WitnessScale - 1) / WitnessScale);
    }

    internal Transaction Transaction { get; }

    internal IReadOnlyList<UnspentCoin> Spent { get; }

    internal uint256 Txid { get; }

    internal uint256 WitnessHash { get; }

    /// <summary>The fee in satoshis.</summary>
    internal long Fee { get; }

    /// <summary>The amount that an operator added to the fee; used for sorting only.</summary>
    internal long Delta { get; set; }

    internal long ModifiedFee => Fee + Delta;

    /// <summary>The size in virtual bytes; larger for a transaction with many signature operations.</summary>
    internal int Size { get; }

    internal int Weight { get; }

    internal long SigOpCost { get; }

    internal DateTimeOffset Time { get; }

    /// <summary>The chain's height when it entered the pool.</summary>
    internal int Height { get; }

    internal ulong Sequence { get; set; }

    /// <summary>The sequence number of the pool from which peers may request it; 0 if it was in a block.</summary>
    internal ulong RelaySequence { get; set; }

    internal HashSet<PoolEntry> Parents { get; } = [];

    internal HashSet<PoolEntry> Children { get; } = [];

    internal Cluster Cluster { get; set; } = null!;

    /// <summary>The weight, increased for a transaction with many signature operations.</summary>
    internal int AdjustedWeight => (Size * 4) - Weight < 4 ? Weight : Size * 4;

    internal long Usage => UsageOf(Transaction);

    /// <summary>The approximate memory of a transaction, in bytes.</summary>
    internal static long UsageOf(Transaction transaction)
        => transaction.Total() + 800 + (transaction.Inputs.Count * 200L) + (transaction.Outputs.Count * 60L);

    internal bool SpendsCoinbase => Spent.Any(static coin => coin.IsCoinbase);

    internal HashSet<PoolEntry> Ancestors() => Reach(static entry => entry.Parents);

    internal HashSet<PoolEntry> Descendants() => Reach(static entry => entry.Children);

    /// <summary>All entries that can be reached from this one, itself included.</summary>
    private HashSet<PoolEntry> Reach(Func<PoolEntry, HashSet<PoolEntry>> next)
    {
        HashSet<PoolEntry> reached = [this];
        Stack<PoolEntry> open = new([this]);
        while (open.TryPop(out PoolEntry? entry))
        {
            foreach (PoolEntry other in next(entry))
            {
                if (reached.Add(other))
                {
                    open.Push(other);
                }
            }
        }

        return reached;
    }
}
