using NBitcoin;

namespace Bitcoin.Node.Net;

/// <summary>
/// Transactions that came before their parents. Each is stored with all peers that announced it: if one of these
/// disconnects, the others may still have the parents. Thread-safe.
/// </summary>
internal sealed class OrphanPool
{
    private const int Most = 100;

    private readonly Lock _gate = new();
    private readonly Dictionary<uint256, Orphan> _byWitness = [];

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
                        static orphan => (orphan.Transaction, (IReadOnlyList<long>)[.. orphan.Peers])),
                ];
            }
        }
    }

    /// <summary>Adds a transaction; removes another one if there are too many.</summary>
    internal void Add(Transaction transaction, params IEnumerable<long> peers)
    {
        lock (_gate)
        {
            uint256 hash = transaction.GetWitHash();
            if (!_byWitness.TryGetValue(hash, out Orphan? orphan))
            {
                if (_byWitness.Count >= Most)
                {
                    _byWitness.Remove(_byWitness.Keys.ElementAt(Random.Shared.Next(_byWitness.Count)));
                }

                _byWitness.Add(hash, orphan = new Orphan(transaction, []));
            }

            orphan.Peers.UnionWith(peers);
        }
    }

    internal bool Contains(uint256 witnessHash)
    {
        lock (_gate)
        {
            return _byWitness.ContainsKey(witnessHash);
        }
    }

    /// <summary>Records that a peer announced an orphan.</summary>
    /// <returns>Whether the orphan is in the pool.</returns>
    internal bool Announced(uint256 witnessHash, long peer)
    {
        lock (_gate)
        {
            if (!_byWitness.TryGetValue(witnessHash, out Orphan? orphan))
            {
                return false;
            }

            orphan.Peers.Add(peer);
            return true;
        }
    }

    /// <summary>Removes and returns the orphans that spend an output of a transaction.</summary>
    internal IReadOnlyList<(Transaction Transaction, IReadOnlyList<long> Peers)> TakeChildren(uint256 txid)
    {
        lock (_gate)
        {
            return Take(orphan => orphan.Transaction.Inputs.Any(input => input.PrevOut.Hash == txid));
        }
    }

    /// <summary>Removes the orphans that a block contains, or conflicts with.</summary>
    internal int Remove(Block block)
    {
        lock (_gate)
        {
            HashSet<OutPoint> spent =
                [
                    .. block.Transactions.SelectMany(
                        static transaction => transaction.Inputs).Select(static input => input.PrevOut),
                ];
            return Take(orphan => orphan.Transaction.Inputs.Any(input => spent.Contains(input.PrevOut))).Count;
        }
    }

    /// <summary>Removes a peer, and the orphans that only this peer announced.</summary>
    internal int RemovePeer(long peer)
    {
        lock (_gate)
        {
            return Take(orphan => orphan.Peers.Remove(peer) && orphan.Peers.Count == 0).Count;
        }
    }

    private List<(Transaction Transaction, IReadOnlyList<long> Peers)> Take(Func<Orphan, bool> isWanted)
    {
        List<(Transaction, IReadOnlyList<long>)> taken = [];
        foreach ((uint256 hash, Orphan orphan) in _byWitness.Where(pair => isWanted(pair.Value)).ToArray())
        {
            _byWitness.Remove(hash);
            taken.Add((orphan.Transaction, [.. orphan.Peers]));
        }

        return taken;
    }

    private sealed record Orphan(Transaction Transaction, HashSet<long> Peers);
}
