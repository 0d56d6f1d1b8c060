using Bitcoin.Chain;
using Bitcoin.Primitives;
using NBitcoin;

namespace Bitcoin.Tests;

internal sealed class ReorganizationTests
{
    private BlockTree _chain;

    [SetUp]
    public void Start() => _chain = new BlockTree(BitcoinNetworks.Regtest, Forge.Clock());

    [TearDown]
    public void End() => _chain.Dispose();

    [Test]
    public void The_first_seen_of_two_equal_branches_stays()
    {
        IReadOnlyList<ChainBlock> first = Miner.Mine(_chain, 2, Forge.Script);

        IReadOnlyList<ChainBlock> second = Branch(_chain.AtHeight(0)!, 2);

        Assert.That(_chain.Tip, Is.SameAs(first[1]));
        Assert.That(_chain.Find(second[1].Hash), Is.SameAs(second[1]));
        Assert.That(_chain.IsActive(second[1]), Is.False);
    }

    [Test]
    public void A_block_that_fails_because_its_child_came_is_told_with_the_reason()
    {
        ChainBlock fork = Miner.Mine(_chain, 3, Forge.Script)[1];
        List<(ChainBlock, string)> failed = [];
        _chain.BlockFailed = (block, refusal) => failed.Add((block, refusal.Reason));
        Block next = Forge.Next(_chain, fork);
        Block bad = Forge.With(
            next, Forge.WithoutCommitment(next.Transactions[0]), Forge.Spend(new OutPoint(uint256.One, 0)));
        AcceptResult first = _chain.AcceptBlock(bad);
        Assert.That(first.Refusal, Is.Null, "it is not checked as a whole yet");
        Assert.That(failed, Is.Empty);

        AcceptResult second = _chain.AcceptBlock(Forge.Next(_chain, first.Block));

        Assert.That(failed, Is.EqualTo(new[] { (first.Block, "bad-txns-inputs-missingorspent") }));
        Assert.That(
            (second.Refusal, second.Block!.HasFailed, _chain.Tip.Height), Is.EqualTo(((Refusal?)null, true, 3)));
    }

    [Test]
    public void A_failed_branch_is_long_while_it_has_more_work_than_the_chain_and_six_blocks()
    {
        const int Length = 7;
        List<Block> branch =
            [
                Forge.Edit(
                    Forge.Next(_chain), static block => block.Transactions[0].Outputs[0].Value += Money.Satoshis(1)),
            ];
        while (branch.Count < Length)
        {
            branch.Add(Forge.Next(_chain, _chain.AcceptHeaders([branch[^1].Header]).Last));
        }

        _chain.AcceptHeaders([branch[^1].Header]);
        foreach (Block block in Enumerable.Reverse(branch))
        {
            Assert.That(_chain.HasLongFailedBranch, Is.False, "nothing has failed yet");
            _chain.AcceptBlock(block);
        }

        Assert.That((_chain.Tip.Height, _chain.HasLongFailedBranch), Is.EqualTo((0, true)));
        Miner.Mine(_chain, 1, Forge.Script);
        Assert.That((_chain.Tip.Height, _chain.HasLongFailedBranch), Is.EqualTo((1, false)));
    }

    [Test]
    public void A_branch_with_more_work_takes_over_and_tells_in_order()
    {
        Miner.Mine(_chain, 3, Forge.Script);
        ChainBlock fork = _chain.AtHeight(1)!;
        Recorder recorder = new();
        using ChainSubscription subscription = _chain.Subscribe(recorder);

        Branch(fork, 3);

        Assert.That(subscription.Tip.Height, Is.EqualTo(3));
        Assert.That(recorder.Events, Is.EqualTo(new[] { "-3", "-2", "+2", "+3", "+4", "tip 4" }));
        Assert.That(_chain.Tip.Height, Is.EqualTo(4));
        Assert.That(
            Enumerable.Range(0, 5).Select(height => _chain.AtHeight(height)!.Height),
            Is.EqualTo(Enumerable.Range(0, 5)));
        Assert.That(_chain.AtHeight(5), Is.Null);
        Assert.That(_chain.AtHeight(-1), Is.Null);
    }

    [Test]
    public void The_old_branch_wins_again_when_it_grows()
    {
        IReadOnlyList<ChainBlock> old = Miner.Mine(_chain, 2, Forge.Script);
        Branch(_chain.AtHeight(0)!, 3);
        Recorder recorder = new();
        using ChainSubscription subscription = _chain.Subscribe(recorder);

        Branch(old[1], 2);

        Assert.That(recorder.Events, Is.EqualTo(new[] { "-3", "-2", "-1", "+1", "+2", "+3", "+4", "tip 4" }));
        Assert.That(_chain.AtHeight(2), Is.SameAs(old[1]));
    }

