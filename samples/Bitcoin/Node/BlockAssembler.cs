using Bitcoin.Chain;
using Bitcoin.Chain.Rules;
using Bitcoin.Node.Mempool;
using NBitcoin;

namespace Bitcoin.Node;

/// <summary>Fills blocks with the transactions that pay most.</summary>
internal sealed class BlockAssembler(NodeContext node)
{
    private const int CoinbaseSigOps = 400;
    private const int MaxMisses = 1000;

    // The weight of a header and of the shortest transaction count.
    private const int HeaderWeight = 81 * 4;

    /// <summary>The limit in weight units; a part of it is reserved for the header and the coinbase.</summary>
    internal int MaxWeight { get; init; } = int.MaxValue;

    internal int ReservedWeight { get; init; } = 8000;

    internal RelayRate LeastRate { get; init; } = new(1);

    /// <summary>
    /// Weight (with the reserved part) and number of transactions of the last block; null if there is none.
    /// </summary>
    internal (long Weight, int Count)? Last { get; private set; }

    /// <summary>A block on the tip, complete except for the proof of work.</summary>
    /// <param name="script">The output script that receives subsidy and fees.</param>
    /// <param name="usesPool">Whether transactions of the pool are included.</param>
    /// <param name="extraNonce">A number that makes the coinbase different from others.</param>
    /// <param name="reservedWeight">Instead of <see cref="ReservedWeight"/>.</param>
    /// <param name="coinbaseSigOps">The cost of signature operations kept free for the coinbase.</param>
    internal AssembledBlock Assemble(
        Script script,
        bool usesPool = true,
        uint extraNonce = 0,
        int? reservedWeight = null,
        int coinbaseSigOps = CoinbaseSigOps)
    {
        lock (node.Tree.Gate)
        {
            ChainBlock tip = node.Tree.Tip;
            List<PoolEntry> entries = usesPool
                ? Choose(tip, reservedWeight ?? ReservedWeight, coinbaseSigOps)
                : [];
            Block block = Miner.MakeTemplate(
                node.Tree.Network,
                tip,
                script,
                node.Clock.GetUtcNow(),
                [.. entries.Select(static entry => entry.Transaction)],
                entries.Sum(static entry => entry.Fee),
                extraNonce);
            block.Header.Version = node.BlockVersion ?? Deployments.BlockVersion(node.Tree.Network, tip);
            Last = (block.Weight() - block.Transactions[0].Weight() + ReservedWeight - HeaderWeight, entries.Count);
            return new AssembledBlock(block, tip, entries, node.Pool.Sequence);
        }
    }

    private List<PoolEntry> Choose(ChainBlock tip, int reservedWeight, int coinbaseSigOps)
    {
        List<PoolEntry> chosen = [];
        long weight = reservedWeight;
        long operations = coinbaseSigOps;
        int misses = 0;
        List<Chunk> chunks =
            [
                .. node.Pool.Entries.Select(static entry => entry.Cluster)
                    .Distinct()
                    .SelectMany(static cluster => cluster.Chunks),
            ];
        List<Chunk> sorted =
            [
                .. chunks.Order(
                    Comparer<Chunk>.Create(
                        static (one, other) => one.IsBetterThan(other) ? -1 : other.IsBetterThan(one) ? 1 : 0)),
            ];
        int most = Math.Min(MaxWeight, node.Tree.Network.MaxBlockWeight(tip.Height + 1));
        int mostOperations = node.Tree.Network.MaxBlockSignatureCost(tip.Height + 1);
        HashSet<PoolEntry> taken = [];
        foreach (Chunk chunk in sorted)
        {
            if (chunk.Fee < LeastRate.For(chunk.Size))
            {
                break;
            }

            bool fits = weight + chunk.Entries.Sum(static entry => (long)entry.Weight) < most
                && operations + chunk.Entries.Sum(static entry => entry.SigOpCost) < mostOperations
                && chunk.Entries.TrueForAll(
                    entry => TransactionRules.IsFinal(
                        entry.Transaction,
                        tip.Height + 1,
                        tip.MedianTimePast) && entry.Parents.All(parent
                            => taken.Contains(parent) || chunk.Entries.Contains(parent)));
            if (!fits)
            {
                if (++misses > MaxMisses && weight > most - 4000)
                {
                    break;
                }

                continue;
            }

            foreach (PoolEntry entry in chunk.Entries)
            {
                chosen.Add(entry);
                taken.Add(entry);
                weight += entry.Weight;
                operations += entry.SigOpCost;
            }
        }

        return chosen;
    }
}

/// <summary>A block to work on.</summary>
/// <param name="Block">The block.</param>
/// <param name="Parent">Its parent.</param>
/// <param name="Entries">Its transactions besides the coinbase.</param>
/// <param name="Sequence">The pool's sequence number when the block was made.</param>
internal sealed record AssembledBlock(Block Block, ChainBlock Parent, IReadOnlyList<PoolEntry> Entries, ulong Sequence);
