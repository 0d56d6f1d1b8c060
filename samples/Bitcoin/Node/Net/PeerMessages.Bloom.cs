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
    }
}