    [Test]
    public void A_subscriber_may_ask_the_chain_from_another_thread_while_it_is_told()
    {
        int seen = -1;
        Recorder recorder = new()
        {
            OnConnected = block =>
            {
                Thread reader = new(() => seen = _chain.Tip.Height);
                reader.Start();
                Assert.That(reader.Join(TimeSpan.FromSeconds(20)), Is.True, "the chain's lock must not be held");
            },
        };
        using ChainSubscription subscription = _chain.Subscribe(recorder);

        Miner.Mine(_chain, 1, Forge.Script);

        Assert.That(subscription.Fault, Is.Null);
        Assert.That(seen, Is.EqualTo(1));
    }

    [Test]
    public void A_block_offered_from_inside_a_notification_is_told_after_it_to_everybody()
    {
        Recorder miner = new();
        miner.OnConnected = block =>
        {
            if (block.Height == 1)
            {
                Miner.Mine(_chain, 1, Forge.Script);
            }
        };
        Recorder witness = new();
        using ChainSubscription first = _chain.Subscribe(miner);
        using ChainSubscription second = _chain.Subscribe(witness);

        Miner.Mine(_chain, 1, Forge.Script);

        Assert.That(witness.Events, Is.EqualTo(new[] { "+1", "tip 1", "+2", "tip 2" }));
        Assert.That(miner.Events, Is.EqualTo(witness.Events));
    }

    [Test]
    public void A_subscriber_that_throws_is_dropped_and_the_others_are_not()
    {
        Recorder bad = new() { OnConnected = _ => throw new InvalidOperationException("broken") };
        Recorder good = new();
        using ChainSubscription first = _chain.Subscribe(bad);
        using ChainSubscription second = _chain.Subscribe(good);

        Miner.Mine(_chain, 2, Forge.Script);

        Assert.That(first.Fault, Is.InstanceOf<InvalidOperationException>());
        Assert.That(bad.Events, Is.EqualTo(new[] { "+1" }));
        Assert.That(good.Events, Is.EqualTo(new[] { "+1", "tip 1", "+2", "tip 2" }));
    }

    [Test]
    public void A_disposed_subscription_hears_nothing_more()
    {
        Recorder recorder = new();
        ChainSubscription subscription = _chain.Subscribe(recorder);
        Miner.Mine(_chain, 1, Forge.Script);

        subscription.Dispose();
        Miner.Mine(_chain, 1, Forge.Script);

        Assert.That(recorder.Events, Is.EqualTo(new[] { "+1", "tip 1" }));
    }

    [Test]
    public void Readers_see_a_chain_without_holes_while_branches_race()
    {
        using CancellationTokenSource done = new();
        int looks = 0;
        string? fault = null;
        Thread reader = new(() =>
        {
            while (!done.IsCancellationRequested && fault is null)
            {
                ChainBlock tip = _chain.Tip;
                ChainBlock? below = _chain.AtHeight(Math.Max(0, tip.Height - 1));
                fault = below is null ? $"nothing below {tip}" : null;
                Interlocked.Increment(ref looks);
            }
        });
        reader.Start();
        Assert.That(SpinWait.SpinUntil(() => Volatile.Read(ref looks) > 0, TimeSpan.FromSeconds(20)), Is.True);

        for (int i = 0; i < 20; i++)
        {
            Branch(_chain.AtHeight(Math.Max(0, _chain.Tip.Height - 2))!, 4);
        }

        done.Cancel();
        Assert.That(reader.Join(TimeSpan.FromSeconds(20)), Is.True);
        Assert.That(fault, Is.Null);
        Assert.That(_chain.Tip.Height, Is.EqualTo(42));
    }

    /// <summary>Mines a branch whose blocks differ from all others.</summary>
    private List<ChainBlock> Branch(ChainBlock parent, int count)
    {
        List<ChainBlock> branch = [];
        for (int i = 0; i < count; i++)
        {
            AcceptResult result = _chain.AcceptBlock(
                Forge.Next(_chain, parent, Script.FromBytesUnsafe([4, .. BitConverter.GetBytes(_chain.Count)])));
            Assert.That(result.Refusal, Is.Null);
            branch.Add(parent = result.Block!);
        }

        return branch;
    }

    private sealed class Recorder : IChainSubscriber
    {
        internal List<string> Events { get; } = [];

        internal Action<ChainBlock>? OnConnected { get; set; }

        public void BlockConnected(ChainBlock block, Block data)
        {
            Events.Add($"+{block.Height}");
            OnConnected?.Invoke(block);
        }

        public void BlockDisconnected(ChainBlock block, Block data) => Events.Add($"-{block.Height}");

        public void TipUpdated(ChainBlock tip) => Events.Add($"tip {tip.Height}");
    }
}
