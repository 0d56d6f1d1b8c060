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
            peer.NextAnnouncement = now + Exponential(seconds);
            peer.LastSequence = sequence;
            waiting = [.. peer.ToAnnounce.Take(MaxAnnouncedAtOnce)];
            peer.ToAnnounce.ExceptWith(waiting);
        }

        List<(uint256 Hash, int Depth, Transaction Transaction)> news = [];
        lock (_node.Tree.Gate)
        {
            foreach (uint256 txid in waiting)
            {
                // A transaction below the peer's fee filter is dropped, not announced later.
                if (_node.Pool.Find(txid) is { } entry && RelayRate.Of(entry.Fee, entry.Size) >= peer.FeeFilter)
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
        HashSet<(uint256 Hash, bool IsWitness)> seen = [];
        foreach ((InventoryKind kind, uint256 hash) in items)
        {
            // A peer announces by one of the two hashes only.
            if (kind == (peer.AnnouncesByWitness ? InventoryKind.Transaction : InventoryKind.WitnessTransaction))
            {
                continue;
            }

            if (kind == InventoryKind.Block)
            {
                bool isKnown = _node.Tree.Find(hash) is not null;
                _log.Write("net", $"got inv: block {hash} {(isKnown ? "have" : "new")} peer={peer.Id}");
                lock (_group.Gate)
                {
                    peer.LearnHash(_node.Tree, hash);
                }

                unknownBlock = isKnown ? unknownBlock : hash;
            }
            else if (IsTransaction(kind))
            {
                if (RefusesTransactions(peer))
                {
                    _group.Disconnect(peer, $"transaction ({hash}) inv sent in violation of protocol");
                    return;
                }

                bool isWitness = kind == InventoryKind.WitnessTransaction;
                if (seen.Add((hash, isWitness)))
                {
                    HandleAnnouncement(peer, hash, isWitness, NameOf(kind));
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

        RequestBlocks(peer);
    }

    private static bool IsTransaction(InventoryKind kind)
    {
        return kind is InventoryKind.Transaction
            or InventoryKind.WitnessTransaction
            or (InventoryKind.Transaction | InventoryKind.WitnessFlag);
    }

    /// <summary>The name for the log.</summary>
    private static string NameOf(InventoryKind kind)
    {
        string name = (kind & ~InventoryKind.WitnessFlag) switch
        {
            InventoryKind.Transaction => "tx",
            InventoryKind.WitnessTransaction => "wtx",
            InventoryKind.Block => "block",
            InventoryKind.FilteredBlock => "merkleblock",
            InventoryKind.CompactBlock => "cmpctblock",
            _ => $"0x{(uint)kind:x8}",
        };
        return (kind & InventoryKind.WitnessFlag) != 0 ? $"witness-{name}" : name;
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
            return;
        }

        lock (_group.Gate)
        {
            peer.WantsHeadersAgain = true;
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
        if (items.Count > 0)
        {
            _log.Write("net", $"received getdata for: {NameOf(items[0].Kind)} {items[0].Hash} peer={peer.Id}");
        }

        List<(InventoryKind Kind, uint256 Hash)> missing = [];
        foreach ((InventoryKind kind, uint256 hash) in items)
        {
            InventoryKind plain = kind & ~InventoryKind.WitnessFlag;
            if (plain is InventoryKind.Transaction or InventoryKind.WitnessTransaction)
            {
                if (!peer.IsForBlocks && !TrySendTransaction(peer, kind, hash))
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
            // It was announced while it was in the pool; now a block has it.
            lock (_group.Gate)
            {
                transaction = _lastTransactions.GetValueOrDefault(hash);
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
        if (isFiltered && (Services & NodeBloom) == 0)
        {
            _group.Disconnect(peer, "filtered block request received when NODE_BLOOM service disabled");
            return;
        }

        bool isOld = isFiltered || _node.Tree.BestHeader.Time - (long)place.Time > OldSeconds;
        if (isOld && !peer.May(PeerRights.Download) && _group.Upload.IsReached(forOldBlocks: true))
        {
            _group.Disconnect(peer, "historical block serving limit reached");
            return;
        }

        // A node that keeps only the last blocks must not reveal which older blocks it has.
        if (!peer.May(PeerRights.NoBan)
            && (Services & NodeNetwork) == 0
            && _node.Tree.Tip.Height - place.Height > KeptBlocks + 2)
        {
            _group.Disconnect(peer, "Ignore block request below NODE_NETWORK_LIMITED threshold");
            return;
        }

        if (isFiltered)
        {
            SendFilteredBlock(peer, place);
            return;
        }

        if (kind == InventoryKind.CompactBlock && IsUpToDate && place.Height >= _node.Tree.Tip.Height - MaxCompactDepth)
        {
            peer.Send("cmpctblock", CompactOf(place));
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
