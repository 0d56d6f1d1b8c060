using NBitcoin;

namespace Bitcoin.Node.Net;

/// <summary>
/// Transactions that came before what they spend, each with all peers that told of it: when one of them goes, the
/// others may still know. Any thread.
/// </summary>
internal sealed class OrphanPool
{
    private const int Most = 100;

    private readonly Lock _gate = new();
    private readonly Dictionary<uint256, Orphan> _byWitness = [];

    /// <summary>All, each with who told of it.</summary>
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

    /// <summary>Keeps a transaction; some other goes where there are too many.</summary>
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

    /// <summary>Notes that a peer told of a transaction that is here.</summary>
    /// <returns>Whether it is here.</returns>
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

    /// <summary>Takes those out that spend an output of a transaction.</summary>
    internal IReadOnlyList<(Transaction Transaction, IReadOnlyList<long> Peers)> TakeChildren(uint256 txid)
    {
        lock (_gate)
        {
            return Take(orphan => orphan.Transaction.Inputs.Any(input => input.PrevOut.Hash == txid));
        }
    }

    /// <summary>A block is there: what it has, or has spent, is no orphan any more.</summary>
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

    /// <summary>A peer is gone, and with it what nobody else told of.</summary>
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
