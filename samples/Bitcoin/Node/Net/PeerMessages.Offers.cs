using Bitcoin.Chain;
using Bitcoin.Chain.Rules;
using Bitcoin.Node.Mempool;
using NBitcoin;

namespace Bitcoin.Node.Net;

// Received transactions: they are offered to the pool, alone or with a relative, and kept while a parent is missing.
internal sealed partial class PeerMessages
{
    private const int MaxOrphanWeight = 400_000;

    /// <summary>
    /// Held while a received transaction is checked. Otherwise a parent and its child that come at the same time could
    /// miss each other. Taken before the tree's gate, never under the group's gate.
    /// </summary>
    private readonly Lock _offering = new();

    /// <summary>Checks orphans again whose parent has come.</summary>
    internal void ReconsiderOrphans(Peer peer)
    {
        while (true)
        {
            lock (_offering)
            {
                if (_orphans.TakeWaiting(peer.Id) is not { } orphan)
                {
                    return;
                }

                PoolResult result = _node.Pool.Acceptance.Accept(orphan);
                string name = $"{orphan.GetHash()} (wtxid={orphan.GetWitHash()})";
                if (result.Refusal is not { } refusal)
                {
                    _log.Write("txpackages", $"   accepted orphan tx {name}");
                    Accepted(peer, orphan);
                }
                else if (refusal.Kind != RefusalKind.MissingInputs)
                {
                    _log.Write("txpackages", $"   invalid orphan tx {name} from peer={peer.Id}. {refusal}");
                    Refused(peer, orphan, refusal, isFirstTime: false);
                }
            }
        }
    }

    private void Offer(Peer peer, Transaction transaction)
    {
        PoolResult result = _node.Pool.Acceptance.Accept(transaction);
        if (result.Refusal is { } refusal)
        {
            Refused(peer, transaction, refusal, isFirstTime: true);
            return;
        }

        foreach (PoolEntry gone in result.Replaced ?? [])
        {
            KeepExtra(gone.Transaction);
        }

        peer.LastTransaction = _node.Clock.GetUtcNow();
        Accepted(peer, transaction);
    }

    private void Accepted(Peer peer, Transaction transaction)
    {
        uint256 txid = transaction.GetHash();
        uint256 witness = transaction.GetWitHash();
        _log.Write(
            "mempool",
            $"AcceptToMemoryPool: peer={peer.Id}: accepted {txid} (wtxid={witness}) (poolsz {_node.Pool.Count} txn, "
                + $"{_node.Pool.Usage / 1000} kB)");
        _requests.Forget(txid);
        _requests.Forget(witness);
        _orphans.ParentCame(transaction);
        _orphans.Remove(witness);
    }

    private void Refused(Peer peer, Transaction transaction, Refusal refusal, bool isFirstTime)
    {
        uint256 txid = transaction.GetHash();
        uint256 witness = transaction.GetWitHash();
        _log.Write("mempoolrej", $"{txid} (wtxid={witness}) from peer={peer.Id} was not accepted: {refusal}");
        if (isFirstTime && refusal.Kind != RefusalKind.WitnessStripped)
        {
            KeepExtra(transaction);
        }

        if (refusal.Kind == RefusalKind.MissingInputs)
        {
            if (isFirstTime && !_rejected.Contains(witness))
            {
                KeepOrphan(peer, transaction);
            }

            return;
        }

        if (refusal.Kind == RefusalKind.Reconsiderable)
        {
            Settle(_reconsiderable, witness);
            if (isFirstTime)
            {
                _log.Write(
                    "txpackages",
                    $"tx {txid} (wtxid={witness}) failed but reconsiderable, looking for child in orphanage");
                TryWithChild(peer, transaction);
            }
        }
        else if (refusal.Kind != RefusalKind.WitnessStripped)
        {
            // Without a witness, it may be a stripped copy of a valid transaction.
            Settle(_rejected, witness);
            if (refusal.Reason == "bad-txns-nonstandard-inputs" && transaction.HasWitness)
            {
                // Its inputs are invalid, whatever the witness is.
                Settle(_rejected, txid);
            }
        }

        if (_orphans.Remove(witness))
        {
            _log.Write("txpackages", $"   removed orphan tx {txid} (wtxid={witness})");
        }
    }

    private void RelayByForce(Peer peer, Transaction transaction)
    {
        if (!peer.May(PeerRights.ForceRelay))
        {
            return;
        }

        bool isWaiting;
        lock (_node.Tree.Gate)
        {
            isWaiting = _node.Pool.Find(transaction.GetHash()) is not null;
        }

        string name = $"{transaction.GetHash()} (wtxid={transaction.GetWitHash()})";
        if (isWaiting)
        {
            _log.Write($"Force relaying tx {name} from peer={peer.Id}");
            _group.News.Announce(transaction);
        }
        else
        {
            _log.Write($"Not relaying non-mempool transaction {name} from forcerelay peer={peer.Id}");
        }
    }

