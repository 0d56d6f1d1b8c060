using Bitcoin.Chain;
using Bitcoin.Chain.Coins;
using Bitcoin.Hosting;
using Bitcoin.Indexes;
using Bitcoin.Interfaces;
using Multiprocess;
using NBitcoin;

namespace Bitcoin.Tests;

/// <summary>
/// Indexes over a node's chain: as objects of one process, and as the process of their own that follows the chain
/// through its contract alone.
/// </summary>
[TestFixture(Deployment.Direct)]
[TestFixture(Deployment.Connected)]
internal sealed class IndexTests(Deployment deployment)
{
    private static readonly string[] s_all =
        [
            IndexNames.Transactions, IndexNames.Spenders, IndexNames.BasicFilters, IndexNames.Statistics,
        ];

    // Of another branch: the clock stands still, so the same script would make the same blocks.
    private static readonly Script s_other = new(OpcodeType.OP_2);

    private NodeFixture _node;
    private string _directory;
    private IpcTestPair<IInit>? _pair;
    private IIndexes? _indexes;

    [SetUp]
    public void Start()
    {
        _node = new NodeFixture(deployment);
        _directory = Directory.CreateTempSubdirectory("bitcoin-").FullName;
    }

    [TearDown]
    public void Stop()
    {
        Close();
        _node.Dispose();
        Directory.Delete(_directory, recursive: true);
    }

    [Test]
    public void Indexes_that_are_opened_late_catch_up_and_then_follow()
    {
        Mine(3);
        Open();

        WaitUntilSynced();
        Assert.That(
            _indexes!.GetSummaries(),
            Is.EqualTo(s_all.Select(static name => new IndexSummary(name, IsSynced: true, 3))));
        Mine(2);
        Assert.That(s_all.Select(_indexes.CatchUp), Is.All.True);
        Assert.That(_indexes.GetSummaries().Select(static summary => summary.Height), Is.All.EqualTo(5));
    }

    [Test]
    public void A_transaction_is_found_by_its_id_and_its_input_by_who_spent_it()
    {
        Open();
        Block block = MineSpend(out Transaction spend);

        Assert.That(Caught().FindTransaction(spend.GetHash()), Is.EqualTo(block.GetHash()));
        Assert.That(_indexes!.FindTransaction(uint256.One), Is.Null);
        Assert.That(
            _indexes.FindTransaction(_node.Tree.Network.Genesis.Transactions[0].GetHash()),
            Is.Null,
            "nobody can spend it");
        Assert.That(
            _indexes.FindSpender(spend.Inputs[0].PrevOut),
            Is.EqualTo(new OutputSpender(spend.GetHash(), block.GetHash())));
        Assert.That(_indexes.FindSpender(new OutPoint(spend.GetHash(), 0)), Is.Null);
    }

    [Test]
    public void A_spender_is_forgotten_when_the_chain_takes_another_block_in_place_of_its_own()
    {
        Open();
        Block block = MineSpend(out Transaction spend);
        OutputSpender? found = Caught().FindSpender(spend.Inputs[0].PrevOut);
        Assert.That(found, Is.Not.Null);

        _node.Tree.Invalidate(_node.Tree.Find(block.GetHash())!);
        Assert.That(Caught().FindSpender(spend.Inputs[0].PrevOut), Is.EqualTo(found), "the chain may come back");

        Mine(1, s_other);
        Assert.That(Caught().FindSpender(spend.Inputs[0].PrevOut), Is.Null);
    }

    [Test]
    public void An_index_that_is_ahead_of_the_chain_goes_on_when_the_chain_comes_back()
    {
        Open();
        Block block = MineSpend(out Transaction spend);
        Assert.That(Caught().FindTransaction(spend.GetHash()), Is.EqualTo(block.GetHash()));
        ChainBlock place = _node.Tree.Find(block.GetHash())!;
        _node.Tree.Invalidate(place);
        Assert.That(s_all.Select(Caught().CatchUp), Is.All.True);

        _node.Tree.Reconsider(place);
        Mine(1);

        Assert.That(Caught().FindSpender(spend.Inputs[0].PrevOut)?.Block, Is.EqualTo(block.GetHash()));
        Assert.That(
            _indexes!.GetSummaries().Select(static summary => summary.Height), Is.All.EqualTo(_node.Tree.Tip.Height));
    }

    [Test]
    public void A_filter_has_what_a_block_makes_and_spends_and_its_header_commits_to_those_before()
    {
        Open();
        Block block = MineSpend(out _);
        uint256[] hashes =
            [
                .. Enumerable.Range(0, _node.Tree.Tip.Height + 1).Select(height => _node.Tree.AtHeight(height)!.Hash),
            ];

        BlockFilter?[] filters = Caught().GetFilters(hashes);

        uint256 header = uint256.Zero;
        foreach (BlockFilter? filter in filters)
        {
            header = FilterIndex.HeaderOf(filter!.Data, header);
            Assert.That(filter.Header, Is.EqualTo(header));
        }

        GolombRiceFilter last = new(filters[^1]!.Data);
        Assert.That(last.MatchAny([NodeFixture.Script.ToBytes()], block.GetHash().ToBytes()[..16]), Is.True);
        Assert.That(
            last.MatchAny(
                [Script.FromHex("0014751e76e8199196d454941c45d1b3a323f1433bd6").ToBytes()],
                block.GetHash().ToBytes()[..16]),
            Is.False);
        Assert.That(_indexes!.GetFilters([uint256.One]), Is.EqualTo(new BlockFilter?[] { null }));
    }

