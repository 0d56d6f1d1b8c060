using Bitcoin.Chain;
using Bitcoin.Chain.Rules;
using Bitcoin.Node.Mempool;
using NBitcoin;

namespace Bitcoin.Node.Net;

// Announced transactions: which peer to ask, how to handle received transactions, and orphans.
internal sealed partial class PeerMessages
{
    private const int MaxAnnouncements = 5000;
    private const int MaxAsked = 100;
    private const int MaxAskedAtOnce = 1000;
    private const int MaxOrphanWeight = 400_000;
    private static readonly TimeSpan s_patience = TimeSpan.FromSeconds(60);
    private static readonly TimeSpan s_delay = TimeSpan.FromSeconds(2);

    private readonly TransactionRequests _requests = new();

    // Hashes that need no request: refused since the tip changed; refused alone, but good in a package with a child; in
    // one of the last blocks.
    private readonly RecentHashes _rejected = new(120_000);
    private readonly RecentHashes _reconsiderable = new(120_000);
    private readonly RecentHashes _confirmed = new(48_000);

    /// <summary>
    /// Held while a received transaction is checked. Otherwise a parent and its child that come at the same time could
    /// miss each other. Taken before the tree's gate, never under the group's gate.
    /// </summary>
    private readonly Lock _offering = new();

    /// <summary>Requests the transactions that are due from a peer.</summary>
    internal void RequestTransactions(Peer peer)
    {
        DateTimeOffset now = _node.Clock.GetUtcNow();
        List<(uint256 Hash, bool IsWitness)> due = _requests.Due(
            peer.Id,
            now,
            (other, hash, isWitness) => _log.Write(
                "net", $"timeout of inflight {(isWitness ? "wtx" : "tx")} {hash} from peer={other}"));
        List<(InventoryKind Kind, uint256 Hash)> wanted = [];
        foreach ((uint256 hash, bool isWitness) in due)
        {
            if (IsHere(hash, isWitness, withReconsiderable: false))
            {
                _requests.Forget(hash);
                continue;
            }

            _log.Write("net", $"Requesting {(isWitness ? "wtx" : "tx")} {hash} peer={peer.Id}");
            _requests.Asked(peer.Id, hash, now + s_patience);
            wanted.Add(
                (isWitness ? InventoryKind.WitnessTransaction : InventoryKind.Transaction | FlagOf(peer), hash));
        }

        foreach ((InventoryKind, uint256)[] part in wanted.Chunk(MaxAskedAtOnce))
        {
            SendGetData(peer, [.. part]);
        }
    }

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

    /// <summary>Removes a peer. Its requests go to other peers.</summary>
    internal void ForgetTransactions(Peer peer)
    {
        lock (_offering)
        {
            _requests.RemovePeer(peer.Id);
            _orphans.RemovePeer(peer.Id);
        }
    }

    /// <summary>
    /// Drops the requests for the transactions of a block, and marks the orphans that spend them to be checked.
    /// </summary>
    internal void BlockConnected(ChainBlock place, Block block)
    {
        Dictionary<uint256, Transaction> transactions = [];
        foreach (Transaction transaction in block.Transactions)
        {
            transactions[transaction.GetHash()] = transactions[transaction.GetWitHash()] = transaction;
        }

        lock (_group.Gate)
        {
            RelaxStalling();
            _lastBlock = (place, block);
            _lastTransactions = transactions;
        }

        if (_node.IsInitialDownload)
        {
            return;
        }

        lock (_offering)
        {
            int gone = _orphans.Remove(block);
            if (gone > 0)
            {
                _log.Write("txpackages", $"Erased {gone} orphan transaction(s) included or conflicted by block");
            }

            foreach (Transaction transaction in block.Transactions)
            {
                _orphans.ParentCame(transaction);
                Settle(_confirmed, transaction.GetHash());
                Settle(_confirmed, transaction.GetWitHash());
            }
        }
    }

    /// <summary>The transactions of the block may be needed again.</summary>
    internal void BlockDisconnected() => _confirmed.Clear();

    private void TipChanged()
    {
        _rejected.Clear();
        _reconsiderable.Clear();
    }

    private bool RefusesTransactions(Peer peer)
    {
        return peer.Type is "block-relay-only" or "feeler"
            || (_options.BlocksOnly && !peer.May(PeerRights.Relay));
    }

