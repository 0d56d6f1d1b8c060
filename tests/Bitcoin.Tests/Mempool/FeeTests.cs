using Bitcoin.Chain;
using Bitcoin.Chain.Rules;
using Bitcoin.Node.Mempool;
using Bitcoin.Primitives;
using NBitcoin;

namespace Bitcoin.Tests;

/// <summary>Fees in the pool: what miners earn, who may replace whom, and who pays for a parent.</summary>
[TestFixture]
internal sealed class FeeTests
{
    private const long Subsidy = 50 * Money.COIN;

    // Large enough to be relayed. Whoever wants can spend it.
    private static readonly Script s_anyone = new(
        [.. Enumerable.Repeat<Op>(OpcodeType.OP_NOP, 20), (Op)OpcodeType.OP_TRUE]);

    private BlockTree _chain = null!;
    private TransactionPool _pool = null!;

    [SetUp]
    public void Start()
    {
        ManualClock clock = Forge.Clock();
        _chain = new BlockTree(BitcoinNetworks.Regtest, clock);
        Miner.Mine(_chain, 110, s_anyone);
        _pool = new TransactionPool(_chain, clock, new PoolOptions { RequiresStandard = false });
    }

    [TearDown]
    public void End() => _chain.Dispose();

    [Test]
    public void A_replacement_that_pays_more_in_all_but_less_for_its_size_is_refused()
    {
        OutPoint coin = Forge.CoinbaseAt(_chain, 1);
        PoolEntry small = Accept(Spend(coin, Subsidy, fee: 10_000, outputs: 1));

        Refusal? large = _pool.Acceptance.Accept(Spend(coin, Subsidy, fee: 20_000, outputs: 100)).Refusal;
        PoolResult better = _pool.Acceptance.Accept(Spend(coin, Subsidy, fee: 20_000, outputs: 1));

        Assert.That(
            (large?.Reason, large?.Details),
            Is.EqualTo(("replacement-failed", "insufficient feerate: does not improve feerate diagram")));
        Assert.That((better.Refusal, better.Replaced), Is.EqualTo(((Refusal?)null, new[] { small })));
    }

    [Test]
    public void The_diagram_adds_chunk_after_chunk_the_best_one_first()
    {
        PoolEntry low = Accept(Spend(Forge.CoinbaseAt(_chain, 1), Subsidy, fee: 1_000, outputs: 2));
        PoolEntry high = Accept(Spend(Forge.CoinbaseAt(_chain, 2), Subsidy, fee: 3_000, outputs: 1));

        IEnumerable<(long Weight, long Fee)> points = FeeDiagram.Of(
            _pool.Entries.Select(static entry => entry.Cluster).Distinct().SelectMany(
                static cluster => cluster.Chunks));

        Assert.That(points, Is.EqualTo(
            new[] { (0L, 0L), (high.Weight, 3_000L), (high.Weight + low.Weight, 4_000L) }));
    }

    [Test]
    public void A_diagram_is_better_only_if_it_is_nowhere_worse()
    {
        PoolEntry Entry(int height, long fee, int outputs) => new(
            Spend(Forge.CoinbaseAt(_chain, height), Subsidy, fee, outputs), [], fee, 1, default, 1, 20);
        Chunk small = new([Entry(1, 10_000, 1)]);
        Chunk large = new([Entry(2, 20_000, 100)]);
        Chunk best = new([Entry(3, 20_000, 1)]);

        Assert.That(FeeDiagram.Improves([small], [best]), Is.True);
        Assert.That(FeeDiagram.Improves([small], [large]), Is.False, "less at the size of the small one");
        Assert.That(FeeDiagram.Improves([small], [small]), Is.False, "the same");
        Assert.That(FeeDiagram.Improves([small], [small, large]), Is.True);
        Assert.That(FeeDiagram.Improves([small, large], [small]), Is.False);
    }

    [Test]
    public void A_parent_that_a_sibling_pays_for_is_not_paid_for_again()
    {
        const long PerKilobyte = 10_000;
        PoolEntry parent = Accept(Spend(Forge.CoinbaseAt(_chain, 1), Subsidy, fee: 100, outputs: 2));
        OutPoint mine = new(parent.Txid, 0);
        long alone = BumpFees.Of(_pool, [mine], PerKilobyte);
        Assert.That(alone, Is.EqualTo(new RelayRate(PerKilobyte).For(parent.Size) - 100));

        PoolEntry sibling = Accept(
            Spend(new OutPoint(parent.Txid, 1), parent.Transaction.Outputs[1].Value, fee: 50_000, outputs: 1));

        Assert.That(BumpFees.Of(_pool, [mine], PerKilobyte), Is.Zero);
        Assert.That(
            BumpFees.Of(_pool, [mine, new OutPoint(parent.Txid, 1)], PerKilobyte),
            Is.EqualTo(alone),
            "who spends the sibling's coin replaces it");
        Assert.That(_pool.Find(sibling.Txid), Is.SameAs(sibling));
    }

    private static Transaction Spend(OutPoint coin, long value, long fee, int outputs)
        => Forge.Transaction(
            [Forge.Input(coin)],
            Enumerable.Range(0, outputs).Select(_ => new TxOut(Money.Satoshis((value - fee) / outputs), s_anyone)));

    private PoolEntry Accept(Transaction transaction)
    {
        PoolResult result = _pool.Acceptance.Accept(transaction);
        Assert.That(result.Refusal, Is.Null, result.Refusal?.Reason);
        return result.Entry!;
    }
}
