using System.Collections.Concurrent;
using System.Net;
using System.Net.Sockets;
using System.Security.Cryptography;
using Bitcoin.Node.Net;
using Bitcoin.Node.Net.Transport;
using Bitcoin.Primitives;
using NBitcoin.Secp256k1;

namespace Bitcoin.Tests;

[TestFixture]
internal sealed class EncryptedTransportTests
{
    // The private network's.
    private static readonly byte[] s_magic = [0xfa, 0xbf, 0xb5, 0xda];
    private static readonly HashSet<string> s_known = ["ping", "block", "wtxidrelay"];

    private readonly ManualClock _clock = new(DateTimeOffset.FromUnixTimeSeconds(1_700_000_000));
    private readonly ConcurrentQueue<string> _log = new();
    private readonly List<IDisposable> _open = [];

    [TearDown]
    public void Close()
    {
        _open.ForEach(static one => one.Dispose());
        _open.Clear();
        _log.Clear();
    }

    [Test]
    public void The_key_stream_is_that_of_the_published_example()
    {
        byte[] key = [.. Enumerable.Range(0, 32).Select(static i => (byte)i)];
        byte[] block = new byte[ChaCha20.BlockBytes];

        ChaCha20.Block(key, Convert.FromHexString("000000090000004a00000000"), 1, block);

        Assert.That(
            Convert.ToHexStringLower(block),
            Is.EqualTo(
                "10f1e7e4d13b5915500fdd1fa32071c4c7d1f4c733c068030422aa9ac3d46c4e"
                    + "d2826446079faa0914c2d705d98b02a2b5129cd1de164eb9cbd083e8a2503c4e"));
    }

    // u = 0; t = 0; u³ + t² + 7 = 0; none of these.
    [TestCase("00", "17", "8e46a770c192a1a21e00f7c5ed9c4f5d661c116beab4fd94912df939083a0f90")]
    [TestCase("2a", "00", "b54985e81f5d5f235fd2cce2f02fd3bf2aea424d9e605e5370306801c740ac17")]
    [TestCase(
        "05",
        "350ae3b48047adacdeea49fb8a0b289a94f726801078408aba79631fa7a1b6ba",
        "aaee74bef85ee588ed43aa2a45b30e457127b97a48a8cfdff4de85545d2f1ccf")]
    [TestCase("03", "04", "1097b425ed097b425ed097b425ed097b425ed097b425ed097b425ed0871c7185")]
    [TestCase(
        "fffffffffffffffffffffffffffffffffffffffffffffffffffffffefffffc32",
        "fffffffffffffffffffffffffffffffffffffffffffffffffffffffefffffc33",
        "1097b425ed097b425ed097b425ed097b425ed097b425ed097b425ed0871c7185")]
    public void Any_two_numbers_mean_the_x_of_a_point(string u, string t, string x)
    {
        byte[] encoded = Convert.FromHexString(u.PadLeft(64, '0') + t.PadLeft(64, '0'));

        Assert.That(Convert.ToHexStringLower(ElligatorSwift.Decode(encoded)), Is.EqualTo(x));
    }

    [Test]
    public void An_encoded_point_is_found_again_and_has_many_encodings()
    {
        HashSet<string> encodings = [];
        for (int i = 1; i <= 40; i++)
        {
            byte[] number = new byte[32];
            number[^1] = (byte)(i % 4 + 1);
            byte[] x = ECPrivKey.Create(number).CreatePubKey().ToBytes(compressed: true)[1..];

            byte[] encoded = ElligatorSwift.Encode(x);

            Assert.That(ElligatorSwift.Decode(encoded), Is.EqualTo(x));
            encodings.Add(Convert.ToHexString(encoded));
        }

        Assert.That(encodings, Has.Count.EqualTo(40));
    }

