using Bitcoin.Chain;
using Bitcoin.Hosting;
using Bitcoin.Node;
using Bitcoin.Node.Net;
using NBitcoin;

namespace Bitcoin.Tests;

/// <summary>What the node answers to the messages of another node.</summary>
[TestFixture]
internal sealed class PeerMessageTests
{
    private string _directory = null!;
    private NodeFixture _node = null!;
    private PeerGroup? _peers;
    private ScriptedPeer _other = null!;

    [SetUp]
    public void Start()
    {
        _directory = Directory.CreateTempSubdirectory("peer-messages-").FullName;
        _node = new NodeFixture(Deployment.Direct);
        _other = new ScriptedPeer();
    }

    [TearDown]
    public void Stop()
    {
        _peers?.Dispose();
        _other.Dispose();
        _node.Dispose();
        Directory.Delete(_directory, recursive: true);
    }

    [Test]
    public void Reconciliation_is_offered_once_in_the_handshake_if_the_option_is_on()
    {
        Connect("-txreconciliation");

        Assert.That(_other.ReadUntil("version"), Is.Not.Null);
        _other.SendVersion();
        byte[] offer = _other.ReadUntil("sendtxrcncl")!;

        Assert.That((offer.Length, BitConverter.ToInt32(offer)), Is.EqualTo((12, 1)), "version and salt");
        Assert.That(_other.NamesUntil("verack"), Is.Empty);
    }

    [TestCase(true)]
    [TestCase(false)]
    public void Reconciliation_is_not_offered_without_the_option_or_to_a_peer_without_transactions(bool hasOption)
    {
        Connect(hasOption ? "-txreconciliation" : "-notxreconciliation");
        _other.ReadUntil("version");

        _other.SendVersion(wantsTransactions: !hasOption);

        Assert.That(_other.NamesUntil("verack"), Does.Not.Contain("sendtxrcncl"));
    }

    // Too short; version 0.
    [TestCase("010000000000000000")]
    [TestCase("000000000102030405060708")]
    public void A_wrong_answer_to_the_offer_ends_the_connection(string answer)
    {
        Connect("-txreconciliation");
        _other.ReadUntil("version");
        _other.SendVersion();
        Assert.That(_other.ReadUntil("sendtxrcncl"), Is.Not.Null);

        _other.Send("sendtxrcncl", Convert.FromHexString(answer));

        Assert.That(_other.ReadUntil("never"), Is.Null);
        Assert.That(WaitUntilGone(), Is.True);
    }

    [Test]
    public void A_second_answer_and_one_after_the_handshake_end_the_connection()
    {
        byte[] answer = [1, 0, 0, 0, 1, 2, 3, 4, 5, 6, 7, 8];
        Connect("-txreconciliation");
        _other.ReadUntil("version");
        _other.SendVersion();
        _other.ReadUntil("sendtxrcncl");
        _other.Send("wtxidrelay");
        _other.Send("sendtxrcncl", answer);
        _other.Send("sendtxrcncl", answer);
        Assert.That(_other.ReadUntil("never"), Is.Null);
        Assert.That(WaitUntilGone(), Is.True);
        _other.Dispose();

        _other = new ScriptedPeer();
        Connect("-txreconciliation");
        Shake();
        Assert.That(_other.ReadUntil("ping"), Is.Not.Null, "the handshake is complete");
        _other.Send("sendtxrcncl", answer);
        Assert.That(_other.ReadUntil("never"), Is.Null);
    }

    [Test]
    public void Headers_are_asked_for_again_if_a_block_was_announced_while_they_were_asked_for()
    {
        Block block = Forge.Next(_node.Tree);
        Connect();
        Shake();
        Assert.That(_other.ReadUntil("getheaders"), Is.Not.Null);

        // The answer was on its way already: it has no headers.
        _other.Send("inv", new WireWriter().Count(1).UInt32(2).Hash(block.GetHash()).ToArray());
        _other.Send("headers", 0);

        Assert.That(_other.ReadUntil("getheaders"), Is.Not.Null);
        _other.Send("headers", [1, .. block.Header.ToBytes(), 0]);
        Assert.That(_other.ReadUntil("getdata"), Is.Not.Null);
        _other.Send("block", block.ToBytes());
        Assert.That(
            SpinWait.SpinUntil(() => _node.Tree.Tip.Hash == block.GetHash(), NodeFixture.Patience), Is.True);
    }

    [Test]
    public void Headers_that_bring_nothing_new_are_not_asked_for_again()
    {
        Connect();
        Shake();
        Assert.That(_other.ReadUntil("getheaders"), Is.Not.Null);

        _other.Send("headers", 0);
        _other.Send("ping", new byte[8]);

        Assert.That(_other.NamesUntil("pong"), Does.Not.Contain("getheaders"));
    }

    private void Connect(params string[] words)
    {
        Option[] options = [.. NetworkOption.Options, .. NodeOptions.Own];
        if (!CommandLine.TryParse(
                ["-regtest", "-listen=0", "-connect=0", $"-datadir={_directory}", .. words],
                options,
                out CommandLine? line,
                out string? error)
            || !Settings.TryMake(line, options, out Settings? settings, out error))
        {
            throw new InvalidOperationException(error);
        }

        _peers?.Dispose();
        _peers = new PeerGroup(_node.Node, NetOptions.From(settings, new ChainOptions(settings)));
        _peers.Start();
        Assert.That(_peers.TryConnect(_other.Address, "outbound-full-relay", encrypts: false), Is.True);
        _other.Accept();
    }

    private void Shake()
    {
        Assert.That(_other.ReadUntil("version"), Is.Not.Null);
        _other.SendVersion();
        Assert.That(_other.ReadUntil("verack"), Is.Not.Null);
        _other.Send("verack");
    }

    private bool WaitUntilGone() => SpinWait.SpinUntil(() => _peers!.Count == 0, NodeFixture.Patience);
}