    private void HandleAnnouncement(Peer peer, uint256 hash, bool isWitness, string name)
    {
        lock (_group.Gate)
        {
            peer.KnownTransactions.Add(hash);
        }

        if (_node.IsInitialDownload)
        {
            return;
        }

        bool isHere;
        lock (_offering)
        {
            if (isWitness && _orphans.Find(hash) is { } orphan)
            {
                isHere = true;
                List<uint256> missing = MissingParents(orphan);
                if (missing.Count > 0 && TryAskForParents(peer, hash, missing))
                {
                    _orphans.Add(orphan, peer.Id);
                }
            }
            else
            {
                isHere = IsHere(hash, isWitness, withReconsiderable: true);
                if (!isHere && (peer.May(PeerRights.Relay) || _requests.Count(peer.Id) < MaxAnnouncements))
                {
                    _requests.Announced(
                        peer.Id, hash, isWitness, IsPreferred(peer), FirstAskedAt(peer, isDelayed: !isWitness));
                }
            }
        }

        _log.Write("net", $"got inv: {name} {hash} {(isHere ? "have" : "new")} peer={peer.Id}");
    }

    private void HandleTransaction(Peer peer, byte[] payload)
    {
        if (RefusesTransactions(peer))
        {
            _group.Disconnect(peer, "transaction sent in violation of protocol");
            return;
        }

        if (_node.IsInitialDownload)
        {
            return;
        }

        if (!BlockParser.TryParse(payload, _node.Tree.Network, out Transaction? transaction))
        {
            throw new FormatException("the transaction cannot be read");
        }

        uint256 txid = transaction.GetHash();
        uint256 witness = transaction.GetWitHash();
        lock (_group.Gate)
        {
            peer.KnownTransactions.Add(peer.AnnouncesByWitness ? witness : txid);
        }

        lock (_offering)
        {
            _requests.Answered(peer.Id, txid);
            _requests.Answered(peer.Id, witness);
            if (IsHere(witness, isWitness: true, withReconsiderable: false))
            {
                RelayByForce(peer, transaction);
            }
            else if (_reconsiderable.Contains(witness))
            {
                // It is not checked alone again, but a child that pays for it may have come meanwhile.
                RelayByForce(peer, transaction);
                _log.Write(
                    "txpackages",
                    $"found tx {txid} (wtxid={witness}) in reconsiderable rejects, looking for child in orphanage");
                TryWithChild(peer, transaction);
            }
            else
            {
                Offer(peer, transaction);
            }
        }

        ReconsiderOrphans(peer);
    }

    private void HandleNotFound(Peer peer, byte[] payload)
    {
        if (ReadInventory(peer, payload, "notfound") is not { } items || items.Count > MaxAnnouncements + MaxInFlight)
        {
            return;
        }

        foreach ((InventoryKind kind, uint256 hash) in items)
        {
            if ((kind & ~InventoryKind.WitnessFlag) is InventoryKind.Transaction or InventoryKind.WitnessTransaction)
            {
                _requests.Answered(peer.Id, hash);
            }
        }
    }

    /// <summary>Whether a transaction needs no request.</summary>
    private bool IsHere(uint256 hash, bool isWitness, bool withReconsiderable)
    {
        // Without a witness both hashes are the same. With a witness, a transaction can have many forms, and one bad
        // form must not stand for the others. So they are not looked up by the hash without the witness.
        if (_orphans.Contains(hash)
            || (withReconsiderable && _reconsiderable.Contains(hash))
            || _confirmed.Contains(hash)
            || _rejected.Contains(hash))
        {
            return true;
        }

        lock (_node.Tree.Gate)
        {
            return (isWitness ? _node.Pool.FindByWitness(hash) : _node.Pool.Find(hash)) is not null;
        }
    }

    private static bool IsPreferred(Peer peer)
    {
        return (!peer.IsInbound || peer.May(PeerRights.NoBan))
            && peer.Type != "addr-fetch"
            && (peer.Services & (NodeNetwork | NodeLimited)) != 0;
    }

    /// <summary>
    /// When to ask a peer: at once if this node chose it, otherwise, and for the old hash, a little later.
    /// </summary>
    private DateTimeOffset FirstAskedAt(Peer peer, bool isDelayed)
    {
        bool isOverloaded = !peer.May(PeerRights.Relay) && _requests.CountAsked(peer.Id) >= MaxAsked;
        return _node.Clock.GetUtcNow()
            + (IsPreferred(peer) ? TimeSpan.Zero : s_delay)
            + (isDelayed && _group.HasWitnessPeer ? s_delay : TimeSpan.Zero)
            + (isOverloaded ? s_delay : TimeSpan.Zero);
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

    /// <summary>Ends all requests for a transaction, and remembers the reason.</summary>
    private void Settle(RecentHashes reason, uint256 hash)
    {
        reason.Add(hash);
        _requests.Forget(hash);
    }
}