    [Test]
    public void The_keys_and_packets_are_those_of_another_implementation()
    {
        using ECPrivKey initiator = ECPrivKey.Create(
            Convert.FromHexString("000000000000000000000000000000000000000000000000ab54a98ceb1f0ad2"));
        using ECPrivKey responder = ECPrivKey.Create(
            Convert.FromHexString("000000000000000000000000000000000000000000000000000000003ade68b1"));
        byte[] first = Convert.FromHexString(
            "d3ac94af0f21ddb66cad4a268d116ece1738f7d93d9c172411e20b8f6b0d549c"
                + "2c711b93497a84ff7536729dde537b093dda933433998b713327ba478cc4de3a");
        byte[] second = Convert.FromHexString(
            "4a23d5962217beaddbc496cb8e81973e0becd7b03898d190f9ebdacc0cb1e29d"
                + "6fcd97fe6aef1f686d0b81bff3dda1790eafcfa5f2eecfc699e547fd712abcc0");

        using SessionKeys keys = SessionKeys.Derive(initiator, first, second, isInitiator: true, s_magic);
        using SessionKeys others = SessionKeys.Derive(responder, second, first, isInitiator: false, s_magic);

        Assert.That(
            Convert.ToHexStringLower(keys.Id),
            Is.EqualTo("792bbfb113780de6ecb3e08ecfcf0ba5aca6ef02ba7d3e06fd353e6921bf3630"));
        Assert.That(Convert.ToHexStringLower(keys.Terminator), Is.EqualTo("30703a10f30f3e9385247214c3811666"));
        Assert.That((others.Id, others.TheirTerminator), Is.EqualTo((keys.Id, keys.Terminator)));
        string[] packets = [.. Enumerable.Range(0, 225).Select(i => Packet(keys, (byte)i))];

        // The last one has other keys.
        Assert.That(packets[0], Is.EqualTo("f286b62ead04859270f7b49152800d817a8dcdce52c9414d800d75b0a0"));
        Assert.That(packets[223], Is.EqualTo("13f6548a66347b26dcade4cb1284727e6d472808186093237f0735da4b"));
        Assert.That(packets[224], Is.EqualTo("a2a006416ccabd45ab09728924887af96217fc54f8919ed36c8694f37a"));
    }

    [Test]
    public async Task Two_peers_agree_on_keys_and_exchange_messages_of_all_sizes()
    {
        (Peer one, Peer other) = await Pair(TransportKind.Encrypted, TransportKind.Detecting);
        byte[] large = RandomNumberGenerator.GetBytes(Frame.MaxPayloadBytes);

        // More than one key lasts for.
        Task<List<(string Name, byte[] Payload)>> received = Receive(other, 502);
        Task<List<(string Name, byte[] Payload)>> answered = Receive(one, 1);
        one.Send("wtxidrelay");
        for (int i = 0; i < 500; i++)
        {
            one.Send("ping", BitConverter.GetBytes((long)i));
        }

        one.Send("block", large);
        other.Send("ping", [1]);
        List<(string Name, byte[] Payload)> messages = await received.WaitAsync(NodeFixture.Patience);
        List<(string Name, byte[] Payload)> answers = await answered.WaitAsync(NodeFixture.Patience);

        Assert.That((messages[0].Name, messages[^1].Name), Is.EqualTo(("wtxidrelay", "block")));
        Assert.That(messages[1..^1].Select(static one => BitConverter.ToInt64(one.Payload)), Is.EqualTo(
            Enumerable.Range(0, 500)));
        Assert.That(messages[^1].Payload, Is.EqualTo(large));
        Assert.That((answers[0].Name, answers[0].Payload), Is.EqualTo(("ping", new byte[] { 1 })));
        Assert.That((one.Transport, other.Transport), Is.EqualTo((TransportKind.Encrypted, TransportKind.Encrypted)));
        Assert.That(one.SessionId, Has.Length.EqualTo(64).And.EqualTo(other.SessionId));

        // One byte for the known name, twelve and a zero for the other.
        Assert.That(other.ReceivedByMessage["ping"], Is.EqualTo(500 * (20 + 1 + 8)));
        Assert.That(other.ReceivedByMessage["wtxidrelay"], Is.EqualTo(20 + 13));
    }

