using Bitcoin.Chain;
using Bitcoin.Node.Mempool;
using Bitcoin.Primitives;
using NBitcoin;

namespace Bitcoin.Tests;

[TestFixture]
internal sealed class PoolCheckTests
{
    private static readonly Script s_anyone = new(
        [.. Enumerable.Repeat<Op>(OpcodeType.OP_NOP, 20), (Op)OpcodeType.OP_TRUE]);

    private readonly List<string> _fatal = [];
    private BlockTree _chain = null!;
    private TransactionPool _pool = null!;

    [SetUp]
    public void Start()
    {
        _fatal.Clear();
        ManualClock clock = Forge.Clock();
        _chain = new BlockTree(BitcoinNetworks.Regtest, clock);
        Miner.Mine(_chain, 103, s_anyone);
        _pool = new TransactionPool(_chain, clock, new PoolOptions { RequiresStandard = false, CheckEvery = 1 })
        {
            Fatal = _fatal.Add,
        };
    }

    [TearDown]
    public void End() => _chain.Dispose();

    [Test]
    public void Chains_replacements_and_blocks_are_no_contradiction()
    {
        PoolEntry parent = Accept(Forge.CoinbaseAt(_chain, 1), 1000);
        Accept(new OutPoint(parent.Txid, 0), 2000);
        PoolEntry replaced = Accept(Forge.CoinbaseAt(_chain, 2), 1000);
        Accept(Forge.CoinbaseAt(_chain, 2), 5000);
        _chain.AcceptBlock(Forge.With(
            Forge.Next(_chain),
            Forge.WithoutCommitment(Forge.Next(_chain).Transactions[0]),
            parent.Transaction));

        Assert.That(_pool.Find(replaced.Txid), Is.Null);
        Assert.That(_pool.Count, Is.EqualTo(2));
        Assert.That(_fatal, Is.Empty);
    }

    [Test]
    public void A_pool_that_contradicts_itself_ends_the_node_at_the_next_transaction()
    {
        PoolEntry parent = Accept(Forge.CoinbaseAt(_chain, 1), 1000);
        PoolEntry child = Accept(new OutPoint(parent.Txid, 0), 2000);
        Assert.That(_fatal, Is.Empty);

        parent.Children.Clear();
        Accept(Forge.CoinbaseAt(_chain, 2), 1000);

        Assert.That(_fatal, Is.EqualTo(new[] { $"Pool: {child.Txid}: Expected its parents to know it." }));
    }

    private PoolEntry Accept(OutPoint coin, long fee)
    {
        long value = _pool.FindCoin(coin)!.Value;
        Transaction transaction = Forge.Transaction(
            [Forge.Input(coin)], [new TxOut(Money.Satoshis(value - fee), s_anyone)]);
        PoolResult result = _pool.Acceptance.Accept(transaction);
        Assert.That(result.Refusal, Is.Null, result.Refusal?.Reason);
        return result.Entry!;
    }
}
