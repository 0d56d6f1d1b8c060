using System.Net;
using System.Net.Sockets;
using Bitcoin.Hosting;
using Bitcoin.Node;
using Bitcoin.Node.Net;

namespace Bitcoin.Tests;

[TestFixture]
internal sealed class PeerGroupTests
{
    private string _directory = null!;
    private NodeFixture _node = null!;
    private PeerGroup _peers = null!;

    [SetUp]
    public void Start()
    {
        _directory = Directory.CreateTempSubdirectory("peers-").FullName;
        _node = new NodeFixture(Deployment.Direct);
        string[] words = ["-regtest", $"-datadir={_directory}"];
        Option[] options = [.. NetworkOption.Options, .. NodeOptions.Own];
        if (!CommandLine.TryParse(words, options, out CommandLine? line, out string? error)
            || !Settings.TryMake(line, options, out Settings? settings, out error))
        {
            throw new InvalidOperationException(error);
        }

        _peers = new PeerGroup(_node.Node, new NetOptions { Reach = NetReach.From(settings) });
    }

    [TearDown]
    public void Stop()
    {
        _peers.Dispose();
        _node.Dispose();
        Directory.Delete(_directory, recursive: true);
    }

    [Test]
    public void The_statistics_have_each_connected_peer_until_it_is_gone()
    {
        using TcpListener other = new(IPAddress.Loopback, 0);
        other.Start();
        string address = other.LocalEndpoint.ToString()!;
        Assert.That(_peers.Stats(), Is.Empty);

        Assert.That(_peers.TryConnect(address, "manual", encrypts: false), Is.True);

        Assert.That(_peers.Stats(), Is.EqualTo(new[] { (address, default(DateTimeOffset), 0) }));
        other.AcceptSocket().Dispose();
        Assert.That(SpinWait.SpinUntil(() => _peers.Stats().Count == 0, NodeFixture.Patience), Is.True);
    }

    [Test]
    public void A_node_is_added_once_under_each_notation_of_its_address()
    {
        int port = _node.Tree.Network.Port;

        Assert.That(_peers.Added.Add("127.0.0.1", isEncrypted: true), Is.True);
        Assert.That(_peers.Added.Add($"127.0.0.1:{port}", isEncrypted: true), Is.False);
        Assert.That(_peers.Added.Add("127.0.0.1:1", isEncrypted: true), Is.True);
        Assert.That(_peers.Added.Remove("127.0.0.1"), Is.True);
        Assert.That(_peers.Added.All, Is.EqualTo(new[] { "127.0.0.1:1" }));
    }
}
