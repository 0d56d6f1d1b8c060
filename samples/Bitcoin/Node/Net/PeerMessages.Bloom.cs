using Bitcoin.Primitives;

namespace Bitcoin.Node.Net;

// Bloom filters of light clients (BIP37).
internal sealed partial class PeerMessages
{
    private void HandleFilterLoad(Peer peer, byte[] payload)
    {
        if (PeerFilter.Read(payload) is not { } filter)
        {
            _group.Misbehaving(peer, "too-large bloom filter");
            return;
        }

        lock (_group.Gate)
        {
            peer.Filter = filter;

            // A client with a filter wants the transactions that match it.
            peer.WantsTransactions = true;
        }

        HasRelayRoom(peer, "filterload");
    }

    private void HandleFilterAdd(Peer peer, byte[] payload)
    {
        WireReader reader = new(payload);
        ulong length = reader.Count();
        bool isGood = length <= PeerFilter.MaxElementBytes;
        if (isGood)
        {
            byte[] element = reader.Take((int)length).ToArray();
            lock (_group.Gate)
            {
                peer.Filter?.Add(element);
                isGood = peer.Filter is not null;
            }
        }

        if (!isGood)
        {
            _group.Misbehaving(peer, "bad filteradd message");
        }
    }

    private void HandleFilterClear(Peer peer)
    {
        lock (_group.Gate)
        {
            peer.Filter = null;
            peer.WantsTransactions = true;
        }

        HasRelayRoom(peer, "filterclear");
    }

    /// <summary>
    /// Whether an inbound peer that wants transactions may stay: another one goes for it if there are too many.
    /// </summary>
    private bool HasRelayRoom(Peer peer, string message)
    {
        bool isTooMuch = peer is { IsInbound: true, WantsTransactions: true } && !peer.May(PeerRights.NoBan)
            && _group.All.Count(
                static other => other
                    is { IsInbound: true, HasEnded: false, WantsTransactions: true }) > _options.MaxInboundRelay;
        if (!isTooMuch || _group.TryEvict(other => other.WantsTransactions && !ReferenceEquals(other, peer)))
        {
            return true;
        }

        _group.Disconnect(
            peer, $"failed to find a tx-relaying eviction candidate - connection dropped after {message} message");
        return false;
    }
}
