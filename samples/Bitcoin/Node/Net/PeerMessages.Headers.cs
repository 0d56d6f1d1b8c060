using System.Numerics;
using Bitcoin.Chain;
using Bitcoin.Chain.Rules;
using Bitcoin.Primitives;
using NBitcoin;

namespace Bitcoin.Node.Net;

// Headers: the first synchronization, and what is requested, received and served.
internal sealed partial class PeerMessages
{
    private const int MaxHeaders = 2000;
    private static readonly TimeSpan s_headersTime = TimeSpan.FromMinutes(2);
    private static readonly TimeSpan s_allHeaders = TimeSpan.FromMinutes(15);
    private static readonly TimeSpan s_day = TimeSpan.FromDays(1);

    /// <summary>Asks a peer to announce blocks by headers, once its chain is known to have enough work.</summary>
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
    /// Requests all headers from a peer. While this node is far behind, it asks only one peer, and another one if that
    /// takes too long.
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

            // Set before the request, so that no other peer is asked meanwhile.
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

    /// <summary>
    /// Disconnects a peer that is too slow with the headers, if another peer can send them. Called under the group's
    /// gate.
    /// </summary>
    private void LookForSlowHeaders(Peer peer, bool isNear, DateTimeOffset now)
    {
        if (isNear)
        {
            // The headers have caught up, so the deadline ends.
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

    /// <summary>Requests headers, unless an earlier request is still waiting for its answer.</summary>
    private bool SendGetHeaders(Peer peer, ChainBlock from) => SendGetHeaders(peer, BlockLocator.Of(from));

    private bool SendGetHeaders(Peer peer, List<uint256> locator)
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
        writer.Count(locator.Count);
        locator.ForEach(hash => writer.Hash(hash));
        peer.Send("getheaders", writer.Hash(uint256.Zero).ToArray());
        return true;
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
            ChainBlock fork = BlockLocator.ForkOf(_node.Tree, locator);
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
        lock (_group.Gate)
        {
            peer.IsTakingHeaders = true;
        }

        try
        {
            TakeHeaders(peer, headers);
        }
        finally
        {
            lock (_group.Gate)
            {
                peer.IsTakingHeaders = false;
            }
        }

        if (!peer.HasEnded)
        {
            AskAgain(peer);
            RequestBlocks(peer);
        }
    }

    /// <summary>Requests headers that an announcement asked for while another request was waiting.</summary>
    private void AskAgain(Peer peer)
    {
        lock (_group.Gate)
        {
            peer.ResolveUnknown(_node.Tree);
            if (!peer.WantsHeadersAgain || peer.HeadersAsked != default)
            {
                return;
            }

            peer.WantsHeadersAgain = false;
            if (peer.UnknownHash is null)
            {
                return;
            }
        }

        SendGetHeaders(peer, _node.Tree.BestHeader);
    }

    private void TakeHeaders(Peer peer, List<BlockHeader> headers)
    {
        if (headers.Count == 0)
        {
            // An empty message is not an announcement but the answer to a request.
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

        bool isFull = headers.Count == MaxHeaders;
        bool isCounted = TryCount(peer, ref headers, isFull);
        if (headers.Count == 0)
        {
            return;
        }

        if (_node.Tree.Find(headers[0].HashPrevBlock) is not { } start)
        {
            _log.Write(
                "net",
                $"received header {headers[0].GetHash()}: missing prev block {headers[0].HashPrevBlock}, sending "
                    + $"getheaders ({_node.Tree.BestHeader.Height}) to end (peer={peer.Id})");
            SendGetHeaders(peer, _node.Tree.BestHeader);
            lock (_group.Gate)
            {
                peer.LearnHash(_node.Tree, headers[^1].GetHash());
            }

            return;
        }

        // Headers that connect to the tree may be the answer to a request.
        lock (_group.Gate)
        {
            peer.HeadersAsked = default;
        }

        bool isNew = _node.Tree.Find(headers[^1].GetHash()) is null;
        if (isNew && !isCounted && !peer.May(PeerRights.NoBan) && WorkOf(headers) < LeastWork)
        {
            if (isFull)
            {
                peer.Presync = new HeadersPresync(_node.Tree.Network, start, LeastWork, _node.Clock.GetUtcNow());
                _log.Write("net", $"Initial headers sync started with peer={peer.Id}: height={start.Height}");
                TryCount(peer, ref headers, isFull);
            }
            else
            {
                int height = start.Height + headers.Count;
                _log.Write("net", $"Ignoring low-work chain (height={height}) from peer={peer.Id}");
            }

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
            LogProgress(last);
        }

        lock (_group.Gate)
        {
            peer.Learn(last);
            Protect(peer);
        }

        if (isFull && peer.Presync is null)
        {
            _log.Write(
                "net", $"more getheaders ({last.Height}) to end to peer={peer.Id} (startheight:{peer.StartHeight})");
            SendGetHeaders(peer, last);
        }

        FetchDirectly(peer, last);
    }

    /// <summary>
    /// Counts headers of a chain that has not shown enough work, and requests the next ones. The headers are replaced
    /// by those that have shown it.
    /// </summary>
    /// <returns>Whether the headers were counted, and the rest has shown enough work.</returns>
    private bool TryCount(Peer peer, ref List<BlockHeader> headers, bool isFull)
    {
        if (peer.Presync is not { } sync)
        {
            return false;
        }

        IReadOnlyList<BlockHeader>? released = sync.Take(headers, isFull);
        if (sync.State == HeadersPresync.Phase.Ended)
        {
            peer.Presync = null;
        }

        if (released is null)
        {
            // They are not what was asked for. They may be an announcement.
            return false;
        }

        lock (_group.Gate)
        {
            peer.HeadersAsked = default;
        }

        headers = [.. released];
        if (peer.Presync is not null && SendGetHeaders(peer, sync.Locator))
        {
            _log.Write("net", $"more getheaders ({sync.Height}) to end to peer={peer.Id} ({sync.State})");
        }

        return true;
    }

    private void LogProgress(ChainBlock last)
    {
        if (_node.IsInitialDownload && ReferenceEquals(_node.Tree.BestHeader, last))
        {
            long left = Math.Max(
                0, (_node.Clock.GetUtcNow().ToUnixTimeSeconds() - last.Time) / _node.Tree.Network.SpacingSeconds);
            double progress = 100.0 * last.Height / (last.Height + left);
            _log.Write($"Synchronizing blockheaders, height: {last.Height} (~{progress:F2}%)");
        }
    }

    /// <summary>The work of a chain that ends with headers whose parent is known.</summary>
    private BigInteger WorkOf(List<BlockHeader> headers)
    {
        ChainBlock end = _node.Tree.Find(headers[0].HashPrevBlock)!;
        headers.ForEach(header => end = new ChainBlock(header, header.GetHash(), end));
        return end.ChainWork;
    }

    /// <summary>Whether a block may be served: old blocks of other branches would identify this node.</summary>
    private bool MayServe(ChainBlock block)
    {
        const long RecentSeconds = 30L * 24 * 60 * 60;
        ChainBlock best = _node.Tree.BestHeader;
        return _node.Tree.IsActive(block)
            || ((block.Status & BlockStatus.ScriptsChecked) != 0 && best.Time - (long)block.Time < RecentSeconds);
    }

    private bool TryReadLocator(Peer peer, byte[] payload, string name, out List<uint256> locator, out uint256 stop)
    {
        if (BlockLocator.TryRead(payload, out locator, out stop, out ulong count))
        {
            return true;
        }

        _group.Disconnect(peer, $"{name} locator size {count} > {BlockLocator.MaxCount}");
        return false;
    }
}
