using NBitcoin;

namespace Bitcoin.Node.Net;

/// <summary>Transactions that came before what they spend.</summary>
internal sealed class OrphanPool
{
    private const int Most = 100;

    private readonly Lock _gate = new();
    private readonly Dictionary<uint256, (Transaction Transaction, long Peer)> _byWitness = [];

    internal IReadOnlyList<(Transaction Transaction, long Peer)> All
    {
        get
        {
            lock (_gate)
            {
                return [.. _byWitness.Values];
            }
        }
    }

    internal void Add(Transaction transaction, long peer)
    {
        lock (_gate)
        {
            if (_byWitness.Count >= Most)
            {
                _byWitness.Remove(_byWitness.Keys.ElementAt(Random.Shared.Next(_byWitness.Count)));
            }

            _byWitness[transaction.GetWitHash()] = (transaction, peer);
        }
    }

    internal bool Contains(uint256 witnessHash)
    {
        lock (_gate)
        {
            return _byWitness.ContainsKey(witnessHash);
        }
    }

    /// <summary>Takes those out that spend an output of a transaction.</summary>
    internal IReadOnlyList<(Transaction Transaction, long Peer)> TakeChildren(uint256 txid)
    {
        lock (_gate)
        {
            uint256[] children = [.. _byWitness.Where(pair => pair.Value.Transaction.Inputs.Any(input => input.PrevOut.Hash == txid)).Select(static pair => pair.Key)];
            List<(Transaction, long)> taken = [];
            foreach (uint256 child in children)
            {
                taken.Add(_byWitness[child]);
                _byWitness.Remove(child);
            }

            return taken;
        }
    }

    internal void Remove(Transaction transaction)
    {
        lock (_gate)
        {
            _byWitness.Remove(transaction.GetWitHash());
        }
    }

    internal void Clear()
    {
        lock (_gate)
        {
            _byWitness.Clear();
        }
    }
}
