using System.Numerics;
using Bitcoin.Chain;
using Bitcoin.Chain.Rules;
using Bitcoin.Primitives;
using NBitcoin;

namespace Bitcoin.Node.Net;

// Compact blocks (BIP152): this node has most transactions of a block before the block comes.
internal sealed partial class PeerMessages
{
    private const ulong CompactVersion = 2;
    private const int MaxCompactDepth = 5;
    private const int MaxTransactionsDepth = 10;
    private const int MaxCompactAtOnce = 3;
    private const int MaxCompactPeers = 3;
    private const int HeaderReserve = 144;

    // Guarded by the group's gate: the peers that send compact blocks without a request, ordered by their last new
    // block; transactions that are not in the pool but may be in a block; the last block of the chain.
    private readonly LinkedList<Peer> _compactPeers = new();
    private readonly Queue<Transaction> _extra = new();
    private (ChainBlock Place, Block Block)? _lastBlock;
    private Dictionary<uint256, Transaction> _lastTransactions = [];

    /// <summary>Removes a peer. Called under the group's gate.</summary>
    internal void ForgetCompact(Peer peer) => _compactPeers.Remove(peer);

    private static void SendCompactMode(Peer peer, bool isHigh)
        => peer.Send("sendcmpct", new WireWriter().Byte(isHigh ? (byte)1 : (byte)0).UInt64(CompactVersion).ToArray());

    private void HandleSendCompact(Peer peer, byte[] payload)
    {
        WireReader reader = new(payload);
        byte isHigh = reader.Byte();
        ulong version = reader.UInt64();
        if (isHigh > 1)
        {
            _group.Misbehaving(peer, "invalid sendcmpct announce field");
        }
        else if (version == CompactVersion)
        {
            peer.HasCompactBlocks = true;
            peer.WantsCompactBlocks = isHigh != 0;
        }
    }

    /// <summary>
    /// Asks a peer that sent a new block to send the next blocks without a request, and another peer to stop. Called
    /// under the group's gate.
    /// </summary>
    private void PreferForCompact(Peer peer)
    {
        if (_options.BlocksOnly || !peer.HasCompactBlocks || peer.HasEnded)
        {
            return;
        }

        if (_compactPeers.Remove(peer))
        {
            _compactPeers.AddLast(peer);
            return;
        }

        if (peer.IsInbound
            && _compactPeers.Count >= MaxCompactPeers
            && _compactPeers.First!.Value is { IsInbound: false } first
            && _compactPeers.Count(static other => !other.IsInbound) == 1)
        {
            // Keep the last peer that this node chose itself.
            _compactPeers.RemoveFirst();
            _compactPeers.AddAfter(_compactPeers.First, first);
        }

        SendCompactMode(peer, isHigh: true);
        peer.IsAskedForCompactBlocks = true;
        _compactPeers.AddLast(peer);
        if (_compactPeers.Count > MaxCompactPeers)
        {
            Peer gone = _compactPeers.First!.Value;
            _compactPeers.RemoveFirst();
            gone.IsAskedForCompactBlocks = false;
            SendCompactMode(gone, isHigh: false);
        }
    }

    /// <summary>Keeps a transaction that the pool does not have but a block may have.</summary>
    private void KeepExtra(Transaction transaction)
    {
        lock (_group.Gate)
        {
            _extra.Enqueue(transaction);
            if (_extra.Count > _options.MaxExtraTransactions)
            {
                _extra.Dequeue();
            }
        }
    }

    /// <summary>All transactions that a block may have. Never called under the group's gate.</summary>
    private List<(uint256 WitnessHash, Transaction Transaction)> Candidates()
    {
        List<(uint256, Transaction)> all;
        lock (_node.Tree.Gate)
        {
            all = [.. _node.Pool.Entries.Select(static entry => (entry.WitnessHash, entry.Transaction))];
        }

        lock (_group.Gate)
        {
            all.AddRange(_extra.Select(static one => (one.GetWitHash(), one)));
        }

        return all;
    }