    [Test]
    public async Task A_plain_message_is_recognized_and_read()
    {
        (Peer one, Peer other) = await Pair(TransportKind.Plain, TransportKind.Detecting);
        Assert.That(other.Transport, Is.EqualTo(TransportKind.Detecting));
        Task<List<(string Name, byte[] Payload)>> received = Receive(other, 2);

        one.Send("version", [1, 2, 3]);
        one.Send("ping", [4]);

        List<(string Name, byte[] Payload)> messages = await received.WaitAsync(NodeFixture.Patience);
        Assert.That(messages.Select(static one => one.Name), Is.EqualTo(new[] { "version", "ping" }));
        Assert.That((other.Transport, other.SessionId), Is.EqualTo((TransportKind.Plain, "")));
    }

    [Test]
    public async Task A_peer_that_leaves_at_once_may_want_plain_messages()
    {
        (Peer one, Socket other) = await PeerAndSocket(TransportKind.Encrypted);
        Task<(string, byte[])?> reading = one.Read(s_known);
        byte[] key = new byte[64];
        await other.ReceiveAsync(key);

        other.Close();

        Assert.That(await reading.WaitAsync(NodeFixture.Patience), Is.Null);
        Assert.That(one.MayWantPlain, Is.True);
        Assert.That(_log, Does.Contain("start sending v2 handshake to peer=0"));
    }

    [Test]
    public async Task A_peer_that_answered_is_not_tried_again()
    {
        (Peer one, Socket other) = await PeerAndSocket(TransportKind.Encrypted);
        Task<(string, byte[])?> reading = one.Read(s_known);
        await other.SendAsync(new byte[1]);

        other.Shutdown(SocketShutdown.Send);

        Assert.That(await reading.WaitAsync(NodeFixture.Patience), Is.Null);
        Assert.That(one.MayWantPlain, Is.False);
    }

    [Test]
    public async Task Garbage_without_an_end_ends_the_connection()
    {
        (Peer one, Socket other) = await PeerAndSocket(TransportKind.Detecting);
        Task<(string, byte[])?> reading = one.Read(s_known);

        await other.SendAsync(new byte[64 + 4095 + 16]);

        Assert.That(await reading.WaitAsync(NodeFixture.Patience), Is.Null);
        Assert.That(_log, Does.Contain("V2 transport error: missing garbage terminator, peer=0"));
        Assert.That(one.Transport, Is.EqualTo(TransportKind.Detecting));
    }

    [Test]
    public async Task A_plain_message_for_another_network_ends_the_connection()
    {
        (Peer one, Socket other) = await PeerAndSocket(TransportKind.Detecting);
        Task<(string, byte[])?> reading = one.Read(s_known);

        await other.SendAsync(Frame.Write([1, 2, 3, 4], "version", [5]));

        Assert.That(await reading.WaitAsync(NodeFixture.Patience), Is.Null);
        Assert.That(_log, Does.Contain("V2 transport error: V1 peer with wrong MessageStart 01020304, peer=0"));
    }

    [Test]
    public async Task A_changed_byte_ends_the_connection()
    {
        (Peer one, Socket oneEnd) = await PeerAndSocket(TransportKind.Encrypted);
        (Peer other, Socket otherEnd) = await PeerAndSocket(TransportKind.Detecting);
        Task<(string, byte[])?> reading = other.Read(s_known);
        Task<(string, byte[])?> writing = one.Read(s_known);

        // More than the longest garbage: without garbage, the changed byte is that of its end.
        one.Send("block", new byte[10_000]);

        // The network between the two passes everything on, but for one bit of the garbage.
        Task back = Relay(otherEnd, oneEnd, changed: -1);
        Task forth = Relay(oneEnd, otherEnd, changed: 64);

        Assert.That(await reading.WaitAsync(NodeFixture.Patience), Is.Null);
        Assert.That(
            _log.Any(static line => line.StartsWith("V2 transport error: packet decryption failure")
                || line.StartsWith("V2 transport error: packet too large")
                || line.StartsWith("V2 transport error: missing garbage terminator")),
            Is.True,
            string.Join('\n', _log));
        one.Dispose();
        other.Dispose();
        await Task.WhenAll(back, forth, writing).WaitAsync(NodeFixture.Patience);
    }

