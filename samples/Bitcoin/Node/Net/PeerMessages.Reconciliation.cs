using Bitcoin.Primitives;

namespace Bitcoin.Node.Net;

// Reconciliation of announcements (BIP330). As in Bitcoin Core, peers only agree on it so far: transactions are
// announced to them as to others.
internal sealed partial class PeerMessages
{
    private const uint ReconciliationVersion = 1;
    private const int ReconciliationBytes = 12;

    /// <summary>Offers reconciliation to a peer that takes transactions.</summary>
    private void OfferReconciliation(Peer peer)
    {
        if (!_options.OffersReconciliation
            || !peer.WantsTransactions
            || _options.BlocksOnly
            || peer.Type is "addr-fetch" or "feeler")
        {
            return;
        }

        peer.Reconciliation = ReconciliationState.Offered;
        _log.Write("txreconciliation", $"Pre-register peer={peer.Id}");
        peer.Send(
            "sendtxrcncl",
            new WireWriter().UInt32(ReconciliationVersion).UInt64((ulong)Random.Shared.NextInt64()).ToArray());
    }

    private void HandleReconciliation(Peer peer, byte[] payload)
    {
        if (!_options.OffersReconciliation)
        {
            _log.Write(
                "net",
                $"sendtxrcncl from peer={peer.Id} ignored, as our node does not have txreconciliation enabled");
            return;
        }

        string? violation = peer.IsEstablished ? "sendtxrcncl received after verack"
            : RefusesTransactions(peer) ? "sendtxrcncl received to which we indicated no tx relay"
            : !peer.WantsTransactions ? "sendtxrcncl received which indicated no tx relay to us"
            : payload.Length < ReconciliationBytes ? $"sendtxrcncl of {payload.Length} bytes"
            : peer.Reconciliation == ReconciliationState.Agreed
                ? "txreconciliation protocol violation (sendtxrcncl received from already registered peer)"
            : null;
        if (violation is null && peer.Reconciliation == ReconciliationState.None)
        {
            _log.Write("net", $"Ignore unexpected txreconciliation signal from peer={peer.Id}");
            return;
        }

        WireReader reader = new(payload);
        if (violation is null && reader.UInt32() < ReconciliationVersion)
        {
            violation = "txreconciliation protocol violation";
        }

        if (violation is not null)
        {
            _group.Disconnect(peer, violation);
            return;
        }

        peer.Reconciliation = ReconciliationState.Agreed;
        _log.Write("txreconciliation", $"Register peer={peer.Id} (inbound={(peer.IsInbound ? 1 : 0)})");
    }

    /// <summary>At the end of the handshake: who announces by txid cannot reconcile.</summary>
    private void SettleReconciliation(Peer peer)
    {
        if (peer.Reconciliation != ReconciliationState.None
            && (!peer.AnnouncesByWitness || peer.Reconciliation != ReconciliationState.Agreed))
        {
            peer.Reconciliation = ReconciliationState.None;
            _log.Write("txreconciliation", $"Forget txreconciliation state of peer={peer.Id}");
        }
    }
}