    private byte[] CompactOf(ChainBlock place)
    {
        Block? block;
        lock (_group.Gate)
        {
            block = _lastBlock is { } last && ReferenceEquals(last.Place, place) ? last.Block : null;
        }

        block ??= _node.Tree.Read(place)
            ?? throw new InvalidOperationException($"Block {place.Hash} cannot be read.");
        return CompactBlock.Of(block, (ulong)Random.Shared.NextInt64()).ToBytes();
    }

    private void LogHeader(Peer peer, ChainBlock block, string kind)
    {
        string text = $"Saw new {kind}header hash={block.Hash} height={block.Height} peer={peer.Id}";
        if (_node.IsInitialDownload)
        {
            _log.Write("validation", text);
        }
        else
        {
            _log.Write(text);
        }
    }

    private void HandleCompactBlock(Peer peer, byte[] payload)
    {
        if (_options.BlocksOnly || !peer.HasCompactBlocks)
        {
            _log.Write(
                "cmpctblock",
                $"peer={peer.Id} sent us a compact block "
                    + (_options.BlocksOnly
                        ? "even though we are blocksonly!"
                        : "despite never having sent us a SENDCMPCT!"));
            return;
        }

        CompactBlock compact = CompactBlock.Read(payload, _node.Tree.Network);
        uint256 hash = compact.Header.GetHash();
        if (_node.Tree.Find(compact.Header.HashPrevBlock) is not { } previous)
        {
            if (!_node.IsInitialDownload)
            {
                SendGetHeaders(peer, _node.Tree.BestHeader);
            }

            return;
        }

        if (new ChainBlock(compact.Header, hash, previous).ChainWork < LeastWork)
        {
            _log.Write("net", $"Ignoring low-work compact block from peer {peer.Id}");
            return;
        }

        bool isNew = _node.Tree.Find(hash) is null;
        (Refusal? refusal, ChainBlock? place) = _node.Tree.AcceptHeaders([compact.Header]);
        if (refusal is not null || place is null)
        {
            Punish(peer, refusal!, "invalid header via cmpctblock", isHeader: true, isCompact: true);
            return;
        }

        if (isNew)
        {
            LogHeader(peer, place, "cmpctblock ");
        }

        TakeCompact(peer, compact, place, previous, Candidates());
    }

    private void TakeCompact(
        Peer peer,
        CompactBlock compact,
        ChainBlock place,
        ChainBlock previous,
        List<(uint256 WitnessHash, Transaction Transaction)> candidates)
    {
        Block? whole = null;
        bool isLikeHeader = false;
        lock (_group.Gate)
        {
            peer.Learn(place);
            if (_node.Tree.HasData(place))
            {
                return;
            }

            List<(Peer Peer, BlockRequest Request)> asked = RequestsFor(place);
            bool isAsked = asked.Exists(one => ReferenceEquals(one.Peer, peer));
            if (!isAsked && !peer.IsAskedForCompactBlocks)
            {
                _log.Write(
                    "cmpctblock",
                    $"peer={peer.Id}, not marked as high-bandwidth, sent us an unsolicited compact block!");
                return;
            }

            ChainBlock tip = _node.Tree.Tip;
            bool isUseful = place.ChainWork > tip.ChainWork;
            if (!isUseful || place.Height > tip.Height + 2)
            {
                // The transactions of this node do not help with a block that is not the next one.
                if (isAsked)
                {
                    SendGetBlocks(peer, [place]);
                    return;
                }

                isLikeHeader = isUseful && (asked.Count > 0 || IsUpToDate);
            }
            else if (asked.Count == 0 && !IsUpToDate)
            {
                return;
            }
            else if (isAsked || (asked.Count < MaxCompactAtOnce && peer.InFlight.Count < MaxInFlight))
            {
                whole = Assemble(peer, compact, place, previous, candidates, asked);
            }
            else
            {
                // The block is requested from other peers. It may be complete without another request.
                PartialBlock attempt = new();
                if (attempt.Begin(compact, candidates) == PartialState.Good
                    && Fill(attempt, [], previous, out Block block) == PartialState.Good)
                {
                    whole = block;
                }
            }
        }

        if (isLikeHeader)
        {
            AcceptHeaders(peer, [compact.Header]);
        }
        else if (whole is not null)
        {
            TakeBlock(peer, whole, place.Hash, wasRequested: true, isCompact: true);
        }
    }