    [Test]
    public void Statistics_are_those_of_all_coins_counted_one_by_one_also_after_a_reorganisation()
    {
        Open();
        Block left = MineSpend(out _);
        AssertStatistics();
        CoinSetStatistics before = Caught().GetStatistics(left.GetHash())!;
        int height = _node.Tree.Tip.Height;

        _node.Tree.Invalidate(_node.Tree.AtHeight(height - 5)!);
        AssertStatistics();
        Mine(9, s_other);

        AssertStatistics();
        Assert.That(_indexes!.GetStatistics(left.GetHash()), Is.EqualTo(before), "a block that was left keeps its own");
    }

    [Test]
    public void What_is_lost_is_told_by_its_cause()
    {
        Open();
        ChainBlock parent = _node.Tree.Tip;
        Block mined = Forge.Next(_node.Tree);
        Block poor = Forge.Edit(mined, static block =>
        {
            block.Transactions[0].Outputs[0].Value = Money.Coins(30);
            block.Transactions[0].Outputs.Add(Money.Coins(5), new Script(OpcodeType.OP_RETURN));
        });
        Assert.That(_node.Tree.AcceptBlock(poor).IsTaken, Is.True);

        CoinSetStatistics found = Caught().GetStatistics(poor.GetHash())!;

        Assert.That(found.Lost, Is.EqualTo(new LostAmounts(Money.Zero, Money.Zero, Money.Coins(5), Money.Coins(15))));
        Assert.That(found.Unspendable, Is.EqualTo(Money.Coins(70)), "the genesis block's reward too");
        Assert.That(
            (found.Coinbase, found.Spent, found.Created, found.Amount),
            Is.EqualTo((Money.Coins(30), Money.Zero, Money.Zero, Money.Coins(30))));
        Assert.That(_indexes!.GetStatistics(parent.Hash)!.Lost.Genesis, Is.EqualTo(Money.Coins(50)));
    }

    [Test]
    public void An_index_that_was_on_another_branch_when_it_ended_goes_back_and_on()
    {
        Open();
        MineSpend(out _);
        Caught();
        Close();

        _node.Tree.Invalidate(_node.Tree.AtHeight(_node.Tree.Tip.Height - 3)!);
        Mine(6, s_other);
        Open();

        WaitUntilSynced();
        AssertStatistics();
    }

    [Test]
    public void An_index_of_a_chain_that_nobody_knows_begins_anew()
    {
        Open();
        Mine(4);
        Caught();
        Close();
        _node.Dispose();
        _node = new NodeFixture(deployment);
        _node.Tree.AcceptBlock(Forge.Next(_node.Tree, script: new Script(OpcodeType.OP_2)));

        Open();

        WaitUntilSynced();
        AssertStatistics();
        Assert.That(_indexes!.GetSummaries().Select(static summary => summary.Height), Is.All.EqualTo(1));
    }

    [Test]
    public void More_filters_than_a_message_holds_are_refused()
    {
        Open();

        Assert.That(
            () => _indexes!.GetFilters(new uint256[2001].Select(static _ => uint256.One).ToArray()),
            Throws.InstanceOf<ArgumentOutOfRangeException>());
    }

    private void Open(params string[] names)
    {
        IndexInit init = new(new ThisProcess("bitcoin-index"), _node.Log, console: null);
        _pair = deployment == Deployment.Connected ? IpcTestPair.Create<IInit>(init) : null;
        IndexSettings settings = new(
            "regtest", _directory, PrintToConsole: false, [], names.Length == 0 ? s_all : names, Rebuilds: false);
        _indexes = (_pair?.Root ?? init).MakeIndexes(_node.Node.Chain, settings)!;
        Assert.That(_indexes.Start(out string? error), Is.True, error);
        WaitUntilSynced();
    }

    private void Close()
    {
        _indexes?.Dispose();
        _pair?.Dispose();
        _indexes = null;
    }

    private void WaitUntilSynced()
        => Assert.That(
            SpinWait.SpinUntil(
                () => _indexes!.GetSummaries().All(static summary => summary.IsSynced), NodeFixture.Patience),
            Is.True,
            "not synced");

    private IIndexes Caught()
    {
        Assert.That(s_all.Select(_indexes!.CatchUp), Is.All.True);
        return _indexes!;
    }

    private void Mine(int count, Script? script = null)
    {
        for (int i = 0; i < count; i++)
        {
            Assert.That(_node.Tree.AcceptBlock(Forge.Next(_node.Tree, script: script)).IsTaken, Is.True);
        }
    }

    /// <summary>Mines until a coinbase is mature, and a block that spends it.</summary>
    private Block MineSpend(out Transaction spend)
    {
        Mine(101);
        Transaction mature = _node.Tree.Read(_node.Tree.AtHeight(1)!)!.Transactions[0];
        spend = Forge.Transaction(
            [Forge.Input(new OutPoint(mature.GetHash(), 0))], [Forge.Output(mature.Outputs[0].Value.Satoshi)]);
        Block template = Miner.MakeTemplate(
            _node.Tree.Network, _node.Tree.Tip, NodeFixture.Script, _node.Tree.Clock.GetUtcNow(), [spend], fees: 0);
        Block block = Forge.Edit(template, static _ => { });
        Assert.That(_node.Tree.AcceptBlock(block).IsTaken, Is.True);
        return block;
    }

    private void AssertStatistics()
    {
        CoinSetStatistics found = Caught().GetStatistics(_node.Tree.Tip.Hash)!;
        CoinStatistics counted = new("muhash");
        _node.Tree.Flush();
        foreach ((OutPoint id, UnspentCoin coin) in _node.Tree.Cache.All())
        {
            counted.Add(id, coin);
        }

        Assert.That(found.MuHash.ToString(), Is.EqualTo(counted.Hash()));
        Assert.That(
            (found.Count, found.BogoSize, found.Amount.Satoshi),
            Is.EqualTo((counted.Count, counted.BogoSize, counted.Amount)));
    }
}
