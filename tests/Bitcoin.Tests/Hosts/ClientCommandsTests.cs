using Bitcoin.Hosting;
using Bitcoin.Interfaces;
using Bitcoin.Primitives;
using Bitcoin.Wallet;

namespace Bitcoin.Tests;

[TestFixture(Deployment.Direct)]
[TestFixture(Deployment.Connected)]
internal sealed class ClientCommandsTests(Deployment deployment)
{
    private readonly StringWriter _output = new();
    private NodeFixture _node;

    [SetUp]
    public void Start()
    {
        _node = new NodeFixture(deployment);
        _node.Node.Mining.Generate(2, NodeFixture.Script);
        _output.GetStringBuilder().Clear();
    }

    [TearDown]
    public void Stop() => _node.Dispose();

    [OneTimeTearDown]
    public void Close() => _output.Dispose();

    [Test]
    public void Answers_are_printed_one_to_a_line()
    {
        string hash = _node.Tree.Tip.Hash.ToString();

        Assert.That(Run("getblockcount"), Is.EqualTo("2"));
        Assert.That(Run("getblockhash", "2"), Is.EqualTo(hash));
        Assert.That(
            Run("getinfo"), Is.EqualTo($"bitcoin-node, process {Environment.ProcessId}, network regtest, height 2"));
        Assert.That(Run("getheader", "2"), Does.Contain($"hash          {hash}").And.Contain("bits          207fffff"));
        Assert.That(Run("getheader", hash), Is.EqualTo(Run("getheader", "2")));
        Assert.That(
            NBitcoin.Block.Parse(Run("getblock", "1").Trim(), NBitcoin.Network.RegTest).GetHash(),
            Is.EqualTo(_node.Tree.AtHeight(1)!.Hash));
    }

    [Test]
    public void Generate_prints_the_new_hashes()
    {
        string[] hashes = Run("generate", "2").Split(Environment.NewLine);

        Assert.That(
            hashes,
            Is.EqualTo(new[] { _node.Tree.AtHeight(3)!.Hash.ToString(), _node.Tree.AtHeight(4)!.Hash.ToString() }));
    }

    [Test]
    public void Deep_prints_who_ran_each_step()
    {
        string[] lines = Run("deep", "1").Split(Environment.NewLine);

        Assert.That(
            lines.Select(static line => line[..line.IndexOf(' ', StringComparison.Ordinal)]),
            Is.EqualTo(new[] { "client", "bitcoin-node", "client", "bitcoin-node" }));
    }

    [Test]
    public void Watch_ends_after_the_blocks_it_was_told_to_wait_for()
    {
        Thread watching = new(() => Run("watch", "2"));
        watching.Start();
        Assert.That(SpinWait.SpinUntil(_node.Node.Chain.HasListeners, NodeFixture.Patience), Is.True);

        _node.Node.Mining.Generate(3, NodeFixture.Script);

        Assert.That(watching.Join(NodeFixture.Patience), Is.True);
        Assert.That(
            _output.ToString(),
            Does.StartWith($"+ 3 {_node.Tree.AtHeight(3)!.Hash}").And.Contain(
                "= 3 is the tip").And.Contain("+ 4 ").And.Not.Contain("+ 5 "));
        Assert.That(SpinWait.SpinUntil(() => !_node.Node.Chain.HasListeners(), NodeFixture.Patience), Is.True);
    }

    [TestCase("Block height: Expected 0 to 2, got 3.", "getblockhash", "3")]
    [TestCase("Block height: Expected 0 to 2, got -1.", "getblockhash", "-1")]
    [TestCase("Number: Expected a 32-bit integer, got 'three'.", "getblockhash", "three")]
    [TestCase(
        "Command: Expected a known one with its arguments, got 'getblockhash'; -help lists them.", "getblockhash")]
    [TestCase("Command: Expected a known one with its arguments, got 'fly me'; -help lists them.", "fly", "me")]
    [TestCase("Command: Expected one, got none; -help lists them.")]
    public void What_cannot_be_done_is_said(string message, params string[] words)
    {
        CommandException? error = Assert.Throws<CommandException>(() => Run(words));

        Assert.That(error!.Message, Is.EqualTo(message));
    }

    [Test]
    public void A_block_that_is_not_known_is_said()
    {
        string hash = new('1', 64);

        Assert.That(
            Assert.Throws<CommandException>(() => Run("getheader", hash))!.Message,
            Is.EqualTo($"Block not found: {hash}"));
    }

    [Test]
    public void Mining_elsewhere_than_on_regtest_is_refused_with_the_nodes_own_words()
    {
        using NodeFixture main = new(deployment, BitcoinNetworks.Main);

        CommandException? error = Assert.Throws<CommandException>(
            () => new ClientCommands(main.Client, new ThisProcess("client"), _output, CancellationToken.None)
                .Run(["generate", "1"]));

        Assert.That(error!.Message, Does.Contain("this is main"));
    }

    private string Run(params string[] words)
    {
        _output.GetStringBuilder().Clear();
        new ClientCommands(_node.Client, new ThisProcess("client"), _output, CancellationToken.None).Run(words);
        return _output.ToString().TrimEnd();
    }
}
