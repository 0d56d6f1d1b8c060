using Bitcoin.Chain.Rules;
using Bitcoin.Primitives;

namespace Bitcoin.Tests;

internal sealed class ProofOfWorkTests
{
    private const uint EasiestBits = 0x1d00ffff;

    // The first change of difficulty, at height 32,256: the period's times and both targets are on the chain.
    [Test]
    public void The_first_change_of_the_target_is_reproduced()
    {
        uint next = PeriodicTarget.Next(BitcoinNetworks.Main, 1261130161, 1262152739, EasiestBits);

        Assert.That(next, Is.EqualTo(0x1d00d86a));
    }

    [TestCase(1u, 0x1c3fffc0u, TestName = "A_period_of_no_time_makes_it_four_times_harder_and_no_more")]
    [TestCase(uint.MaxValue, 0x1d00ffffu, TestName = "The_target_never_exceeds_the_limit")]
    public void Clamped(uint lastTime, uint bits)
    {
        uint next = PeriodicTarget.Next(BitcoinNetworks.Main, 0, lastTime, EasiestBits);

        Assert.That(next, Is.EqualTo(bits));
    }

    [Test]
    public void Time_that_runs_backwards_counts_as_a_quarter()
    {
        uint forwards = PeriodicTarget.Next(BitcoinNetworks.Main, 1000, 1001, 0x1c05a3f4);
        uint backwards = PeriodicTarget.Next(BitcoinNetworks.Main, 1000, 1, 0x1c05a3f4);

        Assert.That(backwards, Is.EqualTo(forwards));
        Assert.That(forwards, Is.EqualTo(0x1c0168fd));
    }
}
