using Bitcoin.Chain;
using Bitcoin.Chain.Rules;
using Bitcoin.Node.Mempool;
using Bitcoin.Primitives;
using NBitcoin;

namespace Bitcoin.Node.Net;

// Announced transactions: which peer to ask, and what is received.
internal sealed partial class PeerMessages
{
    private const int MaxAnnouncements = 5000;
    private const int MaxAsked = 100;
    private const int MaxAskedAtOnce = 1000;
    private static readonly TimeSpan s_patience = TimeSpan.FromSeconds(60);
    private static readonly TimeSpan s_delay = TimeSpan.FromSeconds(2);

    private readonly TransactionRequests _requests = new();

    // Hashes that need no request: refused since the tip changed; refused alone, but good in a package with a child; in
    // one of the last blocks.
    private readonly RecentHashes _rejected = new(120_000);
    private readonly RecentHashes _reconsiderable = new(120_000);
    private readonly RecentHashes _confirmed = new(48_000);

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

            if (!_requests.Asked(peer.Id, hash, now, now + s_patience))
            {
                continue;
            }

            _log.Write("net", $"Requesting {(isWitness ? "wtx" : "tx")} {hash} peer={peer.Id}");
            wanted.Add(
                (isWitness ? InventoryKind.WitnessTransaction : InventoryKind.Transaction | FlagOf(peer), hash));
        }

        foreach ((InventoryKind, uint256)[] part in wanted.Chunk(MaxAskedAtOnce))
        {
            SendGetData(peer, [.. part]);
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

        WireReader reader = new(payload);
        Transaction transaction = BlockParser.Read(ref reader, _node.Tree.Network);
        uint256 txid = transaction.GetHash();
        uint256 witness = transaction.GetWitHash();
        lock (_group.Gate)
        {
            peer.KnownTransactions.Add(peer.AnnouncesByWitness ? witness : txid);
        }

        _group.Private?.Received(transaction, peer);
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

    /// <summary>Ends all requests for a transaction, and remembers the reason.</summary>
    private void Settle(RecentHashes reason, uint256 hash)
    {
        reason.Add(hash);
        _requests.Forget(hash);
    }
}
