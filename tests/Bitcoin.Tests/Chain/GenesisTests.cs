using Bitcoin.Chain;
using Bitcoin.Chain.Rules;
using Bitcoin.Primitives;
using NBitcoin;

namespace Bitcoin.Tests;

internal sealed class GenesisTests
{
    private static readonly TestCaseData[] s_networks =
    [
        new(BitcoinNetworks.Main, "000000000019d6689c085ae165831e934ff763ae46a2a6c172b3f1b60a8ce26f"),
        new(BitcoinNetworks.Test, "000000000933ea01ad0ee984209779baaec3ced90fa3f408719526f8d77f4943"),
        new(BitcoinNetworks.Regtest, "0f9188f13cb7b2c71f2a335e3a4fc328bf5beb436012afca590b1a11466e2206"),
        new(BitcoinNetworks.Signet, "00000008819873e925422c1ff0f99f7cc9bbb232af63a077a480a3633bee1ef6"),
    ];

    [Test]
    public void Genesis_of_the_fourth_test_network_has_a_headline_of_its_own()
    {
        Block genesis = BitcoinNetworks.Test4.Genesis;

        Assert.That(
            genesis.GetHash().ToString(),
            Is.EqualTo("00000000da84f2bafbbc53dee25a72ae507ff4914b867c565be350b0da8bf043"));
        Assert.That(
            genesis.Header.HashMerkleRoot.ToString(),
            Is.EqualTo("7aa0a7ae1e223414cb807e40cd57e667b718e42aaf9306db9102fe28912b7b4e"));
    }

    [TestCaseSource(nameof(s_networks))]
    public void Genesis_has_the_hash_everybody_knows(NetworkParameters network, string hash)
    {
        Block genesis = network.Genesis;

        Assert.That(genesis.GetHash().ToString(), Is.EqualTo(hash));
        Assert.That(
            genesis.Header.HashMerkleRoot.ToString(),
            Is.EqualTo("4a5e1e4baab89f3a32518a88c31bc87f618f76673e2cc77ab2127b7afdeda33b"));
        Assert.That(ProofOfWork.IsMet(genesis.GetHash(), genesis.Header.Bits.ToCompact(), network), Is.True);
        Assert.That(genesis.ToBytes(), Has.Length.EqualTo(285));
    }

    [Test]
    public void The_subsidy_halves_and_ends()
    {
        NetworkParameters main = BitcoinNetworks.Main;

        Assert.That(BitcoinCurrency.Subsidy(main, 0), Is.EqualTo(50 * Money.COIN));
        Assert.That(BitcoinCurrency.Subsidy(main, 209_999), Is.EqualTo(50 * Money.COIN));
        Assert.That(BitcoinCurrency.Subsidy(main, 210_000), Is.EqualTo(25 * Money.COIN));
        Assert.That(BitcoinCurrency.Subsidy(main, 64 * 210_000), Is.Zero);
        Assert.That(BitcoinCurrency.Subsidy(BitcoinNetworks.Regtest, 150), Is.EqualTo(25 * Money.COIN));
    }
}
