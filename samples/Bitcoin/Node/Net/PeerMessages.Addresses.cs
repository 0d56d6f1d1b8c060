using System.Net;
using Bitcoin.Primitives;
using NBitcoin;
using NBitcoin.Crypto;

namespace Bitcoin.Node.Net;

// Addresses of nodes: received ones, relayed ones, and this node's own.
internal sealed partial class PeerMessages
{
    private const int MaxAddresses = 1000;
    private const int MaxPassedOn = 10;
    private const double AddressesPerSecond = 0.1;
    private const int AddressPercent = 23;
    private const int DestinationSeconds = 24 * 60 * 60;
    private const double AddressDelaySeconds = 30;
    private const double OwnAddressDelaySeconds = 24 * 60 * 60;

    // Guarded by the group's gate: answers to getaddr. A peer that asks repeatedly learns nothing new.
    private readonly Dictionary<
        string,
        (DateTimeOffset Until, IReadOnlyList<(NetAddress Address, ulong Services, long Time)> Addresses)>
        _addressAnswers = [];
    private readonly byte[] _addressSalt = System.Security.Cryptography.RandomNumberGenerator.GetBytes(16);

    /// <summary>Sends a peer the addresses that wait for it, and from time to time this node's own.</summary>
    internal void SendAddresses(Peer peer)
    {
        if (!peer.RelaysAddresses)
        {
            return;
        }

        DateTimeOffset now = _node.Clock.GetUtcNow();
        lock (_group.Gate)
        {
            if (_options.Listens && peer.NextOwnAddress < now && !_node.IsInitialDownload)
            {
                AnnounceSelf(peer, now);
            }

            if (peer.NextAddresses >= now)
            {
                return;
            }

            peer.NextAddresses = now + Delay(AddressDelaySeconds);
            List<(NetAddress Address, ulong Services, long Time)> waiting =
                [
                    .. peer.AddressesToSend.Where(one => peer.KnowsAddress(one.Address)),
                ];
            peer.AddressesToSend.Clear();
            if (waiting.Count > 0)
            {
                SendAddresses(peer, waiting);
            }
        }
    }

    internal static NetAddress ReadAddress(ref WireReader reader)
    {
        IPAddress address = new(reader.Take(16));
        return NetAddress.From(address, reader.UInt16BigEndian());
    }

    private static TimeSpan Delay(double mean)
        => TimeSpan.FromSeconds(-Math.Log(1 - Random.Shared.NextDouble()) * mean);

    private static void SendAddresses(
        Peer peer, IReadOnlyList<(NetAddress Address, ulong Services, long Time)> addresses)
    {
        WireWriter writer = new WireWriter().Count(addresses.Count);
        foreach ((NetAddress address, ulong services, long time) in addresses)
        {
            writer.UInt32((uint)time);
            if (peer.WantsAddressesV2)
            {
                writer.Count((long)services);
                address.Write(writer, hasPort: true);
            }
            else
            {
                WriteAddress(writer, new IPEndPoint(address.Ip!, address.Port), services);
            }
        }

        peer.Send(peer.WantsAddressesV2 ? "addrv2" : "addr", writer.ToArray());
    }

    /// <summary>
    /// Announces this node's address to a peer. The first time it is sent alone, so that a peer with a limit for
    /// addresses does not drop it.
    /// </summary>
    private void AnnounceSelf(Peer peer, DateTimeOffset now)
    {
        bool isFirst = peer.NextOwnAddress == default;
        if (!isFirst)
        {
            peer.ForgetAddresses();
        }

        peer.NextOwnAddress = now + Delay(OwnAddressDelaySeconds);
        if (_group.Local.For(peer) is not { } own || !Fits(peer, own))
        {
            return;
        }

        _log.Write("net", $"Advertising address {own} to peer={peer.Id}");
        (NetAddress, ulong, long) entry = (own, Services, now.ToUnixTimeSeconds());
        if (isFirst)
        {
            SendAddresses(peer, [entry]);
        }
        else
        {
            Queue(peer, entry);
        }
    }

