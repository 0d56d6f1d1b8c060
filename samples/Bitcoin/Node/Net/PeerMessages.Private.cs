using System.Net;
using NBitcoin;

namespace Bitcoin.Node.Net;

// Connections that give one own transaction away and tell nothing else.
internal sealed partial class PeerMessages
{
    private const int PrivateVersion = WitnessIdVersion;

    // The same for all nodes that do this, whatever their name is.
    private const string PrivateUserAgent = "/pynode:0.0.1/";

    private static readonly TimeSpan s_privateTime = TimeSpan.FromMinutes(3);

    /// <summary>Ends a connection that takes too long.</summary>
    internal void LookForSlowPrivate(Peer peer)
    {
        if (_node.Clock.GetUtcNow() - peer.Connected > s_privateTime)
        {
            EndPrivate(peer, $"did not complete the transaction send within {s_privateTime.TotalSeconds:F0} seconds");
        }
    }

    private static byte[] PrivateVersionMessage(ulong nonce)
    {
        WireWriter writer = new WireWriter().UInt32(PrivateVersion).UInt64(0).Int64(0);
        WriteAddress(writer, new IPEndPoint(IPAddress.IPv6Any, 0), 0);
        WriteAddress(writer, new IPEndPoint(IPAddress.IPv6Any, 0), 0);
        return writer.UInt64(nonce).Text(PrivateUserAgent).UInt32(0).Byte(0).ToArray();
    }

    private void AnswerPrivateVersion(Peer peer)
    {
        if (peer.WantsTransactions)
        {
            peer.Send("verack");
        }
        else
        {
            EndPrivate(peer, "does not support transaction relay (connected in vain)");
        }
    }

    private void StartPrivate(Peer peer)
    {
        peer.IsEstablished = true;
        if (_group.Private?.Queue.Choose(peer.Id, peer.Address) is not { } transaction)
        {
            EndPrivate(peer, "no more transactions for private broadcast (connected in vain)");
            return;
        }

        _log.Write(
            "privatebroadcast",
            $"P2P handshake completed, sending INV for txid={transaction.GetHash()}, "
                + $"wtxid={transaction.GetWitHash()}, peer={peer.Id}");
        peer.Send(
            "inv",
            new WireWriter().Count(1).UInt32((uint)InventoryKind.Transaction).Hash(transaction.GetHash()).ToArray());
    }

    private void HandlePrivate(Peer peer, string name, byte[] payload)
    {
        switch (name)
        {
            case "getdata":
                GivePrivate(peer, payload);
                break;
            case "pong":
                HandlePong(peer, payload);
                break;
            default:
                _log.Write(
                    "privatebroadcast", $"Ignoring incoming message '{Printable().Replace(name, "")}', peer={peer.Id}");
                break;
        }
    }

    private void GivePrivate(Peer peer, byte[] payload)
    {
        Transaction? transaction = _group.Private?.Queue.ChosenFor(peer.Id);
        if (transaction is null)
        {
            EndPrivate(peer, "got GETDATA without sending an INV");
            return;
        }

        if (ReadInventory(peer, payload, "getdata") is not { } items
            || items.Count != 1
            || (items[0].Kind & ~InventoryKind.WitnessFlag) != InventoryKind.Transaction
            || items[0].Hash != transaction.GetHash())
        {
            EndPrivate(peer, "got an unexpected GETDATA message");
            return;
        }

        // The answer to the ping shows that the peer has read the transaction.
        peer.Send("tx", transaction.ToBytes());
        lock (_group.Gate)
        {
            peer.PingNonce = (ulong)Random.Shared.NextInt64(1, long.MaxValue);
            peer.PingSent = _node.Clock.GetUtcNow();
            peer.Send("ping", new WireWriter().UInt64(peer.PingNonce).ToArray());
        }
    }

    private void ConfirmPrivate(Peer peer)
    {
        _group.Private?.Queue.Confirm(peer.Id);
        _log.Write(
            "privatebroadcast",
            "Got a PONG (the transaction will probably reach the network), marking for disconnect, "
                + $"peer={peer.Id}");
        peer.Dispose();
    }

    private void EndPrivate(Peer peer, string why)
    {
        _log.Write("privatebroadcast", $"Disconnecting: {why}, peer={peer.Id}");
        peer.Dispose();
    }
}
