using System.Collections.Concurrent;
using Bitcoin.Chain;
using Bitcoin.Chain.Rules;
using NBitcoin;

namespace Bitcoin.Node.Net;

// Blocks: what is announced, requested and received.
internal sealed partial class PeerMessages
{
    private const int MaxInFlight = 16;
    private const int Window = 1024;
    private const int MaxSources = 1024;

    // Who sent the blocks that are not checked as a whole yet, and which blocks failed since this was looked at.
    private readonly ConcurrentDictionary<uint256, (Peer Peer, bool IsCompact)> _sources = new();
    private readonly ConcurrentQueue<(uint256 Hash, Refusal Refusal)> _failed = new();
    private const int KeptBlocks = 288;
    private const int MaxAnnounced = 8;
    private const int MaxUnsolicitedInv = 500;
    private const long DirectFetchSeconds = 20 * 10 * 60;

    // Guarded by the group's gate: the last announced block for which a peer outside the initial sync was asked for
    // headers.
    private uint256? _askedFor;

    /// <summary>
    /// Announces a new tip to peers: with headers if they asked for headers and can use them, otherwise with its hash.
    /// </summary>
    internal void AnnounceTip(ChainBlock tip, IEnumerable<Peer> peers)
    {
        TipChanged();
        if (_node.IsInitialDownload)
        {
            return;
        }

        Peer[] all = [.. peers.Where(static peer => peer.IsEstablished)];

        // Read before the gate is taken.
        byte[]? compact = all.Any(static peer => peer.WantsCompactBlocks) ? CompactOf(tip) : null;
        foreach (Peer peer in all)
        {
            lock (_group.Gate)
            {
                Announce(peer, tip, compact);
            }
        }
    }

    /// <summary>Requests blocks that a peer has and this node lacks.</summary>
    internal void RequestBlocks(Peer peer)
    {
        ChainBlock tip = _node.Tree.Tip;
        List<ChainBlock> wanted = [];
        lock (_group.Gate)
        {
            peer.ResolveUnknown(_node.Tree);
            if (peer.IsTakingHeaders
                || peer.BestKnown is not { } best
                || peer.InFlight.Count >= MaxInFlight
                || best.ChainWork < tip.ChainWork
                || best.ChainWork < _node.Tree.Network.MinimumWork
                || best.HasFailed
                || (peer.Services & (NodeNetwork | NodeLimited)) == 0)
            {
                return;
            }

            // The window begins where blocks are missing: a branch of the same work does not become the chain.
            int held = ChainBlock.Fork(best, tip).Height;
            while (held < best.Height && _node.Tree.HasData(best.Ancestor(held + 1)))
            {
                held++;
            }

            int last = Math.Min(best.Height, held + Window);
            bool isLimited = (peer.Services & NodeNetwork) == 0;
            Peer? holder = null;
            int height = held + 1;
            for (; height <= last && peer.InFlight.Count < MaxInFlight; height++)
            {
                ChainBlock block = best.Ancestor(height);

                // A peer that keeps only the last blocks disconnects nodes that request older blocks.
                bool isBeyond = isLimited && best.Height - height >= KeptBlocks - 2;
                if (!HasWitnessesFor(peer, block))
                {
                    // It would send the block without them, and the blocks above too.
                    break;
                }

                if (isBeyond || _node.Tree.HasData(block))
                {
                    continue;
                }

                if (_group.All.FirstOrDefault(other => other.InFlight.ContainsKey(block.Hash)) is { } asked)
                {
                    holder ??= asked;
                    continue;
                }

                Ask(peer, block);
                wanted.Add(block);
            }

            // Everything else in the window is here; only blocks that another peer has not sent are missing.
            if (peer.InFlight.Count == 0 && height <= best.Height && holder is not null)
            {
                NoteStall(holder);
            }
        }

        SendGetBlocks(peer, wanted);
    }

    /// <summary>Requests a block from a peer, even if another peer was asked before.</summary>
    /// <returns>Why it cannot be requested; null for success.</returns>
    internal string? Fetch(Peer? peer, ChainBlock block)
    {
        if (peer is null || !peer.IsEstablished)
        {
            return "Peer does not exist";
        }

        if ((peer.Services & NodeWitness) == 0)
        {
            return "Pre-SegWit peer";
        }

        lock (_group.Gate)
        {
            foreach (Peer other in _group.All)
            {
                if (Drop(other, block.Hash) && ReferenceEquals(other, peer))
                {
                    Ask(peer, block);
                    return "Already requested from this peer";
                }
            }

            Ask(peer, block);
        }

        SendGetBlocks(peer, [block]);
        return null;
    }

    /// <summary>Whether the tip is young enough that an announced block is probably the next one.</summary>
    private bool IsUpToDate => _node.Tree.Tip.Time > _node.Clock.GetUtcNow().ToUnixTimeSeconds() - DirectFetchSeconds;

