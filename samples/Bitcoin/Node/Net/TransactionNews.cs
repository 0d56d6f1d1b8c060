using System.Collections.Concurrent;
using Bitcoin.Node.Mempool;
using NBitcoin;

namespace Bitcoin.Node.Net;

/// <summary>Queues new transactions for announcement, for every peer.</summary>
/// <param name="node">The node, whose pool is followed.</param>
/// <param name="group">The peers.</param>
/// <param name="rate">How many transactions are announced in a second to inbound peers, over a longer time.</param>
internal sealed class TransactionNews(NodeContext node, PeerGroup group, int rate)
{
    // The mean times between two announcements to an inbound and to an outbound peer, in seconds.
    private const double InboundSeconds = 5;
    private const double OutboundSeconds = 2;

    // Each with the peers that were connected when it came. A later peer asks for the pool if it wants it.
    private readonly ConcurrentQueue<(PoolEntry Entry, IReadOnlyList<Peer> To)> _added = new();

    // Taken before the tree's gate and before the group's gate.
    private readonly Lock _spreading = new();

    // Guarded by _spreading.
    private readonly RelayBudget _inbound = new(rate, 1, InboundSeconds);
    private readonly RelayBudget _outbound = new(rate, InboundSeconds / OutboundSeconds, InboundSeconds);

    /// <summary>The option's value.</summary>
    internal int Rate => rate;

    /// <summary>Begins to follow the pool.</summary>
    internal void Start() => node.Pool.Added += OnAdded;

    /// <summary>What waits for inbound or outbound peers, and the tokens for transactions and for bytes.</summary>
    internal (int Waiting, double Count, double Bytes) Budget(bool isInbound)
    {
        Spread();
        lock (_spreading)
        {
            RelayBudget budget = isInbound ? _inbound : _outbound;
            return (budget.Waiting, budget.CountTokens, budget.ByteTokens);
        }
    }

    /// <summary>Announces a transaction that the pool has had for a while. New ones are announced anyway.</summary>
    internal void Announce(Transaction transaction)
    {
        PoolEntry? entry;
        lock (node.Tree.Gate)
        {
            entry = node.Pool.Find(transaction.GetHash());
        }

        if (entry is not null)
        {
            OnAdded(entry);
        }
    }

    /// <summary>Announces own transactions that no peer has requested once more.</summary>
    internal void AnnounceAgain()
    {
        PoolEntry[] waiting;
        lock (node.Tree.Gate)
        {
            waiting = [.. node.Pool.Unbroadcast.Select(node.Pool.Find).OfType<PoolEntry>()];
        }

        foreach (PoolEntry entry in waiting)
        {
            OnAdded(entry);
        }
    }

    /// <summary>Gives the peers the transactions that came into the pool, as far as there are tokens.</summary>
    internal void Spread()
    {
        lock (_spreading)
        {
            while (_added.TryDequeue(out (PoolEntry Entry, IReadOnlyList<Peer> To) news))
            {
                // One by one: only what waits already may use tokens ahead of their time.
                _inbound.Add(news.Entry, [.. news.To.Where(static peer => peer.IsInbound)]);
                _outbound.Add(news.Entry, [.. news.To.Where(static peer => !peer.IsInbound)]);
                SpreadWaiting();
            }

            SpreadWaiting();
        }
    }

    private void SpreadWaiting()
    {
        DateTimeOffset now = node.Clock.GetUtcNow();
        foreach ((PoolEntry entry, IReadOnlyList<Peer> to) in
            _inbound.Take(now, Sort).Concat(_outbound.Take(now, Sort)))
        {
            lock (group.Gate)
            {
                foreach (Peer peer in to)
                {
                    if (!peer.KnownTransactions.Contains(peer.AnnouncesByWitness ? entry.WitnessHash : entry.Txid))
                    {
                        peer.ToAnnounce.Add(entry.Txid);
                    }
                }
            }
        }
    }

    /// <summary>Parents first, and higher fee rates before lower ones, without those that left the pool.</summary>
    private List<PoolEntry> Sort(IEnumerable<PoolEntry> entries)
    {
        lock (node.Tree.Gate)
        {
            HashSet<PoolEntry> wanted = [.. entries.Where(entry => ReferenceEquals(node.Pool.Find(entry.Txid), entry))];
            List<Chunk> chunks =
                [
                    .. wanted.Select(static entry => entry.Cluster)
                        .Distinct()
                        .SelectMany(static cluster => cluster.Chunks),
                ];

            // Stable, so that the chunks of a cluster stay in their order.
            return
            [
                .. chunks.Order(Comparer<Chunk>.Create(static (one, other) => one.IsBetterThan(other) ? -1
                    : other.IsBetterThan(one) ? 1
                    : 0))
                    .SelectMany(static chunk => chunk.Entries)
                    .Where(wanted.Contains),
            ];
        }
    }

    // Runs under the tree's gate, which comes after the group's gate: so it only queues the transaction.
    private void OnAdded(PoolEntry entry)
        => _added.Enqueue(
            (entry, [.. group.All.Where(static peer => peer.IsEstablished && peer.WantsTransactions)]));
}
