using System.Globalization;
using System.Text.Json.Nodes;
using Bitcoin.Chain;
using Bitcoin.Node.Net;
using Bitcoin.Node.Net.Transport;
using Bitcoin.Rpc;

namespace Bitcoin.Node.Commands;

/// <summary>What getpeerinfo tells of a peer.</summary>
internal static class PeerDescription
{
    internal static JsonNode Of(Peer peer, PeerGroup peers, NodeContext node)
    {
        lock (peers.Gate)
        {
            JsonObject value = new()
            {
                ["id"] = peer.Id,
                ["addr"] = peer.IsInbound ? peer.Address.ToString() : peer.Name,
            };
            if (peer.Local is not null)
            {
                value["addrbind"] = peer.Local.ToString();
            }

            if (peer.SeesUsAs is { Port: > 0 } local)
            {
                value["addrlocal"] = local.ToString();
            }

            value["network"] = peer.Network;
            if (node.Peers?.Groups.OperatorOf(peer.Address) is { } number and not 0)
            {
                value["mapped_as"] = (long)number;
            }

            value["services"] = peer.Services.ToString("x16", CultureInfo.InvariantCulture);
            value["servicesnames"] = Values.Strings(ServiceNames(peer.Services));
            value["relaytxes"] = peer.WantsTransactions;
            value["last_inv_sequence"] = peer.LastSequence;
            value["inv_to_send"] = peer.ToAnnounce.Count;
            value["lastsend"] = Seconds(peer.LastSend);
            value["lastrecv"] = Seconds(peer.LastReceive);
            value["last_transaction"] = Seconds(peer.LastTransaction);
            value["last_block"] = Seconds(peer.LastBlock);
            value["bytessent"] = peer.BytesSent;
            value["bytesrecv"] = peer.BytesReceived;
            value["conntime"] = Seconds(peer.Connected);
            value["timeoffset"] = peer.TimeOffset;
            if (peer.LastPing is { } ping)
            {
                value["pingtime"] = ping.TotalSeconds;
            }

            if (peer.BestPing is { } best)
            {
                value["minping"] = best.TotalSeconds;
            }

            if (peer.PingNonce != 0 && node.Clock.GetUtcNow() - peer.PingSent is { TotalSeconds: > 0 } wait)
            {
                value["pingwait"] = wait.TotalSeconds;
            }

            value["version"] = peer.Version;
            value["subver"] = peer.UserAgent;
            value["inbound"] = peer.IsInbound;
            value["bip152_hb_to"] = peer.IsAskedForCompactBlocks;
            value["bip152_hb_from"] = peer.WantsCompactBlocks;
            value["presynced_headers"] =
                peer.Presync is { State: HeadersPresync.Phase.Counting } sync ? sync.Height : -1;
            value["synced_headers"] = peer.BestKnown?.Height ?? -1;
            value["synced_blocks"] = peer.BestKnown is { } known
                ? ChainBlock.Fork(known, node.Tree.Tip).Height
                : -1;
            value["inflight"] = Values.Array(peer.InFlight.Values.Select(static one => (JsonNode)one.Block.Height));
            value["addr_relay_enabled"] = peer.RelaysAddresses;
            value["addr_processed"] = peer.AddressesSeen;
            value["addr_rate_limited"] = peer.AddressesLimited;
            value["permissions"] = Values.Strings(Permissions(peer.Rights));
            value["minfeefilter"] = JsonText.Amount(peer.FeeFilter.PerKilobyte);
            value["bytessent_per_msg"] = new JsonObject(
                peer.SentByMessage.OrderBy(static pair => pair.Key, StringComparer.Ordinal).Select(
                    static pair => KeyValuePair.Create(pair.Key, (JsonNode?)pair.Value)));
            value["bytesrecv_per_msg"] = new JsonObject(
                peer.ReceivedByMessage.OrderBy(static pair => pair.Key, StringComparer.Ordinal).Select(
                    static pair => KeyValuePair.Create(pair.Key, (JsonNode?)pair.Value)));
            value["connection_type"] = peer.Type;
            value["transport_protocol_type"] = peer.Transport switch
            {
                TransportKind.Plain => "v1",
                TransportKind.Encrypted => "v2",
                _ => "detecting",
            };
            value["session_id"] = peer.SessionId;
            return value;
        }
    }

    internal static string[] ServiceNames(ulong services)
    {
        (ulong Bit, string Name)[] names =
            [
                (1, "NETWORK"),
                (4, "BLOOM"),
                (8, "WITNESS"),
                (64, "COMPACT_FILTERS"),
                (1024, "NETWORK_LIMITED"),
                (2048, "P2P_V2"),
            ];
        IEnumerable<string> Names()
        {
            for (int bit = 0; bit < 64; bit++)
            {
                if ((services & (1UL << bit)) != 0)
                {
                    yield return names.FirstOrDefault(name => name.Bit == 1UL << bit).Name ?? $"UNKNOWN[2^{bit}]";
                }
            }
        }

        return [.. Names()];
    }

    private static IEnumerable<string> Permissions(PeerRights rights)
    {
        (PeerRights Right, string Name)[] names =
        [
            (PeerRights.BloomFilter, "bloomfilter"), (PeerRights.NoBan, "noban"), (PeerRights.ForceRelay, "forcerelay"),
            (PeerRights.Relay, "relay"),
            (PeerRights.Mempool, "mempool"), (PeerRights.Download, "download"), (PeerRights.Addr, "addr"),
        ];
        return names.Where(name => (rights & name.Right) != 0).Select(static name => name.Name);
    }

    private static long Seconds(DateTimeOffset time) => time == default ? 0 : time.ToUnixTimeSeconds();
}
