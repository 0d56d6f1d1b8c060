using System.Net;
using System.Net.Sockets;
using System.Security.Cryptography;
using System.Text;
using Bitcoin.Hosting;
using Bitcoin.Node.Net;
using Bitcoin.Primitives;

namespace Bitcoin.Tests;

[TestFixture]
internal sealed class I2pSessionTests
{
    private const int PublicBytes = 391;

    private readonly byte[] _key = MakeKey();
    private string _directory = null!;
    private TcpListener _router = null!;
    private I2pSession _session = null!;

    private string KeyFile => Path.Combine(_directory, "key");

    private string Own => Base32.Encode(SHA256.HashData(_key.AsSpan(0, PublicBytes))) + ".b32.i2p";

    [SetUp]
    public void Start()
    {
        _directory = Directory.CreateTempSubdirectory("i2p-").FullName;
        _router = new TcpListener(IPAddress.Loopback, 0);
        _router.Start();
        Proxy router = Proxy.Parse(_router.LocalEndpoint.ToString()!, "i2psam", randomizes: false, looksUp: false)!;
        _session = new I2pSession(router, KeyFile, new DebugLog());
    }

    [TearDown]
    public void Stop()
    {
        _session.Dispose();
        _router.Dispose();
        Directory.Delete(_directory, recursive: true);
    }

    [Test]
    public async Task A_session_keeps_its_address_and_connects_to_a_peer_by_its_destination()
    {
        NetAddress peer = new(NetworkNames.I2p, Own, I2pSession.Port);
        Task<Socket> connecting = _session.Connect(peer, CancellationToken.None);

        using TcpClient control = await Accept();
        Expect(control, "DEST GENERATE SIGNATURE_TYPE=7", $"DEST REPLY PUB=a PRIV={Text(_key)}");
        Expect(control, $"DESTINATION={Text(_key)} ", "SESSION STATUS RESULT=OK DESTINATION=b");
        using TcpClient stream = await Accept();
        Expect(stream, $"NAMING LOOKUP NAME={Own}", $"NAMING REPLY RESULT=OK NAME={Own} VALUE=there");
        Expect(stream, "DESTINATION=there SILENT=false", "STREAM STATUS RESULT=OK\nhello");
        using Socket socket = await connecting.WaitAsync(NodeFixture.Patience);

        byte[] bytes = new byte[5];
        await socket.ReceiveAsync(bytes).WaitAsync(NodeFixture.Patience);
        Assert.That(Encoding.ASCII.GetString(bytes), Is.EqualTo("hello"), "what follows the reply is the peer's");
        Assert.That(_session.Own, Is.EqualTo(peer));
        Assert.That(File.ReadAllBytes(KeyFile), Is.EqualTo(_key));
    }

    [Test]
    public async Task A_peer_that_connects_is_known_by_its_destination()
    {
        File.WriteAllBytes(KeyFile, _key);
        Task<(Socket Socket, NetAddress Peer)> accepting = _session.Accept(CancellationToken.None);

        using TcpClient control = await Accept();
        Expect(control, $"DESTINATION={Text(_key)} ", "SESSION STATUS RESULT=OK DESTINATION=b");
        using TcpClient stream = await Accept();
        Expect(stream, "STREAM ACCEPT ", $"STREAM STATUS RESULT=OK\n{Text(_key[..PublicBytes])} FROM_PORT=0");
        (Socket socket, NetAddress peer) = await accepting.WaitAsync(NodeFixture.Patience);

        socket.Dispose();
        Assert.That(peer, Is.EqualTo(new NetAddress(NetworkNames.I2p, Own, I2pSession.Port)));
    }

    [Test]
    public void An_address_with_a_port_is_refused_before_the_router_is_asked()
    {
        Assert.That(
            () => _session.Connect(new NetAddress(NetworkNames.I2p, Own, 8333), CancellationToken.None),
            Throws.TypeOf<IOException>());
        Assert.That(_router.Pending(), Is.False);
    }

    [Test]
    public async Task What_the_router_refuses_is_an_error_and_the_next_attempt_begins_anew()
    {
        NetAddress peer = new(NetworkNames.I2p, Own, I2pSession.Port);
        File.WriteAllBytes(KeyFile, _key);
        for (int i = 0; i < 2; i++)
        {
            Task<Socket> connecting = _session.Connect(peer, CancellationToken.None);
            using TcpClient control = await Accept();
            Expect(control, "SESSION CREATE ", "SESSION STATUS RESULT=DUPLICATED_DEST");

            Assert.That(
                async () => await connecting.WaitAsync(NodeFixture.Patience),
                Throws.TypeOf<IOException>().With.Message.Contains("DUPLICATED_DEST"));
        }
    }

    private static byte[] MakeKey()
    {
        // A certificate of four bytes makes the public part 391 bytes long.
        byte[] key = RandomNumberGenerator.GetBytes(700);
        (key[385], key[386]) = (0, PublicBytes - 387);
        return key;
    }

    private static string Text(byte[] bytes) => Convert.ToBase64String(bytes).Replace('+', '-').Replace('/', '~');

    /// <summary>Takes a connection, and greets.</summary>
    private async Task<TcpClient> Accept()
    {
        TcpClient client = await _router.AcceptTcpClientAsync().WaitAsync(NodeFixture.Patience);
        client.ReceiveTimeout = (int)NodeFixture.Patience.TotalMilliseconds;
        Expect(client, "HELLO VERSION MIN=3.1 MAX=3.1", "HELLO REPLY RESULT=OK VERSION=3.1");
        return client;
    }

    private static void Expect(TcpClient client, string part, string reply)
    {
        StringBuilder line = new();
        int next;
        while ((next = client.GetStream().ReadByte()) is not (-1 or '\n'))
        {
            line.Append((char)next);
        }

        Assert.That(line.ToString(), Does.Contain(part));
        client.GetStream().Write(Encoding.ASCII.GetBytes(reply.Contains('\n', StringComparison.Ordinal)
            && reply.EndsWith("hello", StringComparison.Ordinal) ? reply : $"{reply}\n"));
    }
}
