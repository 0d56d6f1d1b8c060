using Bitcoin.Chain;
using Bitcoin.Node.Mempool;
using Bitcoin.Primitives;
using NBitcoin;

namespace Bitcoin.Node.Net;

/// <summary>The kind of object that a hash in an inventory means.</summary>
[Flags]
internal enum InventoryKind : uint
{
    None = 0,
    Transaction = 1,
    Block = 2,
    FilteredBlock = 3,
    CompactBlock = 4,
    WitnessTransaction = 5,
    WitnessFlag = 1u << 30,
}

// Transactions, and other objects that are requested by hash.
internal sealed partial class PeerMessages
{
    private const ulong MaxInventory = 50_000;
    private const int MaxAnnouncedAtOnce = 1000;
    private const double InboundDelaySeconds = 5;
    private const double OutboundDelaySeconds = 2;
    private const int MaxRejections = 100_000;

    // Guarded by the group's gate: transactions refused since the last block, and transactions requested.
    private readonly HashSet<uint256> _rejected = [];
    private readonly Dictionary<uint256, long> _requested = [];

    /// <summary>Announces new transactions to a peer.</summary>
    internal void AnnounceTransactions(Peer peer)
    {
        ulong sequence;
        lock (_node.Tree.Gate)
        {
            sequence = _node.Pool.Sequence;
        }

        uint256[] waiting;
        lock (_group.Gate)
        {
            DateTimeOffset now = _node.Clock.GetUtcNow();
            bool isTrusted = peer.May(PeerRights.NoBan);
            if (!isTrusted && peer.NextAnnouncement >= now)
            {
                return;
            }

            double seconds = peer.IsInbound ? InboundDelaySeconds : OutboundDelaySeconds;
            peer.NextAnnouncement = now + TimeSpan.FromSeconds(-Math.Log(1 - Random.Shared.NextDouble()) * seconds);
            peer.LastSequence = sequence;
            waiting = [.. peer.ToAnnounce.Take(MaxAnnouncedAtOnce)];
            peer.ToAnnounce.ExceptWith(waiting);
        }

        List<(uint256 Hash, int Depth, Transaction Transaction)> news = [];
        lock (_node.Tree.Gate)
        {
            foreach (uint256 txid in waiting)
            {
                if (_node.Pool.Find(txid) is { } entry)
                {
                    news.Add(
                        (peer.AnnouncesByWitness
                            ? entry.WitnessHash
                            : entry.Txid, entry.Ancestors().Count, entry.Transaction));
                }
            }

        }

        lock (_group.Gate)
        {
            news.RemoveAll(
                one => peer.Filter?.Matches(one.Transaction) == false || !peer.KnownTransactions.Add(one.Hash));
        }

        if (news.Count > 0)
        {
            WireWriter writer = new WireWriter().Count(news.Count);
            foreach ((uint256 hash, _, _) in news.OrderBy(static one => one.Depth))
            {
                writer.UInt32(
                    (uint)(peer.AnnouncesByWitness ? InventoryKind.WitnessTransaction : InventoryKind.Transaction))
                    .Hash(hash);
            }

            peer.Send("inv", writer.ToArray());
        }
    }

    private void ClearRejections()
    {
        lock (_group.Gate)
        {
            _rejected.Clear();
        }
    }

    private List<(InventoryKind Kind, uint256 Hash)>? ReadInventory(Peer peer, byte[] payload, string name)
    {
        WireReader reader = new(payload);
        ulong count = reader.Count();
        if (count > MaxInventory)
        {
            _group.Misbehaving(peer, $"{name} message size = {count}");
            return null;
        }

        List<(InventoryKind, uint256)> items = [];
        for (ulong i = 0; i < count; i++)
        {
            items.Add(((InventoryKind)reader.UInt32(), reader.Hash()));
        }

        return items;
    }