    /// <summary>Whether the peer sends a block with all that this node checks.</summary>
    private bool HasWitnessesFor(Peer peer, ChainBlock block)
        => (peer.Services & NodeWitness) != 0 || block.Height < _node.Tree.Network.SegwitHeight;

    /// <summary>The flag for blocks with witnesses, if the peer has witnesses.</summary>
    private static InventoryKind FlagOf(Peer peer)
        => (peer.Services & NodeWitness) != 0 ? InventoryKind.WitnessFlag : InventoryKind.None;

    private void SendGetBlocks(Peer peer, List<ChainBlock> wanted, bool asCompact = false)
    {
        if (wanted.Count == 0)
        {
            return;
        }

        WireWriter writer = new WireWriter().Count(wanted.Count);
        foreach (ChainBlock block in wanted)
        {
            writer.UInt32(
                (uint)(asCompact ? InventoryKind.CompactBlock : InventoryKind.Block | FlagOf(peer)))
                .Hash(block.Hash);
            _log.Write("net", $"Requesting block {block.Hash} ({block.Height}) peer={peer.Id}");
        }

        peer.Send("getdata", writer.ToArray());
    }

    private void Announce(Peer peer, ChainBlock tip, byte[]? compact)
    {
        peer.ResolveUnknown(_node.Tree);
        List<ChainBlock> news = [];
        for (ChainBlock? block = tip; block is not null
            && !peer.Has(block)
            && news.Count <= MaxAnnounced; block = block.Previous)
        {
            news.Add(block);
        }

        if (news.Count == 0)
        {
            return;
        }

        news.Reverse();
        bool canConnect = news.Count <= MaxAnnounced
            && (news[0].Previous is null || peer.Has(news[0].Previous!));
        if (canConnect && news.Count == 1 && peer.WantsCompactBlocks && compact is not null)
        {
            _log.Write("net", $"sending header-and-ids {tip.Hash} to peer={peer.Id}");
            peer.Send("cmpctblock", compact);
            peer.BestSent = tip;
            return;
        }

        if (canConnect && peer.WantsHeaders)
        {
            SendHeaders(peer, news);
            peer.BestSent = tip;
            return;
        }

        if (!peer.Has(tip))
        {
            peer.Send("inv", new WireWriter().Count(1).UInt32((uint)InventoryKind.Block).Hash(tip.Hash).ToArray());
        }
    }

    private void HandleGetBlocks(Peer peer, byte[] payload)
    {
        if (!TryReadLocator(peer, payload, "getblocks", out List<uint256> locator, out uint256 stop))
        {
            return;
        }

        ChainBlock tip = _node.Tree.Tip;
        ChainBlock fork = BlockLocator.ForkOf(_node.Tree, locator);
        List<ChainBlock> blocks = [];
        for (int height = fork.Height + 1; height <= tip.Height && blocks.Count < MaxUnsolicitedInv; height++)
        {
            ChainBlock block = tip.Ancestor(height);
            if (block.Hash == stop || !_node.Tree.HasData(block))
            {
                break;
            }

            blocks.Add(block);
        }

        if (blocks.Count > 0)
        {
            WireWriter writer = new WireWriter().Count(blocks.Count);
            blocks.ForEach(block => writer.UInt32((uint)InventoryKind.Block).Hash(block.Hash));
            peer.Send("inv", writer.ToArray());
        }
    }

    /// <summary>
    /// Requests the blocks of headers at once from the peer that announced them, if they are few and the chain is up to
    /// date.
    /// </summary>
    private void FetchDirectly(Peer peer, ChainBlock last)
    {
        ChainBlock tip = _node.Tree.Tip;
        bool asksForCompact;
        if (!IsUpToDate || last.HasFailed || tip.ChainWork > last.ChainWork)
        {
            return;
        }

        List<ChainBlock> wanted = [];
        lock (_group.Gate)
        {
            ChainBlock block = last;
            while (!_node.Tree.IsActive(block) && wanted.Count <= MaxInFlight)
            {
                if (!_node.Tree.HasData(block)
                    && HasWitnessesFor(peer, block)
                    && !_group.All.Any(other => other.InFlight.ContainsKey(block.Hash)))
                {
                    wanted.Add(block);
                }

                block = block.Previous!;
            }

            if (!_node.Tree.IsActive(block))
            {
                _log.Write("net", $"Large reorg, won't direct fetch to {last.Hash} ({last.Height})");
                return;
            }

            wanted.Reverse();
            wanted = [.. wanted.Take(MaxInFlight - peer.InFlight.Count)];
            wanted.ForEach(one => Ask(peer, one));
            asksForCompact = wanted.Count == 1
                && peer.HasCompactBlocks
                && !_options.BlocksOnly
                && (last.Previous!.Status & BlockStatus.ScriptsChecked) != 0
                && _group.All.Sum(static other => other.InFlight.Count) == 1;
        }

        SendGetBlocks(peer, wanted, asksForCompact);
    }

