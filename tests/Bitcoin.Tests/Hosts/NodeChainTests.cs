using Bitcoin.Interfaces;
using Bitcoin.Node;
using Bitcoin.Primitives;
using NBitcoin;

namespace Bitcoin.Tests;

[TestFixture(Deployment.Direct)]
[TestFixture(Deployment.Connected)]
internal sealed class NodeChainTests(Deployment deployment)
{
    private NodeFixture _node;

    [SetUp]
    public void Start() => _node = new NodeFixture(deployment);

    [TearDown]
    public void Stop() => _node.Dispose();

    [Test]
    public void The_genesis_block_is_there_from_the_start()
    {
        uint256 genesis = _node.Chain.GetBlockHash(0);

        Assert.That(genesis.ToString(), Is.EqualTo(BitcoinNetworks.Regtest.GenesisHash.ToString()));
        Assert.That(_node.Chain.GetTipHash(), Is.EqualTo(genesis));
        Assert.That(_node.Chain.GetHeight(), Is.Zero);
        Assert.That(_node.Chain.GetNetwork(), Is.EqualTo("regtest"));
    }

    [Test]
    public void A_mined_block_can_be_found_and_read()
    {
        uint256 hash = _node.Client.MakeMining()!.Generate(3, NodeFixture.Script)[1];

        BlockInfo? info = _node.Chain.FindBlock(hash);
        BlockHeaderInfo? header = _node.Chain.GetBlockHeader(hash);
        Block block = _node.Chain.GetBlock(hash)!;

        Assert.That(
            info,
            Is.EqualTo(
                new BlockInfo(
                    2,
                    hash,
                    _node.Chain.GetBlockHash(1),
                    (uint)block.Header.BlockTime.ToUnixTimeSeconds(),
                    IsActive: true,
                    TransactionCount: 1)));
        Assert.That(header!.MerkleRoot, Is.EqualTo(block.Header.HashMerkleRoot));
        Assert.That(
            (header.Height, header.Bits, header.Nonce, header.Version),
            Is.EqualTo((2, block.Header.Bits.ToCompact(), block.Header.Nonce, block.Header.Version)));
        Assert.That(block.GetHash(), Is.EqualTo(hash));
    }

    [Test]
    public void An_unknown_block_is_null()
    {
        uint256 unknown = uint256.One;

        Assert.That(_node.Chain.FindBlock(unknown), Is.Null);
        Assert.That(_node.Chain.GetBlockHeader(unknown), Is.Null);
        Assert.That(_node.Chain.GetBlock(unknown), Is.Null);
    }

    [TestCase(-1)]
    [TestCase(1)]
    [TestCase(int.MaxValue)]
    public void A_height_outside_the_chain_is_an_argument_out_of_range(int height)
    {
        ArgumentOutOfRangeException? error = Assert.Throws<ArgumentOutOfRangeException>(
            () => _node.Chain.GetBlockHash(height));

        Assert.That(error!.ParamName, Is.EqualTo("height"));
        Assert.That(error.Message, Does.Contain("Expected 0 to 0"));
    }

    [TestCase(0)]
    [TestCase(10_001)]
    public void A_number_of_blocks_that_would_take_too_long_is_refused(int count)
    {
        Assert.Throws<ArgumentOutOfRangeException>(
            () => _node.Client.MakeMining()!.Generate(count, NodeFixture.Script));
    }

    [Test]
    public void A_listener_is_told_in_order_and_asks_back_meanwhile()
    {
        Listener listener = new() { Ask = () => _node.Chain.GetHeight() };
        using IHandler handler = _node.Chain.HandleNotifications(listener);

        _node.Client.MakeMining()!.Generate(3, NodeFixture.Script);
        bool told = _node.Node.Chain.WaitForListeners(NodeFixture.Patience);

        Assert.That(told, Is.True);
        Assert.That(listener.Events, Is.EqualTo(new[] { "+1", "tip 1", "+2", "tip 2", "+3", "tip 3" }));
        Assert.That(listener.Threads.Distinct().Count(), Is.EqualTo(1), "a listener is told on one thread");
    }

    [Test]
    public void A_disconnected_listener_is_told_nothing_more_and_disconnecting_twice_is_harmless()
    {
        Listener listener = new();
        IHandler handler = _node.Chain.HandleNotifications(listener);
        _node.Node.Mining.Generate(1, NodeFixture.Script);
        Assert.That(_node.Node.Chain.WaitForListeners(NodeFixture.Patience), Is.True);

        handler.Disconnect();
        handler.Disconnect();
        handler.Dispose();
        _node.Node.Mining.Generate(1, NodeFixture.Script);

        Assert.That(_node.Node.Chain.WaitForListeners(NodeFixture.Patience), Is.True);
        Assert.That(listener.Events, Is.EqualTo(new[] { "+1", "tip 1" }));
    }