    private void HandleInventory(Peer peer, byte[] payload)
    {
        if (ReadInventory(peer, payload, "inv") is not { } items)
        {
            return;
        }

        uint256? unknownBlock = null;
        List<(InventoryKind Kind, uint256 Hash)> wanted = [];
        foreach ((InventoryKind kind, uint256 hash) in items)
        {
            if (kind == InventoryKind.Block)
            {
                bool isKnown = _node.Tree.Find(hash) is not null;
                _log.Write("net", $"got inv: block {hash}  {(isKnown ? "have" : "new")} peer={peer.Id}");
                lock (_group.Gate)
                {
                    LearnHash(peer, hash);
                }

                unknownBlock = isKnown ? unknownBlock : hash;
            }
            else if (kind is InventoryKind.Transaction or InventoryKind.WitnessTransaction)
            {
                if (_options.BlocksOnly && !peer.May(PeerRights.Relay))
                {
                    _group.Disconnect(peer, $"transaction ({hash}) inv sent in violation of protocol");
                    return;
                }

                // A peer announces transactions by one kind of hash only.
                if ((kind == InventoryKind.WitnessTransaction) == peer.AnnouncesByWitness
                    && !_node.IsInitialDownload
                    && Wants(peer, kind, hash))
                {
                    wanted.Add(
                        (kind == InventoryKind.Transaction
                            ? InventoryKind.Transaction | InventoryKind.WitnessFlag
                            : kind, hash));
                }
            }
            else
            {
                _log.Write("net", $"Unknown inv type \"{(uint)kind}\" received from peer={peer.Id}");
            }
        }

        if (unknownBlock is not null)
        {
            AskFor(peer, unknownBlock);
        }

        SendGetData(peer, wanted);
        RequestBlocks(peer);
    }

    /// <summary>
    /// Requests headers up to a block. A peer outside the initial sync is asked once, and only one such peer for each
    /// block.
    /// </summary>
    private void AskFor(Peer peer, uint256 block)
    {
        lock (_group.Gate)
        {
            if (!peer.HasStartedSync)
            {
                if (peer.HasAskedWithoutSync || block == _askedFor)
                {
                    return;
                }

                (peer.HasAskedWithoutSync, _askedFor) = (true, block);
            }
        }

        ChainBlock best = _node.Tree.BestHeader;
        if (SendGetHeaders(peer, best))
        {
            _log.Write("net", $"getheaders ({best.Height}) {block} to peer={peer.Id}");
        }
    }

    private bool Wants(Peer peer, InventoryKind kind, uint256 hash)
    {
        bool isThere;
        lock (_node.Tree.Gate)
        {
            isThere = (kind == InventoryKind.WitnessTransaction
                ? _node.Pool.FindByWitness(hash)
                : _node.Pool.Find(hash)) is not null;
        }

        lock (_group.Gate)
        {
            peer.KnownTransactions.Add(hash);
            long now = Environment.TickCount64;
            bool isAsked = _requested.TryGetValue(hash, out long since) && now - since < 60_000;
            if (isThere || isAsked || _rejected.Contains(hash) || _orphans.Announced(hash, peer.Id))
            {
                return false;
            }

            if (_requested.Count > MaxRejections)
            {
                _requested.Clear();
            }

            _requested[hash] = now;
            return true;
        }
    }

    private static void SendGetData(Peer peer, List<(InventoryKind Kind, uint256 Hash)> wanted)
    {
        if (wanted.Count == 0)
        {
            return;
        }

        WireWriter writer = new WireWriter().Count(wanted.Count);
        wanted.ForEach(one => writer.UInt32((uint)one.Kind).Hash(one.Hash));
        peer.Send("getdata", writer.ToArray());
    }

    private void HandleGetData(Peer peer, byte[] payload)
    {
        if (ReadInventory(peer, payload, "getdata") is not { } items)
        {
            return;
        }

        _log.Write("net", $"received getdata ({items.Count} invsz) peer={peer.Id}");
        List<(InventoryKind Kind, uint256 Hash)> missing = [];
        foreach ((InventoryKind kind, uint256 hash) in items)
        {
            InventoryKind plain = kind & ~InventoryKind.WitnessFlag;
            if (plain is InventoryKind.Transaction or InventoryKind.WitnessTransaction)
            {
                if (!TrySendTransaction(peer, kind, hash))
                {
                    missing.Add((kind, hash));
                }
            }
            else if (plain is InventoryKind.Block or InventoryKind.CompactBlock or InventoryKind.FilteredBlock)
            {
                SendBlock(peer, kind, hash);
            }
        }

        if (missing.Count > 0)
        {
            WireWriter writer = new WireWriter().Count(missing.Count);
            missing.ForEach(one => writer.UInt32((uint)one.Kind).Hash(one.Hash));
            peer.Send("notfound", writer.ToArray());
        }
    }