    private static bool Fits(Peer peer, NetAddress address) => peer.WantsAddressesV2 || address.IsOfFirstVersion;

    private static void Queue(Peer peer, (NetAddress Address, ulong Services, long Time) entry)
    {
        if (!Fits(peer, entry.Address) || peer.KnownAddresses.Contains(entry.Address))
        {
            return;
        }

        if (peer.AddressesToSend.Count >= MaxAddresses)
        {
            peer.AddressesToSend[Random.Shared.Next(MaxAddresses)] = entry;
        }
        else
        {
            peer.AddressesToSend.Add(entry);
        }
    }

    private void HandleAddresses(Peer peer, byte[] payload, bool isSecondVersion)
    {
        string name = isSecondVersion ? "addrv2" : "addr";
        List<(NetAddress? Address, ulong Services, long Time)> told = ReadAddresses(
            payload, isSecondVersion, out ulong count);
        if (!StartAddressRelay(peer))
        {
            _log.Write("net", $"ignoring {name} message from {peer.Type} peer={peer.Id}");
            return;
        }

        if (count > MaxAddresses)
        {
            _group.Misbehaving(peer, $"{name} message size = {count}");
            return;
        }

        DateTimeOffset now = _node.Clock.GetUtcNow();
        long seconds = now.ToUnixTimeSeconds();
        List<(NetAddress Address, ulong Services, long Time)> good = [];
        int processed = 0;
        int limited = 0;
        lock (_group.Gate)
        {
            peer.RefillAddressTokens(now, AddressesPerSecond, MaxAddresses);
            foreach ((NetAddress? given, ulong services, long time) in Shuffled(told))
            {
                if (!peer.TakeAddressToken() && !peer.May(PeerRights.Addr))
                {
                    limited++;
                    continue;
                }

                if (given is null || (services & (NodeNetwork | NodeLimited)) == 0)
                {
                    continue;
                }

                NetAddress address = given.Ip is { } ip
                    ? NetAddress.From(ip, given.Port, given.Network == NetworkNames.Cjdns || _options.Reach.HasCjdns)
                    : given;
                const long Least = 100_000_000;
                const int FutureSeconds = 600;
                long seen = time <= Least || time > seconds + FutureSeconds ? seconds - (5 * DestinationSeconds) : time;
                peer.KnowsAddress(address);
                if (_group.Bans.IsBanned(address))
                {
                    continue;
                }

                processed++;
                bool isReachable = _options.Reach.Reaches(address.Network);
                if (seen > seconds - FutureSeconds
                    && !peer.HasAskedForAddresses
                    && told.Count <= MaxPassedOn
                    && address.Network != NetworkNames.Unroutable)
                {
                    PassOn(peer, (address, services, seen), isReachable, seconds);
                }

                if (isReachable)
                {
                    good.Add((address, services, seen));
                }
            }

            peer.AddressesSeen += processed;
            peer.AddressesLimited += limited;
        }

        _log.Write(
            "net",
            $"Received addr: {told.Count} addresses ({processed} processed, {limited} rate-limited) from "
                + $"peer={peer.Id}");
        const long PenaltySeconds = 2 * 60 * 60;
        _group.Addresses.Add(good, peer.Address, PenaltySeconds);
        if (told.Count < MaxAddresses)
        {
            peer.HasAskedForAddresses = false;
        }

        // A peer that sends only its own address first has more to send.
        if (peer.Type == "addr-fetch" && told.Count > 1)
        {
            _group.Disconnect(peer, "addrfetch connection completed");
        }
    }

    private static List<(NetAddress? Address, ulong Services, long Time)> ReadAddresses(
        byte[] payload, bool isSecondVersion, out ulong count)
    {
        WireReader reader = new(payload);
        count = reader.Count();
        List<(NetAddress?, ulong, long)> told = [];
        for (ulong i = 0; i < count && (i <= MaxAddresses || reader.Left > 0); i++)
        {
            uint time = reader.UInt32();
            ulong services = isSecondVersion ? reader.Count() : reader.UInt64();
            told.Add(
                (isSecondVersion
                    ? NetAddress.Read(ref reader, hasPort: true)
                    : ReadAddress(ref reader), services, time));
        }

        return told;
    }

