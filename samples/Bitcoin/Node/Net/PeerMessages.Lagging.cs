using Bitcoin.Chain;

namespace Bitcoin.Node.Net;

// Outbound peers whose chain stays behind: a better peer could take their place.
internal sealed partial class PeerMessages
{
    private const int MaxProtected = 4;
    private static readonly TimeSpan s_catchUp = TimeSpan.FromMinutes(20);
    private static readonly TimeSpan s_answer = TimeSpan.FromMinutes(2);

    /// <summary>Disconnects an outbound peer that does not keep up with the chain.</summary>
    internal void LookForLagging(Peer peer)
    {
        if (peer.Type is not ("outbound-full-relay" or "block-relay-only") || !peer.HasStartedSync)
        {
            return;
        }

        DateTimeOffset now = _node.Clock.GetUtcNow();
        ChainBlock tip = _node.Tree.Tip;
        ChainBlock? benchmark = null;
        lock (_group.Gate)
        {
            ChainSync sync = peer.Sync;
            if (sync.IsProtected)
            {
                return;
            }

            if (peer.BestKnown is { } best && best.ChainWork >= tip.ChainWork)
            {
                (sync.Until, sync.Benchmark, sync.WasAsked) = (null, null, false);
            }
            else if (sync.Until is null
                || (sync.Benchmark is { } old && peer.BestKnown is { } known && known.ChainWork >= old.ChainWork))
            {
                // The peer is behind, or has only caught up with the earlier tip.
                (sync.Until, sync.Benchmark, sync.WasAsked) = (now + s_catchUp, tip, false);
            }
            else if (now > sync.Until && sync.WasAsked)
            {
                _group.Disconnect(
                    peer,
                    $"Outbound peer has old chain, best known block = {peer.BestKnown?.Hash.ToString() ?? "<none>"}");
            }
            else if (now > sync.Until)
            {
                benchmark = sync.Benchmark;
                (sync.Until, sync.WasAsked) = (now + s_answer, true);
            }
        }

        if (benchmark is not null)
        {
            _log.Write(
                "net",
                $"sending getheaders to outbound peer={peer.Id} to verify chain work (current best known block:"
                    + $"{peer.BestKnown?.Hash.ToString() ?? "<none>"}, benchmark blockhash: {benchmark.Hash})");
            SendGetHeaders(peer, benchmark.Previous ?? benchmark);
        }
    }

    /// <summary>Protects an outbound peer that has a good chain. Called under the group's gate.</summary>
    private void Protect(Peer peer)
    {
        if (peer.Type == "outbound-full-relay"
            && !peer.Sync.IsProtected
            && peer.BestKnown is { } best
            && best.ChainWork >= _node.Tree.Tip.ChainWork
            && _group.All.Count(static other => other is { HasEnded: false, Sync.IsProtected: true }) < MaxProtected)
        {
            _log.Write("net", $"Protecting outbound peer={peer.Id} from eviction");
            peer.Sync.IsProtected = true;
        }
    }
}