    private void HandleBlock(Peer peer, byte[] payload)
    {
        Block block = BlockParser.Parse(payload, _node.Tree.Network);
        uint256 hash = block.GetHash();
        bool wasRequested;
        lock (_group.Gate)
        {
            wasRequested = peer.InFlight.ContainsKey(hash);
        }

        try
        {
            TakeBlock(peer, block, hash, wasRequested, isCompact: false);
        }
        finally
        {
            // Only after the tree has the block: before that, it would be requested from other peers.
            lock (_group.Gate)
            {
                Drop(peer, hash);
            }
        }

        if (!peer.HasEnded)
        {
            RequestBlocks(peer);
        }
    }

    private void TakeBlock(Peer peer, Block block, uint256 hash, bool wasRequested, bool isCompact)
    {
        _log.Write("net", $"received block {hash} peer={peer.Id}");
        ChainBlock? previous = _node.Tree.Find(block.Header.HashPrevBlock);
        if (previous is not null && BlockRules.CheckMutation(block, previous, _node.Tree.Network) is { } mutation)
        {
            _log.Write("validation", $"Block mutated: {mutation}");
            _log.Write("net", $"Received mutated block from peer={peer.Id}");
            _group.Misbehaving(peer, "mutated block");
            return;
        }

        if (previous is not null
            && _node.Tree.Find(hash) is null
            && new ChainBlock(block.Header, hash, previous).ChainWork < LeastWork)
        {
            // Headers cost an attacker nothing near the beginning of the chain, so low-work headers are not stored.
            _log.Write(
                "validation",
                $"AcceptBlockHeader: not adding new block header {hash}, missing anti-dos proof-of-work validation");
            return;
        }

        Note(hash, peer, isCompact);
        AcceptResult result = _node.Tree.AcceptBlock(block, wasRequested || peer.May(PeerRights.NoBan), out bool isNew);
        if (result.Refusal is not null || result.Block is null || _node.Tree.IsActive(result.Block))
        {
            _sources.TryRemove(hash, out _);
        }

        PunishSources();
        bool isNext = isNew && result.Refusal is null && result.Block is { } taken && _node.Tree.IsActive(taken);
        lock (_group.Gate)
        {
            if (isNew)
            {
                peer.LastBlock = _node.Clock.GetUtcNow();
                foreach (Peer other in _group.All)
                {
                    // The block is here, so all requests for it end.
                    Drop(other, hash);
                }
            }

            if (result.Block is { } place && !place.HasFailed)
            {
                peer.Learn(place);
            }

            if (isNext && !_node.IsInitialDownload && _group.All.All(static other => other.InFlight.Count == 0))
            {
                PreferForCompact(peer);
            }
        }

        if (result.Refusal is { } refusal && refusal.Kind != RefusalKind.Conflict)
        {
            if (refusal.Kind == RefusalKind.MissingPrevious)
            {
                SendGetHeaders(peer, _node.Tree.BestHeader);
            }

            _log.Write("validation", $"Block validation error: {refusal}");
            _log.Write($"ERROR: ProcessNewBlock: AcceptBlock FAILED ({refusal}) {hash}, {refusal.Reason}");
            Punish(peer, refusal, refusal.Reason, isHeader: false, isCompact);
        }
    }

    private void Note(uint256 hash, Peer peer, bool isCompact)
    {
        if (_sources.Count >= MaxSources)
        {
            _sources.Clear();
        }

        _sources.TryAdd(hash, (peer, isCompact));
    }

    // A block of another branch is checked, and fails, only when that branch becomes the best one.
    private void PunishSources()
    {
        while (_failed.TryDequeue(out (uint256 Hash, Refusal Refusal) failed))
        {
            if (_sources.TryRemove(failed.Hash, out (Peer Peer, bool IsCompact) source))
            {
                _log.Write("validation", $"Block validation error: {failed.Refusal}");
                Punish(source.Peer, failed.Refusal, failed.Refusal.Reason, isHeader: false, source.IsCompact);
            }
        }
    }

    private void Punish(Peer peer, Refusal refusal, string text, bool isHeader, bool isCompact = false)
    {
        switch (refusal.Kind)
        {
            case RefusalKind.Consensus or RefusalKind.Mutated or RefusalKind.CachedInvalid when isCompact:
                // A peer may send a compact block after checking only its header.
                break;
            case RefusalKind.Consensus
                or RefusalKind.Mutated
                or RefusalKind.InvalidHeader
                or RefusalKind.InvalidPrevious:
                _group.Misbehaving(peer, text);
                break;
            case RefusalKind.MissingPrevious when !isHeader:
                _group.Misbehaving(peer, text);
                break;
            case RefusalKind.CachedInvalid when !peer.IsInbound || isHeader is false:
                // An inbound peer may disagree about a block. A peer that this node chose must not.
                if (!peer.IsInbound)
                {
                    _group.Misbehaving(peer, text);
                }

                break;
        }
    }

}
