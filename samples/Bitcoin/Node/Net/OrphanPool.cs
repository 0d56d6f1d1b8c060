using Bitcoin.Chain.Rules;
using NBitcoin;

namespace Bitcoin.Node.Net;

/// <summary>
/// Transactions that came before their parents. Each is stored with all peers that announced it: if one of these
/// disconnects, the others may still have the parents. Thread-safe.
/// </summary>
/// <remarks>
/// The pool is limited by weight, with a share for each peer, and by the cost of checking all orphans again. Beyond a
/// limit, the peer that exceeds its share most loses its oldest orphans. So no peer can displace the orphans of others.
/// </remarks>
internal sealed class OrphanPool
{
    private const int MaxCost = 3000;
    private const long WeightPerPeer = 404_000;
    private const int InputsPerCost = 10;

    private readonly Lock _gate = new();

    // All guarded by _gate.
    private readonly Dictionary<uint256, Orphan> _byWitness = [];
    private readonly Dictionary<OutPoint, HashSet<Orphan>> _bySpent = [];
    private readonly Dictionary<long, Usage> _byPeer = [];
    private long _weight;
    private int _cost;
    private long _sequence;

    /// <summary>All orphans, each with the peers that announced it.</summary>
    internal IReadOnlyList<(Transaction Transaction, IReadOnlyList<long> Peers)> All
    {
        get
        {
            lock (_gate)
            {
                return
                [
                    .. _byWitness.Values.Select(
                        static orphan => (orphan.Transaction, (IReadOnlyList<long>)[.. orphan.Peers.Keys])),
                ];
            }
        }
    }

    /// <summary>Adds a transaction, or notes that one more peer announced it.</summary>
    /// <returns>The number of orphans that were removed for it.</returns>
    internal int Add(Transaction transaction, long peer)
    {
        lock (_gate)
        {
            uint256 hash = transaction.GetWitHash();
            if (!_byWitness.TryGetValue(hash, out Orphan? orphan))
            {
                _byWitness.Add(hash, orphan = new Orphan(transaction, hash));
                _weight += orphan.Weight;
                _cost += orphan.Cost - 1;
                foreach (TxIn input in transaction.Inputs)
                {
                    if (!_bySpent.TryGetValue(input.PrevOut, out HashSet<Orphan>? spenders))
                    {
                        _bySpent.Add(input.PrevOut, spenders = []);
                    }

                    spenders.Add(orphan);
                }
            }

            if (orphan.Peers.TryAdd(peer, new Announcement(_sequence++)))
            {
                _cost++;
                if (!_byPeer.TryGetValue(peer, out Usage? usage))
                {
                    _byPeer.Add(peer, usage = new Usage());
                }

                usage.Weight += orphan.Weight;
                usage.Cost += orphan.Cost;
                usage.Orphans.Add(orphan);
            }

            return Limit();
        }
    }

    /// <summary>The transaction with a hash; null if it is not here.</summary>
    internal Transaction? Find(uint256 witnessHash)
    {
        lock (_gate)
        {
            return _byWitness.TryGetValue(witnessHash, out Orphan? orphan) ? orphan.Transaction : null;
        }
    }

    internal bool Contains(uint256 witnessHash) => Find(witnessHash) is not null;

    /// <summary>Whether a transaction is here and was announced by a peer.</summary>
    internal bool IsFrom(uint256 witnessHash, long peer)
    {
        lock (_gate)
        {
            return _byWitness.TryGetValue(witnessHash, out Orphan? orphan) && orphan.Peers.ContainsKey(peer);
        }
    }

    /// <summary>The orphans of a peer that spend outputs of a transaction, the newest first.</summary>
    internal List<Transaction> ChildrenFrom(Transaction parent, long peer)
    {
        lock (_gate)
        {
            return
            [
                .. Children(parent).Where(child => child.Peers.ContainsKey(peer))
                    .OrderByDescending(child => child.Peers[peer].IsWaiting)
                    .ThenByDescending(child => child.Peers[peer].Sequence)
                    .Select(static child => child.Transaction),
            ];
        }
    }

    /// <summary>
    /// Marks the orphans that spend outputs of a transaction to be checked again, each for one of the peers that
    /// announced it.
    /// </summary>
    internal void ParentCame(Transaction parent)
    {
        lock (_gate)
        {
            foreach (Orphan child in Children(parent))
            {
                if (child.Peers.Values.All(static one => !one.IsWaiting))
                {
                    long peer = child.Peers.Keys.ElementAt(Random.Shared.Next(child.Peers.Count));
                    child.Peers[peer].IsWaiting = true;
                    _byPeer[peer].Waiting.Add(child);
                }
            }
        }
    }

    /// <summary>The next orphan of a peer to check again; null for none. It stays in the pool.</summary>
    internal Transaction? TakeWaiting(long peer)
    {
        lock (_gate)
        {
            if (!_byPeer.TryGetValue(peer, out Usage? usage) || usage.Waiting.Count == 0)
            {
                return null;
            }

            Orphan next = usage.Waiting.MinBy(orphan => orphan.Peers[peer].Sequence)!;
            usage.Waiting.Remove(next);
            next.Peers[peer].IsWaiting = false;
            return next.Transaction;
        }
    }