    private bool TrySendTransaction(Peer peer, InventoryKind kind, uint256 hash)
    {
        Transaction? transaction;
        lock (_node.Tree.Gate)
        {
            PoolEntry? entry = kind == InventoryKind.WitnessTransaction
                ? _node.Pool.FindByWitness(hash)
                : _node.Pool.Find(hash);
            if (entry is not null && entry.RelaySequence >= peer.LastSequence)
            {
                // The transaction was not announced yet: a peer that asks now only probes whether this node has it.
                entry = null;
            }

            transaction = entry?.Transaction;
            if (entry is not null)
            {
                _node.Pool.ForgetUnbroadcast(entry.Txid);
            }
        }

        if (transaction is null)
        {
            return false;
        }

        bool hasWitness = kind == InventoryKind.WitnessTransaction || (kind & InventoryKind.WitnessFlag) != 0;
        peer.Send(
            "tx", hasWitness ? transaction.ToBytes() : transaction.WithOptions(TransactionOptions.None).ToBytes());
        return true;
    }

    private void SendBlock(Peer peer, InventoryKind kind, uint256 hash)
    {
        if (_node.Tree.Find(hash) is not { } place || !_node.Tree.HasData(place) || !MayServe(place))
        {
            _log.Write("net", $"ignoring request from peer={peer.Id} for old block that isn't in the main chain");
            return;
        }

        const long OldSeconds = 7 * 24 * 60 * 60;
        bool isFiltered = (kind & ~InventoryKind.WitnessFlag) == InventoryKind.FilteredBlock;
        bool isOld = isFiltered || _node.Tree.BestHeader.Time - (long)place.Time > OldSeconds;
        if (isOld && !peer.May(PeerRights.Download) && _group.Upload.IsReached(forOldBlocks: true))
        {
            _group.Disconnect(peer, "historical block serving limit reached");
            return;
        }

        // A node that keeps only the last blocks does not reveal which other blocks it has.
        const int KeptBlocks = 288 + 2;
        if (!peer.May(PeerRights.NoBan)
            && (Services & NodeNetwork) == 0
            && _node.Tree.Tip.Height - place.Height > KeptBlocks)
        {
            _group.Disconnect(peer, "Ignore block request below NODE_NETWORK_LIMITED threshold");
            return;
        }

        if (isFiltered)
        {
            SendFilteredBlock(peer, place);
            return;
        }

        byte[] bytes = _node.Tree.ReadBytes(place)!;
        bool hasWitness = (kind & InventoryKind.WitnessFlag) != 0 || kind == InventoryKind.CompactBlock;
        if (!hasWitness && BlockParser.TryParse(bytes, _node.Tree.Network, out Block? block))
        {
            bytes = block.WithOptions(TransactionOptions.None).ToBytes();
        }

        peer.Send("block", bytes);
    }

    private void SendFilteredBlock(Peer peer, ChainBlock place)
    {
        if (_node.Tree.Read(place) is not { } block)
        {
            return;
        }

        (byte[] Merkle, IReadOnlyList<Transaction> Transactions)? filtered;
        lock (_group.Gate)
        {
            filtered = peer.Filter?.Filter(block);
        }

        if (filtered is not { } parts)
        {
            return;
        }

        peer.Send("merkleblock", parts.Merkle);
        foreach (Transaction transaction in parts.Transactions)
        {
            peer.Send("tx", transaction.WithOptions(TransactionOptions.None).ToBytes());
        }
    }

    private void HandleTransaction(Peer peer, byte[] payload)
    {
        if (_options.BlocksOnly && !peer.May(PeerRights.Relay))
        {
            _group.Disconnect(peer, "transaction sent in violation of protocol");
            return;
        }

        if (!BlockParser.TryParse(payload, _node.Tree.Network, out Transaction? transaction))
        {
            throw new FormatException("the transaction cannot be read");
        }

        if (_node.IsInitialDownload)
        {
            return;
        }

        lock (_group.Gate)
        {
            peer.KnownTransactions.Add(peer.AnnouncesByWitness ? transaction.GetWitHash() : transaction.GetHash());
            _requested.Remove(transaction.GetWitHash());
            _requested.Remove(transaction.GetHash());
        }

        Offer(peer, transaction);
    }

