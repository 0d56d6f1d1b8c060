using Bitcoin.Chain;
using Bitcoin.Chain.Rules;
using Bitcoin.Primitives;
using NBitcoin;

namespace Bitcoin.Node.Net;

// Headers and blocks: what peers have, what is requested, what is relayed.
internal sealed partial class PeerMessages
{
    private const int MaxHeaders = 2000;
    private const int MaxInFlight = 16;
    private const int Window = 1024;
    private const int KeptBlocks = 288;
    private const int MaxAnnounced = 8;
    private const int MaxUnsolicitedInv = 500;
    private const long DirectFetchSeconds = 20 * 10 * 60;
    private static readonly TimeSpan s_headersTime = TimeSpan.FromMinutes(2);
    private static readonly TimeSpan s_allHeaders = TimeSpan.FromMinutes(15);
    private static readonly TimeSpan s_day = TimeSpan.FromDays(1);

    // Guarded by the group's gate: the last announced block because of which a peer outside the initial sync was asked.
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

    /// <summary>
    /// Tells a peer to announce blocks by their headers, once it is known to have a chain that is worth it.
    /// </summary>
    internal void AskForHeaders(Peer peer)
    {
        const int HeadersVersion = 70012;
        lock (_group.Gate)
        {
            if (peer.IsAskedForHeaders
                || peer.Version < HeadersVersion
                || peer.BestKnown is not { } best
                || best.ChainWork <= _node.Tree.Network.MinimumWork)
            {
                return;
            }

            peer.IsAskedForHeaders = true;
        }

        peer.Send("sendheaders");
    }

    /// <summary>
    /// Asks a peer for all headers: one peer only while this node is far behind, and another one when that takes too
    /// long.
    /// </summary>
    internal void StartSync(Peer peer)
    {
        if ((peer.Services & (NodeNetwork | NodeLimited)) == 0
            || peer.Type is "addr-fetch" or "feeler"
            || (peer.HasStartedSync && peer.HeadersUntil == DateTimeOffset.MaxValue))
        {
            return;
        }

        const int BlockSeconds = 600;
        ChainBlock best = _node.Tree.BestHeader;
        DateTimeOffset now = _node.Clock.GetUtcNow();
        TimeSpan behind = now - DateTimeOffset.FromUnixTimeSeconds(best.Time);
        bool isNear = behind < s_day;
        lock (_group.Gate)
        {
            if (peer.HasStartedSync)
            {
                LookForSlowHeaders(peer, isNear, now);
                return;
            }

            bool hasOther = _group.All.Any(static other => other is { HasStartedSync: true, HasEnded: false });
            bool hasPreferred = _group.All.Any(
                static other => other is { IsEstablished: true, HasEnded: false } && IsPreferred(other));
            if (!isNear && (hasOther || (hasPreferred && !IsPreferred(peer))))
            {
                return;
            }

            // Before the request: another peer must not be asked meanwhile.
            peer.HasStartedSync = true;
            peer.HeadersUntil = now + s_allHeaders + TimeSpan.FromMilliseconds(behind.TotalSeconds / BlockSeconds);
        }

        if (SendGetHeaders(peer, best.Previous ?? best))
        {
            _log.Write("net", $"initial getheaders ({best.Height}) to peer={peer.Id} (startheight:{peer.StartHeight})");
            return;
        }

        lock (_group.Gate)
        {
            peer.HasStartedSync = false;
        }
    }

    /// <summary>Gives up a peer that does not send all headers while others could. Under the group's gate.</summary>
    private void LookForSlowHeaders(Peer peer, bool isNear, DateTimeOffset now)
    {
        if (isNear)
        {
            // Caught up once: never too late again.
            peer.HeadersUntil = DateTimeOffset.MaxValue;
            return;
        }

        bool isOnly = _group.All.Count(static other => other is { HasStartedSync: true, HasEnded: false }) == 1;
        bool hasAnother = _group.All.Any(
            other => other is { IsEstablished: true, HasEnded: false }
                && IsPreferred(other)
                && !ReferenceEquals(other, peer));
        if (now <= peer.HeadersUntil || !isOnly || !hasAnother)
        {
            return;
        }

        if (peer.May(PeerRights.NoBan))
        {
            _log.Write("net", $"Timeout downloading headers from noban peer, not disconnecting peer={peer.Id}");
            peer.HasStartedSync = false;
        }
        else
        {
            _group.Disconnect(peer, "Timeout downloading headers");
        }
    }