    internal bool Remove(uint256 witnessHash)
    {
        lock (_gate)
        {
            return _byWitness.TryGetValue(witnessHash, out Orphan? orphan) && Remove(orphan);
        }
    }

    /// <summary>Removes the orphans that a block contains, or conflicts with.</summary>
    internal int Remove(Block block)
    {
        lock (_gate)
        {
            Orphan[] gone =
                [
                    .. block.Transactions.SelectMany(static transaction => transaction.Inputs)
                        .SelectMany(input => _bySpent.TryGetValue(input.PrevOut, out HashSet<Orphan>? all)
                            ? all
                            : Enumerable.Empty<Orphan>())
                        .Distinct(),
                ];
            return gone.Count(Remove);
        }
    }

    /// <summary>Removes a peer, and the orphans that only this peer announced.</summary>
    internal int RemovePeer(long peer)
    {
        lock (_gate)
        {
            int gone = 0;
            if (_byPeer.TryGetValue(peer, out Usage? usage))
            {
                foreach (Orphan orphan in usage.Orphans.ToArray())
                {
                    gone += RemoveFrom(orphan, peer) ? 1 : 0;
                }
            }

            return gone;
        }
    }

    private IEnumerable<Orphan> Children(Transaction parent)
    {
        uint256 txid = parent.GetHash();
        return Enumerable.Range(0, parent.Outputs.Count)
            .SelectMany(i => _bySpent.TryGetValue(new OutPoint(txid, i), out HashSet<Orphan>? all)
                ? all
                : Enumerable.Empty<Orphan>())
            .Distinct();
    }

    private int Limit()
    {
        int gone = 0;
        while (_byPeer.Count > 0 && (_cost > MaxCost || _weight > WeightPerPeer * _byPeer.Count))
        {
            double costPerPeer = MaxCost / (double)_byPeer.Count;
            (long peer, Usage usage) = _byPeer.MaxBy(
                pair => Math.Max(pair.Value.Cost / costPerPeer, pair.Value.Weight / (double)WeightPerPeer));

            // Orphans that wait for a check are removed last.
            Orphan oldest = usage.Orphans.MinBy(
                orphan => (orphan.Peers[peer].IsWaiting, orphan.Peers[peer].Sequence))!;
            gone += RemoveFrom(oldest, peer) ? 1 : 0;
        }

        return gone;
    }

    private bool Remove(Orphan orphan)
    {
        foreach (long peer in orphan.Peers.Keys.ToArray())
        {
            RemoveFrom(orphan, peer);
        }

        return true;
    }

    /// <summary>Removes a peer from those that announced a transaction.</summary>
    /// <returns>Whether it was the last peer, so that the transaction was removed.</returns>
    private bool RemoveFrom(Orphan orphan, long peer)
    {
        Usage usage = _byPeer[peer];
        usage.Weight -= orphan.Weight;
        usage.Cost -= orphan.Cost;
        usage.Orphans.Remove(orphan);
        usage.Waiting.Remove(orphan);
        if (usage.Orphans.Count == 0)
        {
            _byPeer.Remove(peer);
        }

        orphan.Peers.Remove(peer, out Announcement? told);
        _cost--;
        if (orphan.Peers.Count > 0)
        {
            if (told!.IsWaiting)
            {
                // Another peer takes over the check.
                long other = orphan.Peers.Keys.First();
                orphan.Peers[other].IsWaiting = true;
                _byPeer[other].Waiting.Add(orphan);
            }

            return false;
        }

        _byWitness.Remove(orphan.Hash);
        _weight -= orphan.Weight;
        _cost -= orphan.Cost - 1;
        foreach (TxIn input in orphan.Transaction.Inputs)
        {
            if (_bySpent.TryGetValue(input.PrevOut, out HashSet<Orphan>? spenders)
                && spenders.Remove(orphan)
                && spenders.Count == 0)
            {
                _bySpent.Remove(input.PrevOut);
            }
        }

        return true;
    }

    private sealed class Announcement(long sequence)
    {
        internal long Sequence { get; } = sequence;

        internal bool IsWaiting { get; set; }
    }

    private sealed class Orphan(Transaction transaction, uint256 hash)
    {
        internal Transaction Transaction { get; } = transaction;

        internal uint256 Hash { get; } = hash;

        internal long Weight { get; } = transaction.Weight();

        /// <summary>The cost of checking it again.</summary>
        internal int Cost { get; } = 1 + (transaction.Inputs.Count / InputsPerCost);

        internal Dictionary<long, Announcement> Peers { get; } = [];
    }

    private sealed class Usage
    {
        internal long Weight { get; set; }

        internal int Cost { get; set; }

        internal HashSet<Orphan> Orphans { get; } = [];

        internal HashSet<Orphan> Waiting { get; } = [];
    }
}
