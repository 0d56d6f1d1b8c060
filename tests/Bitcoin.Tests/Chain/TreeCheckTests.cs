using Bitcoin.Chain;
using Bitcoin.Primitives;
using NBitcoin;

namespace Bitcoin.Tests;

[TestFixture]
internal sealed class TreeCheckTests
{
    [Test]
    public void A_tree_that_contradicts_itself_ends_the_node_at_the_next_block()
    {
        List<string> fatal = [];
        using BlockTree chain = new(
            BitcoinNetworks.Regtest, Forge.Clock(), new TreeOptions { CheckEvery = 1, Fatal = fatal.Add });
        IReadOnlyList<ChainBlock> blocks = Miner.Mine(chain, 3, Forge.Script);
        Assert.That(fatal, Is.Empty);

        blocks[0].Status |= BlockStatus.Failed;
        Miner.Mine(chain, 1, Forge.Script);

        Assert.That(
            fatal,
            Is.EqualTo(
                new[] { $"Block {blocks[0].Hash}: Expected a valid block in the chain, got one that failed." }));
    }

    [Test]
    public void Branches_invalid_blocks_and_reorganisations_are_no_contradiction()
    {
        List<string> fatal = [];
        using BlockTree chain = new(
            BitcoinNetworks.Regtest, Forge.Clock(), new TreeOptions { CheckEvery = 1, Fatal = fatal.Add });
        Script other = new(OpcodeType.OP_TRUE, OpcodeType.OP_TRUE);
        ChainBlock fork = Miner.Mine(chain, 3, Forge.Script)[1];
        ChainBlock last = fork;
        for (int i = 0; i < 3; i++)
        {
            last = chain.AcceptBlock(Forge.Next(chain, last)).Block!;
        }

        Assert.That(chain.Tip, Is.SameAs(last));
        chain.Invalidate(last.Previous!);
        Miner.Mine(chain, 1, other);
        chain.Reconsider(last.Previous!);
        Miner.Mine(chain, 2, other);

        Assert.That(fatal, Is.Empty);
        lock (chain.Gate)
        {
            Assert.That(chain.FindContradiction(), Is.Null);
            chain.Tip.ChainTransactions++;
            Assert.That(chain.FindContradiction(), Does.Contain("transactions, got"));
        }
    }
}
