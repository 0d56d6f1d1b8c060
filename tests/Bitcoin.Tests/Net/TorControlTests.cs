using System.Collections.Concurrent;
using System.Net;
using System.Net.Sockets;
using System.Security.Cryptography;
using System.Text;
using Bitcoin.Hosting;
using Bitcoin.Node;
using Bitcoin.Node.Net;

namespace Bitcoin.Tests;

[TestFixture]
internal sealed class TorControlTests
{
    private const string Service = "pg6mmjiyjmcrsslvykfwnntlaru7p5svn6y2ymmju6nubxndf4pscryd";

    private readonly ConcurrentQueue<NetAddress> _found = [];
    private string _directory = null!;
    private TcpListener _tor = null!;
    private NetReach _reach = null!;
    private TorControl _control = null!;

    [SetUp]
    public void Start()
    {
        _directory = Directory.CreateTempSubdirectory("tor-").FullName;
        _tor = new TcpListener(IPAddress.Loopback, 0);
        _tor.Start();
        string[] words = ["-regtest", $"-datadir={_directory}", $"-torcontrol={_tor.LocalEndpoint}"];
        Option[] options = [.. NetworkOption.Options, .. NodeOptions.Own];
        if (!CommandLine.TryParse(words, options, out CommandLine? line, out string? error)
            || !Settings.TryMake(line, options, out Settings? settings, out error))
        {
            throw new InvalidOperationException(error);
        }

        Directory.CreateDirectory(settings.Directory);
        _found.Clear();
        _reach = NetReach.From(settings);
        _control = new TorControl(
            settings, _reach, new IPEndPoint(IPAddress.Loopback, 18445), 18444, _found.Enqueue, new DebugLog());
        _control.Start();
    }

    [TearDown]
    public void Stop()
    {
        _control.Dispose();
        _tor.Dispose();
        Directory.Delete(_directory, recursive: true);
    }

    [Test]
    public void The_address_that_Tor_gives_is_announced_and_its_key_is_kept()
    {
        using Conversation tor = Accept();
        tor.Expect("PROTOCOLINFO 1", "250-PROTOCOLINFO 1", "250-AUTH METHODS=NULL", "250 OK");
        tor.Expect("AUTHENTICATE", "250 OK");
        tor.Expect(
            "GETINFO net/listeners/socks", "250-net/listeners/socks=\"10.0.0.1:1\" \"127.0.0.1:9999\"", "250 OK");
        tor.Expect("ADD_ONION NEW:ED25519-V3 PoWDefensesEnabled=1 Port=18444,127.0.0.1:18445", "512 Unknown option");
        tor.Expect(
            "ADD_ONION NEW:ED25519-V3 Port=18444,127.0.0.1:18445",
            $"250-ServiceID={Service}",
            "250-PrivateKey=ED25519-V3:secret",
            "250 OK");

        Assert.That(SpinWait.SpinUntil(() => !_found.IsEmpty, NodeFixture.Patience), Is.True);
        Assert.That(_found.Single().ToString(), Is.EqualTo($"{Service}.onion:18444"));
        Assert.That((_reach.ProxyOf("onion")?.Text, _reach.Reaches("onion")), Is.EqualTo(("127.0.0.1:9999", true)));
        Assert.That(
            File.ReadAllText(Path.Combine(_directory, "regtest", "onion_v3_private_key")),
            Is.EqualTo("ED25519-V3:secret"));
    }

    [Test]
    public void A_cookie_is_proved_to_Tor_only_after_Tor_has_proved_that_it_knows_it()
    {
        string path = Path.Combine(_directory, "a \"cookie\"");
        byte[] cookie = RandomNumberGenerator.GetBytes(32);
        File.WriteAllBytes(path, cookie);
        string quoted = path.Replace("\"", "\\\"", StringComparison.Ordinal);
        byte[] nonce = RandomNumberGenerator.GetBytes(32);
        string answer = "";
        using (Conversation liar = Accept())
        {
            liar.Expect("PROTOCOLINFO 1", $"250-AUTH METHODS=SAFECOOKIE COOKIEFILE=\"{quoted}\"", "250 OK");
            liar.Expect(
                "AUTHCHALLENGE SAFECOOKIE ",
                _ => $"250 AUTHCHALLENGE SERVERHASH={new string('0', 64)} SERVERNONCE={Convert.ToHexString(nonce)}");
            Assert.That(liar.IsSilent(), Is.True, "no proof for somebody who does not know the cookie");
        }

        using Conversation tor = Accept();
        tor.Expect("PROTOCOLINFO 1", $"250-AUTH METHODS=SAFECOOKIE COOKIEFILE=\"{quoted}\"", "250 OK");
        tor.Expect("AUTHCHALLENGE SAFECOOKIE ", line =>
        {
            byte[] text = [.. cookie, .. Convert.FromHexString(line.Split(' ')[2]), .. nonce];
            string Hash(string direction) => Convert.ToHexStringLower(
                HMACSHA256.HashData(Encoding.ASCII.GetBytes($"Tor safe cookie authentication {direction} hash"), text));
            answer = Hash("controller-to-server");
            string proof = Hash("server-to-controller");
            return $"250 AUTHCHALLENGE SERVERHASH={proof} SERVERNONCE={Convert.ToHexString(nonce)}";
        });
        tor.Expect("AUTHENTICATE ", line =>
        {
            Assert.That(line, Is.EqualTo($"AUTHENTICATE {answer}"));
            return "515 enough";
        });
    }

    [Test]
    public void A_reply_that_is_too_long_ends_the_connection_and_the_node_comes_again()
    {
        using (Conversation tor = Accept())
        {
            tor.Expect("PROTOCOLINFO 1", [.. Enumerable.Repeat("250-more", 1001)]);
        }

        using Conversation again = Accept();
        again.Expect("PROTOCOLINFO 1", $"250-{new string('x', 100_000)}");
        Assert.That(again.HasEnded(), Is.True);
    }

    private Conversation Accept()
    {
        Assert.That(
            SpinWait.SpinUntil(_tor.Pending, NodeFixture.Patience), Is.True, "nobody connects to the control port");
        return new Conversation(_tor.AcceptTcpClient());
    }

    private sealed class Conversation : IDisposable
    {
        private readonly TcpClient _client;
        private readonly StreamReader _reader;

        internal Conversation(TcpClient client)
        {
            _client = client;
            client.ReceiveTimeout = (int)NodeFixture.Patience.TotalMilliseconds;
            _reader = new StreamReader(client.GetStream());
        }

        internal void Expect(string command, params string[] reply)
            => Expect(command, line =>
            {
                Assert.That(line, Is.EqualTo(command));
                return string.Join("\r\n", reply);
            });

        internal void Expect(string start, Func<string, string> reply)
        {
            string line = _reader.ReadLine() ?? "";
            Assert.That(line, Does.StartWith(start));
            try
            {
                _client.GetStream().Write(Encoding.ASCII.GetBytes($"{reply(line)}\r\n"));
            }
            catch (IOException)
            {
                // The node had enough.
            }
        }

        /// <summary>Whether the node says nothing more before this side ends the connection.</summary>
        internal bool IsSilent()
        {
            _client.Client.Shutdown(SocketShutdown.Send);
            return HasEnded();
        }

        internal bool HasEnded()
        {
            try
            {
                return _reader.ReadLine() is null;
            }
            catch (IOException exception) when (exception.InnerException is SocketException
            {
                SocketErrorCode: SocketError.ConnectionReset,
            })
            {
                return true;
            }
        }

        public void Dispose() => _client.Dispose();
    }
}
