using Bitcoin.Chain;
using Bitcoin.Chain.Rules;
using Bitcoin.Primitives;
using NBitcoin;

namespace Bitcoin.Tests;

internal sealed class MinerTests
{
    [TestCase(1, "51")]
    [TestCase(16, "60")]
    [TestCase(17, "0111")]
    [TestCase(128, "028000")]
    [TestCase(150, "029600")]
    public void A_mined_coinbase_begins_with_its_height(int height, string hex)
    {
        BlockTree chain = new(BitcoinNetworks.Regtest, Forge.Clock());

        ChainBlock mined = Miner.Mine(chain, height, Forge.Script)[^1];
        Transaction coinbase = chain.Read(mined)!.Transactions[0];

        Assert.That(coinbase.Inputs[0].ScriptSig.ToHex(), Does.StartWith(hex));
        Assert.That(coinbase.Outputs[0].Value.Satoshi, Is.EqualTo(height < 150 ? 50 * Money.COIN : 25 * Money.COIN));
        Assert.That(chain.Tip, Is.SameAs(mined));
    }

    [Test]
    public void A_mined_block_round_trips_and_commits_to_its_witness()
    {
        BlockTree chain = new(BitcoinNetworks.Regtest, Forge.Clock());

        ChainBlock place = Miner.Mine(chain, 1, Forge.Script)[0];
        Block parsed = chain.Read(place)!;

        Assert.That(parsed.GetHash(), Is.EqualTo(place.Hash));
        Assert.That(parsed.Transactions[0].HasWitness, Is.True);
        Assert.That(Witnesses.Check(parsed, isExpected: true), Is.Null);
        Assert.That(ProofOfWork.IsMet(place.Hash, parsed.Header.Bits.ToCompact(), chain.Network), Is.True);
    }

    [Test]
    public void Two_thousand_blocks_keep_the_target_on_regtest()
    {
        BlockTree chain = new(BitcoinNetworks.Regtest, Forge.Clock());

        Miner.Mine(chain, 2020, Forge.Script);

        Assert.That(chain.Tip.Height, Is.EqualTo(2020));
        Assert.That(chain.Tip.Header.Bits.ToCompact(), Is.EqualTo(0x207fffff));
        Assert.That(chain.Tip.MedianTimePast, Is.LessThan(chain.Tip.Time));
    }

    [Test]
    public void Mining_where_it_would_take_for_ever_can_be_cancelled()
    {
        BlockTree chain = new(BitcoinNetworks.Main, Forge.Clock());

        Assert.Throws<OperationCanceledException>(
            () => Miner.Mine(chain, 1, Forge.Script, new CancellationToken(canceled: true)));
        Assert.That(chain.Tip.Height, Is.Zero);
    }
}