    /// <summary>
    /// Assembles a block, or requests the missing transactions from the peer. Called under the group's gate.
    /// </summary>
    private Block? Assemble(
        Peer peer,
        CompactBlock compact,
        ChainBlock place,
        ChainBlock previous,
        List<(uint256 WitnessHash, Transaction Transaction)> candidates,
        List<(Peer Peer, BlockRequest Request)> asked)
    {
        bool isFirst = asked.Count == 0 || ReferenceEquals(asked[0].Peer, peer);
        if (!peer.InFlight.TryGetValue(place.Hash, out BlockRequest? request))
        {
            request = Ask(peer, place);
        }
        else if (request.Partial is not null)
        {
            _log.Write("net", "Peer sent us compact block we were already syncing!");
            return null;
        }

        request.Partial = new PartialBlock();
        switch (request.Partial.Begin(compact, candidates))
        {
            case PartialState.Invalid:
                Drop(peer, place.Hash);
                _group.Misbehaving(peer, "invalid compact block");
                return null;
            case PartialState.Failed:
                AskForWhole(peer, place, isFirst);
                return null;
        }

        IReadOnlyList<int> missing = request.Partial.Missing;
        if (missing.Count == 0)
        {
            return Finish(peer, request, previous, [], isFirst);
        }

        // The last of the parallel requests goes to a peer that this node chose, so that inbound peers cannot delay a
        // block.
        bool mayAsk = isFirst
            || (peer.IsAskedForCompactBlocks
                && (!peer.IsInbound
                    || asked.Exists(static one => !one.Peer.IsInbound)
                    || asked.Count < MaxCompactAtOnce - 1));
        if (!mayAsk)
        {
            Drop(peer, place.Hash);
            return null;
        }

        WireWriter writer = new WireWriter().Hash(place.Hash);
        CompactBlock.WriteIndexes(writer, missing);
        peer.Send("getblocktxn", writer.ToArray());
        return null;
    }

    /// <summary>Assembles a block from the received transactions. Called under the group's gate.</summary>
    /// <returns>The block; null if that failed.</returns>
    private Block? Finish(
        Peer peer, BlockRequest request, ChainBlock previous, IReadOnlyList<Transaction> missing, bool isFirst)
    {
        PartialBlock partial = request.Partial!;
        switch (Fill(partial, missing, previous, out Block block))
        {
            case PartialState.Invalid:
                Drop(peer, request.Block.Hash);
                _group.Misbehaving(peer, "invalid compact block/non-matching block transactions");
                return null;
            case PartialState.Failed:
                // Two transactions may have the same name. The request stays, so that the peer is not asked again.
                AskForWhole(peer, request.Block, isFirst);
                return null;
            default:
                _log.Write(
                    "cmpctblock",
                    $"Successfully reconstructed block {request.Block.Hash} with {partial.Prefilled} txn prefilled, "
                        + $"{partial.FromHere} txn from mempool and {missing.Count} txn requested");
                Drop(peer, request.Block.Hash);
                return block;
        }
    }

    private void AskForWhole(Peer peer, ChainBlock place, bool isFirst)
    {
        if (isFirst)
        {
            SendGetBlocks(peer, [place]);
        }
        else
        {
            _log.Write(
                "net",
                $"Peer {peer.Id} sent us a compact block but it failed to reconstruct, waiting on first download to "
                    + "complete");
            Drop(peer, place.Hash);
        }
    }

    private PartialState Fill(
        PartialBlock partial, IReadOnlyList<Transaction> missing, ChainBlock previous, out Block block)
    {
        return partial.Fill(
            missing,
            _node.Tree.Network.Network.Consensus.ConsensusFactory.CreateBlock(),
            whole => BlockRules.CheckMutation(whole, previous, _node.Tree.Network) is not null,
            out block);
    }