    private static List<T> Shuffled<T>(List<T> items)
    {
        T[] all = [.. items];
        Random.Shared.Shuffle(all);
        return [.. all];
    }

    /// <summary>
    /// Whether to exchange addresses with a peer; with an inbound one since its first message about addresses.
    /// </summary>
    private static bool StartAddressRelay(Peer peer)
    {
        if (peer.Type == "block-relay-only")
        {
            return false;
        }

        peer.RelaysAddresses = true;
        return true;
    }

    /// <summary>
    /// Relays an address to one or two peers: the same ones for a day, so that repeating an address does not spread it
    /// further.
    /// </summary>
    private void PassOn(Peer from, (NetAddress Address, ulong Services, long Time) entry, bool isReachable, long now)
    {
        ulong hash = Salted(entry.Address.ToString());
        ulong day = ((ulong)now + hash) / DestinationSeconds;
        int count = isReachable || (Salted($"{hash} {day}") & 1) != 0 ? 2 : 1;
        IEnumerable<Peer> chosen = _group.All
            .Where(peer => peer.RelaysAddresses && !ReferenceEquals(peer, from) && Fits(peer, entry.Address))
            .OrderByDescending(peer => Salted($"{hash} {day} {peer.Id}"))
            .Take(count);
        foreach (Peer peer in chosen)
        {
            Queue(peer, entry);
        }
    }

    private ulong Salted(string text)
    {
        byte[] bytes = [.. _addressSalt, .. System.Text.Encoding.UTF8.GetBytes(text)];
        return BitConverter.ToUInt64(Hashes.DoubleSHA256RawBytes(bytes, 0, bytes.Length));
    }

    private void HandleGetAddresses(Peer peer)
    {
        // Only inbound peers may ask: otherwise a peer could find out from which peers this node has its addresses.
        if (!peer.IsInbound)
        {
            _log.Write("net", $"Ignoring \"getaddr\" from {peer.Type} connection. peer={peer.Id}");
            return;
        }

        StartAddressRelay(peer);
        if (peer.HasSentGetAddr)
        {
            _log.Write("net", $"Ignoring repeated \"getaddr\". peer={peer.Id}");
            return;
        }

        peer.HasSentGetAddr = true;
        IReadOnlyList<(NetAddress Address, ulong Services, long Time)> answer = peer.May(PeerRights.Addr)
            ? _group.Addresses.Sample(MaxAddresses, AddressPercent, network: null)
            : CachedAddresses(peer);
        lock (_group.Gate)
        {
            peer.AddressesToSend.Clear();
            foreach ((NetAddress Address, ulong Services, long Time) entry in answer)
            {
                if (!_group.Bans.IsBanned(entry.Address))
                {
                    Queue(peer, entry);
                }
            }
        }
    }

    /// <summary>The answer for the network and the listening address of a peer, the same for about a day.</summary>
    private IReadOnlyList<(NetAddress Address, ulong Services, long Time)> CachedAddresses(Peer peer)
    {
        const double LeastHours = 21;
        const double SpreadHours = 6;
        string key = $"{peer.Address.Network} {peer.Local}";
        lock (_group.Gate)
        {
            DateTimeOffset now = _node.Clock.GetUtcNow();
            if (!_addressAnswers.TryGetValue(key, out var cached) || cached.Until < now)
            {
                DateTimeOffset until = now + TimeSpan.FromHours(
                    LeastHours + (Random.Shared.NextDouble() * SpreadHours));
                _addressAnswers[key] = cached = (until, _group.Addresses.Sample(
                    MaxAddresses, AddressPercent, network: null));
            }

            return cached.Addresses;
        }
    }
}