    private void Offer(Peer peer, Transaction transaction)
    {
        PoolResult result = _node.Pool.Acceptance.Accept(transaction);
        if (result.Refusal is { } refusal)
        {
            Refused(peer, transaction, refusal);
            return;
        }

        peer.LastTransaction = _node.Clock.GetUtcNow();
        _log.Write(
            "mempool",
            $"AcceptToMemoryPool: peer={peer.Id}: accepted {transaction.GetHash()} (wtxid={transaction.GetWitHash()}) "
                + $"(poolsz {_node.Pool.Count} txn, {_node.Pool.Usage / 1000} kB)");
        Queue<uint256> parents = new([transaction.GetHash()]);
        while (parents.TryDequeue(out uint256? parent))
        {
            foreach ((Transaction child, IReadOnlyList<long> from) in _orphans.TakeChildren(parent))
            {
                PoolResult again = _node.Pool.Acceptance.Accept(child);
                if (again.Refusal is null)
                {
                    _log.Write("txpackages", $"   accepted orphan tx {child.GetHash()} (wtxid={child.GetWitHash()})");
                    parents.Enqueue(child.GetHash());
                }
                else if (again.Refusal.Kind == RefusalKind.MissingInputs)
                {
                    _orphans.Add(child, from);
                }
                else if (_group.All.FirstOrDefault(other => from.Contains(other.Id)) is { } sender)
                {
                    Refused(sender, child, again.Refusal);
                }
            }
        }
    }

    private void Refused(Peer peer, Transaction transaction, Refusal refusal)
    {
        _log.Write(
            "mempoolrej",
            $"{transaction.GetHash()} (wtxid={transaction.GetWitHash()}) from peer={peer.Id} was not accepted: "
                + $"{refusal}");
        if (refusal.Kind == RefusalKind.MissingInputs)
        {
            KeepOrphan(peer, transaction);
            return;
        }

        if (refusal.Kind == RefusalKind.Conflict)
        {
            if (peer.May(PeerRights.ForceRelay) && _node.Pool.Find(transaction.GetHash()) is not null)
            {
                _log.Write(
                    $"Force relaying tx {transaction.GetHash()} (wtxid={transaction.GetWitHash()}) from "
                        + $"peer={peer.Id}");
                _group.Announce(transaction);
            }

            return;
        }

        lock (_group.Gate)
        {
            if (_rejected.Count > MaxRejections)
            {
                _rejected.Clear();
            }

            // Without its witness, it may be a stripped copy of a valid transaction.
            if (refusal.Kind != RefusalKind.WitnessStripped)
            {
                _rejected.Add(transaction.GetWitHash());
            }
        }

        if (refusal.Kind == RefusalKind.Consensus)
        {
            _group.Misbehaving(peer, refusal.Reason);
        }
    }

    private void KeepOrphan(Peer peer, Transaction transaction)
    {
        uint256[] parents;
        lock (_node.Tree.Gate)
        {
            parents =
                [
                    .. transaction.Inputs.Select(static input => input.PrevOut)
                        .Where(id => _node.Pool.FindCoin(id) is null)
                        .Select(static id => id.Hash)
                        .Distinct(),
                ];
        }

        lock (_group.Gate)
        {
            if (parents.Any(_rejected.Contains))
            {
                _log.Write(
                    "mempool",
                    $"not keeping orphan with rejected parents {transaction.GetHash()} "
                        + $"(wtxid={transaction.GetWitHash()})");
                _rejected.Add(transaction.GetHash());
                _rejected.Add(transaction.GetWitHash());
                return;
            }
        }

        _orphans.Add(transaction, peer.Id);
        _log.Write("txpackages", $"stored orphan tx {transaction.GetHash()} (wtxid={transaction.GetWitHash()})");
        SendGetData(
            peer,
            [.. parents.Select(static parent => (InventoryKind.Transaction | InventoryKind.WitnessFlag, parent))]);
    }

    private void HandleMempool(Peer peer)
    {
        if ((Services & NodeBloom) == 0 && !peer.May(PeerRights.Mempool))
        {
            if (!peer.May(PeerRights.NoBan))
            {
                _group.Disconnect(peer, "mempool request with bloom filters disabled");
            }

            return;
        }

        if (_group.Upload.IsReached(forOldBlocks: false) && !peer.May(PeerRights.Mempool))
        {
            if (!peer.May(PeerRights.NoBan))
            {
                _group.Disconnect(peer, "mempool request with bandwidth limit reached");
            }

            return;
        }

        uint256[] all;
        lock (_node.Tree.Gate)
        {
            all = [.. _node.Pool.Entries.Select(static entry => entry.Txid)];
        }

        lock (_group.Gate)
        {
            peer.ToAnnounce.UnionWith(all);
        }
    }
}
