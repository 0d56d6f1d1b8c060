using Bitcoin.Primitives;
using NBitcoin;

namespace Bitcoin.Tests;

internal sealed class AddressTests
{
    [TestCase("BC1QW508D6QEJXTDG4Y5R3ZARVARY0C5XW7KV8F3T4", "0014751e76e8199196d454941c45d1b3a323f1433bd6")]
    [TestCase(
        "bc1p0xlxvlhemja6c4dqv22uapctqupfhlxm9h8z3k2e72q4k9hcz7vqzk5jj0",
        "512079be667ef9dcbbac55a06295ce870b07029bfcdb2dce28d959f2815b16f81798")]
    [TestCase("1BvBMSEYstWetqTFn5Au4m4GFg7xJaNVN2", "76a91477bff20c60e522dfaa3350c39b030a5d004e839a88ac")]
    [TestCase("3J98t1WpEZ73CNmQviecrnyiWrnqRhWNLy", "a914b472a266d0bd89c13706a4132ccfb16f7c3b9fcb87")]
    public void An_address_is_read_as_its_script(string address, string script)
    {
        Assert.That(Address.TryParse(address, BitcoinNetworks.Main, out Script? found), Is.True);
        Assert.That(found!.ToHex(), Is.EqualTo(script));
    }

    [TestCase("bc1qw508d6qejxtdg4y5r3zarvary0c5xw7kv8f3t5")]
    [TestCase("tb1qw508d6qejxtdg4y5r3zarvary0c5xw7kxpjzsx")]
    [TestCase("bc1qW508d6qejxtdg4y5r3zarvary0c5xw7kv8f3t4")]
    [TestCase("1BvBMSEYstWetqTFn5Au4m4GFg7xJaNVN3")]
    [TestCase("")]
    [TestCase("bc1")]
    [TestCase("1111")]
    public void What_is_no_address_of_the_network_is_refused(string address)
    {
        Assert.That(Address.TryParse(address, BitcoinNetworks.Main, out Script? script), Is.False);
        Assert.That(script, Is.Null);
    }

    [Test]
    public void A_witness_program_is_written_and_read_again()
    {
        Script script = Script.FromBytesUnsafe([0, 32, .. Enumerable.Range(0, 32).Select(static i => (byte)i)]);

        string? address = Address.Format(script, BitcoinNetworks.Regtest);

        Assert.That(address, Does.StartWith("bcrt1q"));
        Assert.That(Address.TryParse(address!, BitcoinNetworks.Regtest, out Script? found), Is.True);
        Assert.That(found, Is.EqualTo(script));
        Assert.That(Address.Format(new Script(OpcodeType.OP_TRUE), BitcoinNetworks.Regtest), Is.Null);
    }
}
