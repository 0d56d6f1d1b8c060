using Bitcoin.Primitives;
using NBitcoin;

namespace Dash.Tests;

public class RewardTests
{
    // Block, target of its parent, subsidy: known of the main network; for some the later rule is asked too.
    [TestCase(4250, 0x1c4a47c4u, false, 50_000_000_000)]
    [TestCase(4250, 0x1c4a47c4u, true, 500_000_000)]
    [TestCase(4502, 0x1c4a47c4u, false, 5_600_000_000)]
    [TestCase(5465, 0x1c29ec00u, false, 2_100_000_000)]
    [TestCase(5466, 0x1c29ec00u, false, 12_200_000_000)]
    [TestCase(17_589, 0x1c08ba34u, false, 6_100_000_000)]
    [TestCase(100_000, 0x1b10cf42u, false, 500_000_000)]
    [TestCase(210_240, 0x1b11548eu, false, 500_000_000)]
    [TestCase(210_241, 0x1b10d50bu, false, 464_285_715)]
    [TestCase(210_241, 0x1b10d50bu, true, 464_285_715)]
    [TestCase(420_481, 0x1b10d50bu, false, 388_010_205)]
    [TestCase(420_481, 0x1b10d50bu, true, 344_897_960)]
    public void The_subsidy_is_the_known_one(int height, uint bits, bool isV20, long subsidy)
    {
        DashHeights heights = isV20 ? DashHeights.Main with { V20 = 0 } : DashHeights.Main;

        Assert.That(DashReward.At(DashNetworks.Main, heights, height, bits).Subsidy, Is.EqualTo(subsidy));
    }

    [Test]
    public void The_first_block_makes_fifty_and_the_private_networks_blocks_five_hundred_at_first()
    {
        BlockReward first = Reward(DashNetworks.Main, 0);

        Assert.That(first, Is.EqualTo(new BlockReward(50 * Money.COIN)));
        Assert.That(Reward(DashNetworks.Regtest, 1).Subsidy, Is.EqualTo(500 * Money.COIN));
        Assert.That(Reward(DashNetworks.Regtest, 431).Subsidy, Is.EqualTo(500 * Money.COIN));
        Assert.That(Reward(DashNetworks.Regtest, 432).Subsidy, Is.EqualTo(5 * Money.COIN));
    }

    // Each step of the main network's schedule, at the last height before it and the first with it, in thousandths.
    [TestCase(158_000, 200)]
    [TestCase(158_001, 250)]
    [TestCase(175_281, 300)]
    [TestCase(192_561, 350)]
    [TestCase(209_841, 375)]
    [TestCase(227_121, 400)]
    [TestCase(244_401, 425)]
    [TestCase(261_681, 450)]
    [TestCase(278_961, 475)]
    [TestCase(313_520, 475)]
    [TestCase(313_521, 500)]
    [TestCase(1_379_127, 500)]
    [TestCase(1_379_128, 513)]
    [TestCase(1_428_976, 526)]
    [TestCase(1_987_775, 585)]
    [TestCase(1_987_776, 750)]
    public void A_masternodes_share_grows(int height, int thousandths)
        => Assert.That(
            DashReward.Masternode(DashHeights.Main, height, 1_000_000), Is.EqualTo(thousandths * 1000));

    [Test]
    public void The_treasury_keeps_a_tenth_and_later_a_fifth_and_a_superblock_may_pay_a_cycles_worth()
    {
        BlockReward before = Reward(DashNetworks.Main, 328_009);
        BlockReward tenth = Reward(DashNetworks.Main, 328_010);
        BlockReward fifth = Reward(DashNetworks.Main, 1_987_776);
        BlockReward superblock = Reward(DashNetworks.Main, 16_616 * 120);

        Assert.That(Treasury(before), Is.Zero);
        Assert.That(Treasury(tenth), Is.EqualTo((tenth.Subsidy + Treasury(tenth)) / 10));
        Assert.That(Treasury(fifth), Is.EqualTo((fifth.Subsidy + Treasury(fifth)) / 5));
        Assert.That(fifth.Most, Is.EqualTo(fifth.Subsidy));
        Assert.That(superblock.Most, Is.EqualTo(superblock.Subsidy + (16_616 * Treasury(superblock))));
    }

    private static BlockReward Reward(NetworkParameters network, int height)
        => network.Currency.RewardAt(network, height, network.IsPrivate ? 0x207fffffu : 0x1b10d50bu);

    private static long Treasury(BlockReward reward)
        => reward.Shares.Single(static share => share.Key == "treasury").Value;
}