    private void HandleBlockTransactions(Peer peer, byte[] payload)
    {
        WireReader reader = new(payload);
        uint256 hash = reader.Hash();
        ulong count = reader.Count();
        List<Transaction> transactions = [];
        for (ulong i = 0; i < count; i++)
        {
            transactions.Add(BlockParser.Read(ref reader, _node.Tree.Network));
        }

        Block? whole;
        lock (_group.Gate)
        {
            if (!peer.InFlight.TryGetValue(hash, out BlockRequest? request) || request.Partial is null)
            {
                _log.Write("net", $"Peer {peer.Id} sent us block transactions for block we weren't expecting");
                return;
            }

            if (request.Partial.Header is null)
            {
                Drop(peer, hash);
                _group.Misbehaving(peer, "previous compact block reconstruction attempt failed");
                return;
            }

            bool isFirst = ReferenceEquals(RequestsFor(request.Block)[0].Peer, peer);
            whole = Finish(peer, request, request.Block.Previous!, transactions, isFirst);
        }

        if (whole is not null)
        {
            TakeBlock(peer, whole, hash, wasRequested: true, isCompact: true);
            RequestBlocks(peer);
        }
    }

    private void HandleGetBlockTransactions(Peer peer, byte[] payload)
    {
        WireReader reader = new(payload);
        uint256 hash = reader.Hash();
        List<int> indexes = CompactBlock.ReadIndexes(ref reader);
        if (indexes.Count == 0)
        {
            _group.Disconnect(peer, "getblocktxn received with no transaction indexes");
            return;
        }

        if (_node.Tree.Find(hash) is not { } place || !_node.Tree.HasData(place))
        {
            _log.Write("net", $"Peer {peer.Id} sent us a getblocktxn for a block we don't have");
            return;
        }

        if (place.Height < _node.Tree.Tip.Height - MaxTransactionsDepth)
        {
            // For old blocks, sends the whole block: it costs the peer as much as reading it costs this node.
            _log.Write("net", $"Peer {peer.Id} sent us a getblocktxn for a block > {MaxTransactionsDepth} deep");
            SendBlock(peer, InventoryKind.Block | InventoryKind.WitnessFlag, hash);
            return;
        }

        Block? block;
        lock (_group.Gate)
        {
            block = _lastBlock is { } last && ReferenceEquals(last.Place, place) ? last.Block : null;
        }

        block ??= _node.Tree.Read(place);
        if (block is null)
        {
            return;
        }

        if (indexes[^1] >= block.Transactions.Count)
        {
            _group.Misbehaving(peer, "getblocktxn with out-of-bounds tx indices");
            return;
        }

        WireWriter writer = new WireWriter().Hash(hash).Count(indexes.Count);
        indexes.ForEach(index => writer.Bytes(block.Transactions[index].ToBytes()));
        peer.Send("blocktxn", writer.ToArray());
    }

    /// <summary>The open requests for a block, in their order. Called under the group's gate.</summary>
    private List<(Peer Peer, BlockRequest Request)> RequestsFor(ChainBlock place)
    {
        List<(Peer Peer, BlockRequest Request)> all = [];
        foreach (Peer peer in _group.All)
        {
            if (peer.InFlight.TryGetValue(place.Hash, out BlockRequest? request))
            {
                all.Add((peer, request));
            }
        }

        all.Sort(static (left, right) => left.Request.Sequence.CompareTo(right.Request.Sequence));
        return all;
    }

    /// <summary>The work that a chain needs for its new headers to be stored: almost the work of the tip.</summary>
    private BigInteger LeastWork
    {
        get
        {
            ChainBlock tip = _node.Tree.Tip;
            BigInteger last = tip.ChainWork - (tip.Previous?.ChainWork ?? BigInteger.Zero);
            BigInteger nearTip = tip.ChainWork - BigInteger.Min(HeaderReserve * last, tip.ChainWork);
            return BigInteger.Max(nearTip, _node.Tree.Network.MinimumWork);
        }
    }
}
