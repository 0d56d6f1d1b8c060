using Bitcoin.Indexes;
using Bitcoin.Primitives;
using NBitcoin;

namespace Bitcoin.Tests;

internal sealed class FilterTests
{
    // The first line of BIP158's own table.
    [Test]
    public void The_filter_of_the_test_network_s_first_block_is_the_one_of_BIP158()
    {
        Block genesis = Currency.Find("test")!.Genesis;

        byte[] filter = FilterIndex.Build(genesis, genesis.GetHash(), []);

        Assert.That(Convert.ToHexStringLower(filter), Is.EqualTo("019dfca8"));
        Assert.That(
            FilterIndex.HeaderOf(filter, uint256.Zero).ToString(),
            Is.EqualTo("21584579b7eb08997773e5aeff3a7f932700042d0ed2a6129012b7d7ae81b750"));
    }

    [Test]
    public void A_block_without_a_script_has_an_empty_filter()
    {
        Block genesis = Currency.Find("test")!.Genesis;
        Block block = Forge.Copy(genesis);
        block.Transactions[0].Outputs[0].ScriptPubKey = new Script(OpcodeType.OP_RETURN);

        Assert.That(FilterIndex.Build(block, genesis.GetHash(), [Script.Empty]), Is.EqualTo(new byte[] { 0 }));
    }
}
