using Bitcoin.Chain;
using NBitcoin;

namespace Bitcoin.Node.Net;

// Requested blocks that do not come. Everything here is guarded by the group's gate.
internal sealed partial class PeerMessages
{
    private static readonly TimeSpan s_leastStall = TimeSpan.FromSeconds(2);
    private static readonly TimeSpan s_mostStall = TimeSpan.FromSeconds(64);
    private static readonly TimeSpan s_download = TimeSpan.FromMinutes(10);

    // How long a peer may delay the other peers. The time grows after each disconnected peer, so that a slow line does
    // not lose all peers.
    private TimeSpan _stallPatience = s_leastStall;

    /// <summary>Disconnects a peer that delays others, or has not sent a block for too long.</summary>
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
            // The first request has ended: the wait for the next one begins now.
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

    /// <summary>Shortens the allowed time again, because a block joined the chain.</summary>
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