    [Test]
    public void A_listener_that_is_stuck_holds_up_neither_the_chain_nor_the_others()
    {
        using ManualResetEventSlim stuck = new();
        using ManualResetEventSlim last = new();
        Listener bad = new() { Ask = stuck.Wait };
        Listener good = new() { Ask = () => { }, Last = (3, last) };
        using IHandler first = _node.Chain.HandleNotifications(bad);
        using IHandler second = _node.Chain.HandleNotifications(good);

        _node.Node.Mining.Generate(3, NodeFixture.Script);

        Assert.That(last.Wait(NodeFixture.Patience), Is.True);
        Assert.That(_node.Tree.Tip.Height, Is.EqualTo(3));
        Assert.That(
            _node.Node.Chain.WaitForListeners(TimeSpan.FromMilliseconds(1)),
            Is.False,
            "the wait is bounded, and says that not all were told");
        stuck.Set();
        Assert.That(_node.Node.Chain.WaitForListeners(NodeFixture.Patience), Is.True);
        Assert.That(bad.Events, Has.Count.EqualTo(6));
    }

    [Test]
    public void A_listener_that_throws_is_told_again_and_the_others_do_not_wait()
    {
        // More than a few: what keeps it from following, a full disk for example, may last.
        int failures = 12;
        Listener bad = new()
        {
            Ask = ()
                => _ = Interlocked.Decrement(ref failures) >= 0 ? throw new InvalidOperationException("broken") : 0,
        };
        Listener good = new();
        using IHandler first = _node.Chain.HandleNotifications(bad);
        using IHandler second = _node.Chain.HandleNotifications(good);

        _node.Node.Mining.Generate(2, NodeFixture.Script);

        Assert.That(_node.Node.Chain.WaitForListeners(NodeFixture.Patience), Is.True);
        Assert.That(bad.Events.Take(3), Is.EqualTo(new[] { "+1", "+1", "+1" }));
        Assert.That(bad.Events[^1], Is.EqualTo("tip 2"));
        Assert.That(bad.Events, Has.Exactly(1).EqualTo("+2"));
        Assert.That(good.Events, Is.EqualTo(new[] { "+1", "tip 1", "+2", "tip 2" }));
    }

    [Test]
    public void A_listener_that_falls_far_behind_is_led_to_the_tip()
    {
        const int Blocks = 6000;
        using ManualResetEventSlim stuck = new();
        Listener slow = new() { Ask = stuck.Wait };
        using IHandler handler = _node.Chain.HandleNotifications(slow);

        _node.Node.Mining.Generate(Blocks, NodeFixture.Script);
        stuck.Set();

        Assert.That(_node.Node.Chain.WaitForListeners(TimeSpan.FromMinutes(2)), Is.True);
        Assert.That(slow.Events[^1], Is.EqualTo($"tip {Blocks}"));
        Assert.That(
            slow.Events.Where(static told => told[0] == '+'),
            Is.EqualTo(Enumerable.Range(1, Blocks).Select(static height => $"+{height}")),
            "each block once, in order");
    }

    [Test]
    public void A_call_that_goes_back_and_forth_stays_on_one_thread_on_each_side()
    {
        int here = Environment.CurrentManagedThreadId;
        ThreadStep[] Answer(int left)
            =>
                [
                    new ThreadStep("client", 1, Environment.CurrentManagedThreadId, ""),
                    .. _node.Chain.RunDeep(left, Answer),
                ];

        ThreadStep[] steps = Answer(3);

        Assert.That(
            steps.Select(static step => step.Program),
            Is.EqualTo(Enumerable.Repeat(new[] { "client", "bitcoin-node" }, 4).SelectMany(static pair => pair)));
        Assert.That(
            steps.Where(static step => step.Program == "client").Select(static step => step.ThreadId),
            Is.All.EqualTo(here));
        Assert.That(
            steps
                .Where(static step => step.Program == "bitcoin-node")
                .Select(static step => step.ThreadId)
                .Distinct()
                .Count(),
            Is.EqualTo(1));
        Assert.That(steps[1].ThreadId == here, Is.EqualTo(deployment == Deployment.Direct));
    }

    [TestCase(-1)]
    [TestCase(101)]
    public void A_depth_outside_its_range_is_refused(int depth)
    {
        Assert.Throws<ArgumentOutOfRangeException>(() => _node.Chain.RunDeep(depth, static _ => []));
    }

    private sealed class Listener : IChainNotifications
    {
        internal List<string> Events { get; } = [];

        internal List<int> Threads { get; } = [];

        internal Action? Ask { get; init; }

        internal (int Height, ManualResetEventSlim Done)? Last { get; init; }

        public void BlockConnected(BlockInfo block)
        {
            Events.Add($"+{block.Height}");
            Threads.Add(Environment.CurrentManagedThreadId);
            Ask?.Invoke();
            if (Last is { } last && last.Height == block.Height)
            {
                last.Done.Set();
            }
        }

        public void BlockDisconnected(BlockInfo block) => Events.Add($"-{block.Height}");

        public void UpdatedBlockTip(BlockInfo tip) => Events.Add($"tip {tip.Height}");
    }
}
