using System.Collections.Concurrent;
using Bitcoin.Node.Mempool;
using NBitcoin;

namespace Bitcoin.Node.Net;

/// <summary>Queues new transactions for announcement, for every peer.</summary>
internal sealed class TransactionNews(NodeContext node, PeerGroup group)
{
    // Each with the peers that were connected when it came. A later peer asks for the pool if it wants it.
    private readonly ConcurrentQueue<(PoolEntry Entry, IReadOnlyList<Peer> To)> _added = new();

    /// <summary>Begins to follow the pool.</summary>
    internal void Start() => node.Pool.Added += OnAdded;

    /// <summary>Announces a transaction of this node's own to all peers.</summary>
    internal void Announce(Transaction transaction)
    {
        lock (group.Gate)
        {
            uint256 txid = transaction.GetHash();
            uint256 witness = transaction.GetWitHash();
            foreach (Peer peer in group.All.Where(static peer => peer.IsEstablished && peer.WantsTransactions))
            {
                if (!peer.KnownTransactions.Contains(peer.AnnouncesByWitness ? witness : txid))
                {
                    peer.ToAnnounce.Add(txid);
                }
            }
        }
    }

    /// <summary>Announces own transactions that no peer has requested once more.</summary>
    internal void AnnounceAgain()
    {
        Transaction[] waiting;
        lock (node.Tree.Gate)
        {
            waiting =
                [
                    .. node.Pool.Unbroadcast.Select(node.Pool.Find)
                        .OfType<PoolEntry>()
                        .Select(static entry => entry.Transaction),
                ];
        }

        foreach (Transaction transaction in waiting)
        {
            Announce(transaction);
        }
    }

    /// <summary>Notes the transactions that came into the pool meanwhile.</summary>
    internal void Spread()
    {
        while (_added.TryDequeue(out (PoolEntry Entry, IReadOnlyList<Peer> To) news))
        {
            PoolEntry entry = news.Entry;
            lock (group.Gate)
            {
                foreach (Peer peer in news.To)
                {
                    if (!peer.KnownTransactions.Contains(peer.AnnouncesByWitness ? entry.WitnessHash : entry.Txid))
                    {
                        peer.ToAnnounce.Add(entry.Txid);
                    }
                }
            }
        }
    }

    // Runs under the tree's gate, which comes after the group's gate: so it only queues the transaction.
    private void OnAdded(PoolEntry entry)
        => _added.Enqueue(
            (entry, [.. group.All.Where(static peer => peer.IsEstablished && peer.WantsTransactions)]));
}