    /// <summary>Requests blocks that a peer has and this node lacks.</summary>
    internal void RequestBlocks(Peer peer)
    {
        ChainBlock tip = _node.Tree.Tip;
        List<ChainBlock> wanted = [];
        lock (_group.Gate)
        {
            ProcessUnknown(peer);
            if (peer.BestKnown is not { } best
                || peer.InFlight.Count >= MaxInFlight
                || best.ChainWork <= tip.ChainWork
                || best.ChainWork < _node.Tree.Network.MinimumWork
                || best.HasFailed
                || (peer.Services & (NodeNetwork | NodeLimited)) == 0)
            {
                return;
            }

            ChainBlock fork = ChainBlock.Fork(best, tip);
            int last = Math.Min(best.Height, fork.Height + Window);
            bool isLimited = (peer.Services & NodeNetwork) == 0;
            Peer? holder = null;
            int height = fork.Height + 1;
            for (; height <= last && peer.InFlight.Count < MaxInFlight; height++)
            {
                ChainBlock block = best.Ancestor(height);

                // Who keeps the last blocks only lets go whoever asks for others.
                bool isBeyond = isLimited && best.Height - height >= KeptBlocks - 2;
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

            // All that may be asked for is here but for what somebody else holds back.
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

    /// <summary>Whether the tip is so young that what peers tell of comes next.</summary>
    private bool IsUpToDate => _node.Tree.Tip.Time > _node.Clock.GetUtcNow().ToUnixTimeSeconds() - DirectFetchSeconds;

    /// <summary>Who cannot give witnesses is not asked for them.</summary>
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
        ProcessUnknown(peer);
        List<ChainBlock> news = [];
        for (ChainBlock? block = tip; block is not null
            && !PeerHas(peer, block)
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
            && (news[0].Previous is null || PeerHas(peer, news[0].Previous!));
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

        if (!PeerHas(peer, tip))
        {
            peer.Send("inv", new WireWriter().Count(1).UInt32((uint)InventoryKind.Block).Hash(tip.Hash).ToArray());
        }
    }

    private static bool PeerHas(Peer peer, ChainBlock block)
    {
        return (peer.BestKnown is { } known
            && known.Height >= block.Height
            && ReferenceEquals(known.Ancestor(block.Height), block))
            || (peer.BestSent is { } sent
                && sent.Height >= block.Height
                && ReferenceEquals(sent.Ancestor(block.Height), block));
    }

    private void ProcessUnknown(Peer peer)
    {
        if (peer.UnknownHash is { } hash && _node.Tree.Find(hash) is { } block)
        {
            peer.UnknownHash = null;
            Learn(peer, block);
        }
    }

    private static void Learn(Peer peer, ChainBlock block)
    {
        if (peer.BestKnown is null || block.ChainWork >= peer.BestKnown.ChainWork)
        {
            peer.BestKnown = block;
        }
    }

    private void LearnHash(Peer peer, uint256 hash)
    {
        ProcessUnknown(peer);
        if (_node.Tree.Find(hash) is { } block)
        {
            Learn(peer, block);
        }
        else
        {
            peer.UnknownHash = hash;
        }
    }

    /// <summary>Requests headers, unless an earlier request is still waiting for its answer.</summary>
    private bool SendGetHeaders(Peer peer, ChainBlock from)
    {
        lock (_group.Gate)
        {
            DateTimeOffset now = _node.Clock.GetUtcNow();
            if (now - peer.HeadersAsked <= s_headersTime)
            {
                return false;
            }

            peer.HeadersAsked = now;
        }

        WireWriter writer = new WireWriter().UInt32(NetOptions.ProtocolVersion);
        List<uint256> locator = Locator(from);
        writer.Count(locator.Count);
        locator.ForEach(hash => writer.Hash(hash));
        peer.Send("getheaders", writer.Hash(uint256.Zero).ToArray());
        return true;
    }

    private static List<uint256> Locator(ChainBlock from)
    {
        List<uint256> hashes = [];
        int step = 1;
        for (int height = from.Height; height > 0; height -= step)
        {
            hashes.Add(from.Ancestor(height).Hash);
            step = hashes.Count > 10 ? step * 2 : 1;
        }

        hashes.Add(from.Ancestor(0).Hash);
        return hashes;
    }

    private static void SendHeaders(Peer peer, IReadOnlyList<ChainBlock> blocks)
    {
        WireWriter writer = new WireWriter().Count(blocks.Count);
        foreach (ChainBlock block in blocks)
        {
            writer.Bytes(block.Header.ToBytes()).Byte(0);
        }

        peer.Send("headers", writer.ToArray());
    }

    private bool TryReadLocator(Peer peer, byte[] payload, string name, out List<uint256> locator, out uint256 stop)
    {
        const ulong Most = 101;
        WireReader reader = new(payload);
        reader.UInt32();
        ulong count = reader.Count();
        locator = [];
        stop = uint256.Zero;
        if (count > Most)
        {
            _group.Disconnect(peer, $"{name} locator size {count} > {Most}");
            return false;
        }

        for (ulong i = 0; i < count; i++)
        {
            locator.Add(reader.Hash());
        }

        stop = reader.Hash();
        return true;
    }

    private ChainBlock ForkOf(List<uint256> locator)
    {
        ChainBlock tip = _node.Tree.Tip;
        foreach (uint256 hash in locator)
        {
            if (_node.Tree.Find(hash) is { } block)
            {
                if (_node.Tree.IsActive(block))
                {
                    return block;
                }

                if (block.Height >= tip.Height && ReferenceEquals(block.Ancestor(tip.Height), tip))
                {
                    return tip;
                }
            }
        }

        return tip.Ancestor(0);
    }

    private void HandleGetHeaders(Peer peer, byte[] payload)
    {
        if (!TryReadLocator(peer, payload, "getheaders", out List<uint256> locator, out uint256 stop))
        {
            return;
        }

        ChainBlock tip = _node.Tree.Tip;
        if (tip.ChainWork < _node.Tree.Network.MinimumWork && !peer.May(PeerRights.Download))
        {
            _log.Write(
                "net",
                $"Ignoring getheaders from peer={peer.Id} because active chain has too little work; sending empty "
                    + $"response");
            SendHeaders(peer, []);
            return;
        }

        List<ChainBlock> headers = [];
        if (locator.Count == 0)
        {
            if (_node.Tree.Find(stop) is not { } single || !MayServe(single))
            {
                return;
            }

            headers.Add(single);
        }
        else
        {
            ChainBlock fork = ForkOf(locator);
            for (int height = fork.Height + 1; height <= tip.Height && headers.Count < MaxHeaders; height++)
            {
                headers.Add(tip.Ancestor(height));
                if (headers[^1].Hash == stop)
                {
                    break;
                }
            }

            _log.Write(
                "net",
                $"getheaders {fork.Height + 1} to {(stop == uint256.Zero ? "end" : stop.ToString())} from "
                    + $"peer={peer.Id}");
        }

        SendHeaders(peer, headers);
        lock (_group.Gate)
        {
            peer.BestSent = headers.Count > 0 ? headers[^1] : tip;
        }
    }

    private void HandleGetBlocks(Peer peer, byte[] payload)
    {
        if (!TryReadLocator(peer, payload, "getblocks", out List<uint256> locator, out uint256 stop))
        {
            return;
        }

        ChainBlock tip = _node.Tree.Tip;
        ChainBlock fork = ForkOf(locator);
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

    private void HandleHeaders(Peer peer, byte[] payload)
    {
        const int HeaderBytes = 80;
        WireReader reader = new(payload);
        ulong count = reader.Count();
        if (count > MaxHeaders)
        {
            _group.Misbehaving(peer, $"headers message size = {count}");
            return;
        }

        List<BlockHeader> headers = [];
        for (ulong i = 0; i < count; i++)
        {
            BlockHeader header = _node.Tree.Network.Network.Consensus.ConsensusFactory.CreateBlockHeader();
            header.FromBytes(reader.Take(HeaderBytes).ToArray());
            header.PrecomputeHash(false, false);
            headers.Add(header);
            reader.Count();
        }

        AcceptHeaders(peer, headers);
    }

    private void AcceptHeaders(Peer peer, List<BlockHeader> headers)
    {
        if (headers.Count == 0)
        {
            // Not an announcement, so the answer to a request.
            lock (_group.Gate)
            {
                peer.HeadersAsked = default;
            }

            return;
        }

        if (headers.Any(
            header => BlockRules.CheckProofOfWork(header, header.GetHash(), _node.Tree.Network) is not null))
        {
            _group.Misbehaving(peer, "header with invalid proof of work");
            return;
        }

        for (int i = 1; i < headers.Count; i++)
        {
            if (headers[i].HashPrevBlock != headers[i - 1].GetHash())
            {
                _group.Misbehaving(peer, "non-continuous headers sequence");
                return;
            }
        }

        if (_node.Tree.Find(headers[0].HashPrevBlock) is null)
        {
            _log.Write(
                "net",
                $"received header {headers[0].GetHash()}: missing prev block {headers[0].HashPrevBlock}, sending "
                    + $"getheaders ({_node.Tree.BestHeader.Height}) to end (peer={peer.Id})");
            SendGetHeaders(peer, _node.Tree.BestHeader);
            lock (_group.Gate)
            {
                LearnHash(peer, headers[^1].GetHash());
            }

            return;
        }

        // Headers that connect to the tree may be the answer to a request.
        lock (_group.Gate)
        {
            peer.HeadersAsked = default;
        }

        bool isNew = _node.Tree.Find(headers[^1].GetHash()) is null;
        if (isNew && headers.Count < MaxHeaders && WorkOf(headers) is { } work && work < LeastWork)
        {
            int height = _node.Tree.Find(headers[0].HashPrevBlock)!.Height + headers.Count;
            _log.Write("net", $"Ignoring low-work chain (height={height}) from peer={peer.Id}");
            return;
        }

        (Refusal? refusal, ChainBlock? last) = _node.Tree.AcceptHeaders(headers);
        if (refusal is not null)
        {
            Punish(peer, refusal, "invalid header received", isHeader: true);
            return;
        }

        if (last is null)
        {
            return;
        }

        if (isNew)
        {
            LogHeader(peer, last, "");
        }

        lock (_group.Gate)
        {
            Learn(peer, last);
            Protect(peer);
        }

        if (headers.Count == MaxHeaders)
        {
            _log.Write(
                "net", $"more getheaders ({last.Height}) to end to peer={peer.Id} (startheight:{peer.StartHeight})");
            SendGetHeaders(peer, last);
        }

        FetchDirectly(peer, last);
        RequestBlocks(peer);
    }

    /// <summary>The work of a chain that ends with headers whose parent is known.</summary>
    private System.Numerics.BigInteger WorkOf(List<BlockHeader> headers)
    {
        ChainBlock end = _node.Tree.Find(headers[0].HashPrevBlock)!;
        headers.ForEach(header => end = new ChainBlock(header, header.GetHash(), end));
        return end.ChainWork;
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
                if (!_node.Tree.HasData(block) && !_group.All.Any(other => other.InFlight.ContainsKey(block.Hash)))
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
            // Only once the tree has it: before, other peers would be asked for it.
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
        if (previous is not null && Mutation(block, previous) is { } mutation)
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
            // Headers cost nothing near the chain's beginning: none is kept there that nobody needs.
            _log.Write(
                "validation",
                $"AcceptBlockHeader: not adding new block header {hash}, missing anti-dos proof-of-work validation");
            return;
        }

        AcceptResult result = _node.Tree.AcceptBlock(block, wasRequested || peer.May(PeerRights.NoBan), out bool isNew);
        bool isNext = isNew && result.Refusal is null && result.Block is { } taken && _node.Tree.IsActive(taken);
        lock (_group.Gate)
        {
            if (isNew)
            {
                peer.LastBlock = _node.Clock.GetUtcNow();
                foreach (Peer other in _group.All)
                {
                    // Whoever was asked: the block is here.
                    Drop(other, hash);
                }
            }

            if (result.Block is { } place && !place.HasFailed)
            {
                Learn(peer, place);
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

    /// <summary>Whether the block is a forgery of another one with the same header.</summary>
    private Refusal? Mutation(Block block, ChainBlock previous)
    {
        if (BlockRules.CheckMerkleRoot(block) is { } mutated)
        {
            return mutated;
        }

        if (block.Transactions.Count == 0 || !block.Transactions[0].IsCoinBase)
        {
            return block.Transactions.Exists(static transaction => transaction.Stripped() == 64)
                ? new Refusal("bad-txnmrklroot", "a transaction of 64 bytes", RefusalKind.Mutated)
                : null;
        }

        return Witnesses.Check(block, previous.Height + 1 >= _node.Tree.Network.SegwitHeight);
    }

    private void Punish(Peer peer, Refusal refusal, string text, bool isHeader, bool isCompact = false)
    {
        switch (refusal.Kind)
        {
            case RefusalKind.Consensus or RefusalKind.Mutated or RefusalKind.CachedInvalid when isCompact:
                // Who sends a compact block need not have looked at more than its header.
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

    /// <summary>Whether a block may be served: old blocks of other branches would identify this node.</summary>
    private bool MayServe(ChainBlock block)
    {
        const long RecentSeconds = 30L * 24 * 60 * 60;
        ChainBlock best = _node.Tree.BestHeader;
        return _node.Tree.IsActive(block)
            || ((block.Status & BlockStatus.ScriptsChecked) != 0 && best.Time - (long)block.Time < RecentSeconds);
    }
}