    [TestCase("", null, 1)]
    [TestCase("12ff", "ping", 1)]
    [TestCase("63", null, 1)]
    [TestCase("00766572", null, 13)]
    [TestCase("0076657273696f6e0000000000ff", "version", 13)]
    [TestCase("0076657273696f6e0000000001ff", null, 13)]
    [TestCase("00766572ff696f6e0000000000ff", null, 13)]
    public void The_name_stands_in_front_of_a_message(string contents, string? name, int length)
    {
        Assert.That(ShortNames.Read(Convert.FromHexString(contents), out int taken), Is.EqualTo(name));
        Assert.That(taken, Is.EqualTo(length));
    }

    private static string Packet(SessionKeys keys, byte value)
    {
        byte[] plain = [0, 0x12, .. Enumerable.Repeat(value, 8)];
        byte[] packet = new byte[3 + plain.Length + PacketCipher.TagBytes];
        packet[0] = (byte)(plain.Length - 1);
        keys.Lengths.Apply(packet.AsSpan(0, 3));
        keys.Packets.Encrypt(plain, [], packet.AsSpan(3));
        return Convert.ToHexStringLower(packet);
    }

    private static async Task<List<(string Name, byte[] Payload)>> Receive(Peer peer, int count)
    {
        List<(string, byte[])> messages = [];
        while (messages.Count < count && await peer.Read(s_known) is { } message)
        {
            messages.Add(message);
        }

        return messages;
    }

    /// <summary>Passes bytes on until one side ends, and changes the one at a position.</summary>
    private static async Task Relay(Socket from, Socket to, int changed)
    {
        byte[] buffer = new byte[10_000];
        int position = 0;
        try
        {
            while (await from.ReceiveAsync(buffer) is > 0 and var count)
            {
                if (changed >= position && changed < position + count)
                {
                    buffer[changed - position] ^= 1;
                }

                position += count;
                await to.SendAsync(buffer.AsMemory(0, count));
            }
        }
        catch (SocketException)
        {
            // The peer has left.
        }
    }

    private async Task<(Peer One, Peer Other)> Pair(TransportKind one, TransportKind other)
    {
        (Socket client, Socket server) = await Sockets();
        return (NewPeer(client, isInbound: false, one), NewPeer(server, isInbound: true, other));
    }

    private async Task<(Peer Peer, Socket Socket)> PeerAndSocket(TransportKind kind)
    {
        (Socket client, Socket server) = await Sockets();
        return (NewPeer(server, isInbound: kind == TransportKind.Detecting, kind), client);
    }

    private async Task<(Socket Client, Socket Server)> Sockets()
    {
        using TcpListener listener = new(IPAddress.Loopback, 0);
        listener.Start();
        Socket client = new(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        _open.Add(client);
        await client.ConnectAsync(listener.LocalEndpoint);
        return (client, await listener.AcceptSocketAsync());
    }

    private Peer NewPeer(Socket socket, bool isInbound, TransportKind kind)
    {
        Peer peer = new(
            0,
            socket,
            isInbound,
            isInbound ? "inbound" : "manual",
            "",
            null,
            s_magic,
            _clock,
            maxSendBytes: 1_000_000,
            PeerRights.None,
            kind)
        {
            NetGroup = "",
            Logged = _log.Enqueue,
        };
        _open.Add(peer);
        return peer;
    }
}