    private void KeepOrphan(Peer peer, Transaction transaction)
    {
        uint256 txid = transaction.GetHash();
        uint256 witness = transaction.GetWitHash();
        uint256[] parents = Parents(transaction);
        int reconsiderable;
        lock (_node.Tree.Gate)
        {
            reconsiderable = parents.Count(
                parent => _reconsiderable.Contains(parent) && _node.Pool.Find(parent) is null);
        }

        // A child may pay for one parent that is too cheap, but not for several.
        if (reconsiderable > 1 || parents.Any(_rejected.Contains))
        {
            _log.Write("mempool", $"not keeping orphan with rejected parents {txid} (wtxid={witness})");
            Settle(_rejected, txid);
            Settle(_rejected, witness);
            return;
        }

        List<uint256> missing = MissingParents(transaction);
        if (transaction.Weight() > MaxOrphanWeight)
        {
            _log.Write("txpackages", $"ignoring large orphan tx (size: {transaction.Weight()}, txid: {txid})");
        }
        else
        {
            foreach (long id in new[] { peer.Id }.Concat(_requests.PeersFor(txid)).Concat(_requests.PeersFor(witness)))
            {
                if (_group.Find(id) is { } candidate && TryAskForParents(candidate, witness, missing))
                {
                    int gone = _orphans.Add(transaction, id);
                    _log.Write("txpackages", $"stored orphan tx {txid} (wtxid={witness})");
                    if (gone > 0)
                    {
                        _log.Write("txpackages", $"orphanage overflow, removed {gone} tx");
                    }
                }
            }
        }

        _requests.Forget(txid);
        _requests.Forget(witness);
    }

    /// <summary>
    /// Requests the missing parents of an orphan from its peer. Later than an announced transaction, because a parent
    /// and its child are often announced together.
    /// </summary>
    /// <returns>False if the peer has enough requests, or was asked before.</returns>
    private bool TryAskForParents(Peer peer, uint256 orphan, List<uint256> parents)
    {
        if (_orphans.IsFrom(orphan, peer.Id)
            || (!peer.May(PeerRights.Relay) && _requests.Count(peer.Id) + parents.Count > MaxAnnouncements))
        {
            return false;
        }

        DateTimeOffset from = FirstAskedAt(peer, isDelayed: true);
        foreach (uint256 parent in parents)
        {
            _requests.Announced(peer.Id, parent, isWitness: false, IsPreferred(peer), from);
        }

        _log.Write("txpackages", $"added peer={peer.Id} as a candidate for resolving orphan {orphan}");
        return true;
    }

    /// <summary>Offers a transaction that is too cheap together with a child from the same peer.</summary>
    private void TryWithChild(Peer peer, Transaction parent)
    {
        Transaction? child = _orphans.ChildrenFrom(parent, peer.Id).Find(
            one => !_reconsiderable.Contains(PackageHash(parent, one)) && !_rejected.Contains(one.GetHash()));
        if (child is null)
        {
            return;
        }

        (string? error, List<PoolResult> results, _) = OfferTogether([parent, child]);
        string Name(Transaction one) => $"{one.GetHash()} (wtxid={one.GetWitHash()}, sender={peer.Id})";
        _log.Write(
            "txpackages",
            $"package evaluation for parent {Name(parent)} + child {Name(child)}: package "
                + (error is null ? "accepted" : "rejected"));
        if (error is not null)
        {
            _reconsiderable.Add(PackageHash(parent, child));
        }

        // The child first, so that it is no longer an orphan when the children of the parent are searched.
        foreach ((PoolResult result, Transaction one) in results.Zip([parent, child]).Reverse())
        {
            if (result.Refusal is { } refusal)
            {
                Refused(peer, one, refusal, isFirstTime: false);
            }
            else
            {
                Accepted(peer, one);
            }
        }
    }

    private (string? PackageError, List<PoolResult> Results, IReadOnlyList<Transaction> Joint) OfferTogether(
        IReadOnlyList<Transaction> transactions)
    {
        lock (_node.Tree.Gate)
        {
            return _node.Pool.Packages.Submit(transactions);
        }
    }

    private static uint256 PackageHash(params IEnumerable<Transaction> transactions)
    {
        // Sorted as numbers, so that the order of the transactions does not matter.
        byte[] all =
            [
                .. transactions.Select(static one => one.GetWitHash())
                    .OrderBy(static hash => hash)
                    .SelectMany(static hash => hash.ToBytes()),
            ];
        return new uint256(System.Security.Cryptography.SHA256.HashData(all));
    }

    private static uint256[] Parents(Transaction transaction)
        => [.. transaction.Inputs.Select(static input => input.PrevOut.Hash).Distinct()];

    private List<uint256> MissingParents(Transaction transaction)
    {
        return
        [
            .. Parents(transaction).Where(
                parent => !IsHere(parent, isWitness: false, withReconsiderable: false)),
        ];
    }
}
