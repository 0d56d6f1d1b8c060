using Bitcoin.Primitives;

namespace Bitcoin.Tests;

internal sealed class BlockSizeTests
{
    [TestCase(0)]
    [TestCase(1_000_000)]
    [TestCase(int.MaxValue)]
    public void Blocks_of_Bitcoin_have_one_size_at_every_height(int height)
        => Assert.That(
            new[] { BitcoinNetworks.Main, BitcoinNetworks.Regtest }.Select(network => network.MaxBlockBytes(height)),
            Is.All.EqualTo(1_000_000));
}
