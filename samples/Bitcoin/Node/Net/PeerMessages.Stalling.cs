using Bitcoin.Chain;
using NBitcoin;

namespace Bitcoin.Node.Net;

// Blocks that were asked for and do not come. All under the group's gate.
internal sealed partial class PeerMessages
{
    private static readonly TimeSpan s_leastStall = TimeSpan.FromSeconds(2);
    private static readonly TimeSpan s_mostStall = TimeSpan.FromSeconds(64);
    private static readonly TimeSpan s_download = TimeSpan.FromMinutes(10);

    // How long a peer may hold up the others. Longer when one was let go for it, lest a slow line lose them all.
    private TimeSpan _stallPatience = s_leastStall;

    /// <summary>Lets a peer go that holds up others, or was asked for a block long ago.</summary>
    internal void LookForStalling(Peer peer)
    {
        DateTimeOffset now = _node.Clock.GetUtcNow();
        lock (_group.Gate)
        {
            if (peer.HasEnded)
            {
                return;
            }

            if (peer.StallingSince is { } since && since < now - _stallPatience)
            {
                _group.Disconnect(peer, "Peer is stalling block download");
                TimeSpan longer = 2 * _stallPatience < s_mostStall ? 2 * _stallPatience : s_mostStall;
                if (longer != _stallPatience)
                {
                    _stallPatience = longer;
                    _log.Write("net", $"Increased stalling timeout temporarily to {longer.TotalSeconds:F0} seconds");
                }
            }
            else if (peer.InFlight.Count > 0)
            {
                int others = _group.All.Count(
                    other => !ReferenceEquals(other, peer) && other is { HasEnded: false, InFlight.Count: > 0 });
                if (now > peer.DownloadingSince + (s_download * (1 + (0.5 * others))))
                {
                    uint256 first = peer.InFlight.MinBy(static one => one.Value.Sequence).Key;
                    _group.Disconnect(peer, $"Timeout downloading block {first}");
                }
            }
        }
    }

    private BlockRequest Ask(Peer peer, ChainBlock block)
    {
        if (peer.InFlight.Count == 0)
        {
            peer.DownloadingSince = _node.Clock.GetUtcNow();
        }

        BlockRequest request = new(block);
        peer.InFlight[block.Hash] = request;
        return request;
    }

    private bool Drop(Peer peer, uint256 hash)
    {
        if (!peer.InFlight.Remove(hash, out BlockRequest? request))
        {
            return false;
        }

        if (peer.InFlight.Values.All(other => other.Sequence > request.Sequence))
        {
            // The first one: from now on the next is waited for.
            DateTimeOffset now = _node.Clock.GetUtcNow();
            peer.DownloadingSince = now > peer.DownloadingSince ? now : peer.DownloadingSince;
        }

        peer.StallingSince = null;
        return true;
    }

    private void NoteStall(Peer holder)
    {
        if (holder.StallingSince is null)
        {
            holder.StallingSince = _node.Clock.GetUtcNow();
            _log.Write("net", $"Stall started peer={holder.Id}");
        }
    }

    /// <summary>A block joined the chain: who was given up made place for somebody better.</summary>
    private void RelaxStalling()
    {
        if (_stallPatience != s_leastStall)
        {
            TimeSpan shorter = TimeSpan.FromSeconds(Math.Floor(_stallPatience.TotalSeconds * 0.85));
            _stallPatience = shorter > s_leastStall ? shorter : s_leastStall;
            _log.Write("net", $"Decreased stalling timeout to {_stallPatience.TotalSeconds:F0} seconds");
        }
    }
}
