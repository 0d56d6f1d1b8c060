using System.Numerics;
using Bitcoin.Primitives;

namespace Dash.Tests;

public class TargetTests
{
    private const uint Easiest = 0x1e0fffff;

    /// <summary>Blocks 123,433 to 123,456 of the main network.</summary>
    private static readonly (uint Time, uint Bits)[] s_main =
    [
        (1408728124, 0x1b104be1), (1408728332, 0x1b10e09e), (1408728479, 0x1b11a33c), (1408728495, 0x1b121cf3),
        (1408728608, 0x1b11951e), (1408728744, 0x1b11abac), (1408728756, 0x1b118d9c), (1408728950, 0x1b1123f9),
        (1408729116, 0x1b1141bf), (1408729179, 0x1b110764), (1408729305, 0x1b107556), (1408729474, 0x1b104297),
        (1408729576, 0x1b1063d0), (1408729587, 0x1b10e878), (1408729647, 0x1b0dfaff), (1408729678, 0x1b0c9ab8),
        (1408730179, 0x1b0c03d6), (1408730862, 0x1b0dd168), (1408730914, 0x1b10b864), (1408731242, 0x1b0fed89),
        (1408731256, 0x1b113ff1), (1408732229, 0x1b10460b), (1408732257, 0x1b13b83f), (1408732489, 0x1b1418d4),
    ];

    [Test]
    public void Dark_gravity_wave_gives_the_main_networks_next_target()
    {
        Place last = Place.Chain(123_456, s_main);

        Assert.That(After(DashNetworks.Main, last, 1408732505), Is.EqualTo(0x1b1441de));
    }

    [TestCase(1408732505u, 0x1b1441deu, TestName = "In_time_as_on_the_main_network")]
    [TestCase(1408732489u + 600, 0x1b1441deu, TestName = "Four_blocks_late_as_on_the_main_network")]
    [TestCase(1408732489u + 601, 0x1c00c8f8u, TestName = "Later_ten_times_as_easy")]
    [TestCase(1408732489u + 7200, 0x1c00c8f8u, TestName = "Two_hours_late_ten_times_as_easy")]
    [TestCase(1408732489u + 7201, Easiest, TestName = "Later_than_that_the_easiest")]
    public void On_the_test_network(uint time, uint bits)
    {
        Place last = Place.Chain(123_456, s_main);

        Assert.That(After(DashNetworks.Test, last, time), Is.EqualTo(bits));
    }

    [Test]
    public void Dark_gravity_wave_changes_the_target_by_three_at_most()
    {
        Place fast = Place.Chain(50_000, Every(1, 24, 0x1b100000));
        Place slow = Place.Chain(50_000, Every(10_000, 24, 0x1b100000));

        Assert.That(After(DashNetworks.Main, fast, 1_400_300_000), Is.EqualTo(0x1b055555));
        Assert.That(After(DashNetworks.Main, slow, 1_400_300_000), Is.EqualTo(0x1b300000));
    }

    [Test]
    public void The_first_rule_changes_the_target_once_a_day()
    {
        (uint, uint)[] blocks = Every(75, 576, 0x1e0ffff0);

        Assert.That(After(DashNetworks.Main, Place.Chain(574, blocks), 1_400_100_000), Is.EqualTo(0x1e0ffff0));

        // Measured from the first of 576 blocks to the last: 575 times 75 seconds, of a day.
        BigInteger expected = (new BigInteger(0x0ffff0) << (8 * 27)) * (575 * 75) / 86_400;
        Assert.That(
            After(DashNetworks.Main, Place.Chain(575, blocks), 1_400_100_000),
            Is.EqualTo(CompactTarget.Compress(expected)));
    }

    [Test]
    public void Kimotos_rule_looks_back_until_the_speed_is_no_chance()
    {
        (uint, uint)[] blocks = Every(75, 60, 0x1b100000);
        Place last = Place.Chain(20_000, blocks);

        // With n blocks the time is that of n - 1 intervals.
        int count = Enumerable.Range(14, 40).First(
            static n => n * 150.0 / ((n - 1) * 75) >= 1 + (0.7084 * Math.Pow(n / 28.2, -1.228)));
        BigInteger expected = (new BigInteger(0x100000) << (8 * 24)) * ((count - 1) * 75) / (count * 150);

        Assert.That(count, Is.InRange(15, 25));
        Assert.That(After(DashNetworks.Main, last, 1_400_100_000), Is.EqualTo(CompactTarget.Compress(expected)));
    }

    [Test]
    public void The_first_blocks_under_a_new_rule_have_the_easiest_target()
    {
        Place few = Place.Chain(13, Every(1, 14, 0x1b100000));

        Assert.That(DashTarget.KimotoGravityWell(DashNetworks.Main, few), Is.EqualTo(Easiest));
        Assert.That(DashTarget.DarkGravityWave(DashNetworks.Main, few), Is.EqualTo(Easiest));
    }

    private static uint After(NetworkParameters network, Place last, uint time)
        => DashCurrency.Instance.TargetAfter(network, last, time);

    /// <summary>Blocks at equal distances, in seconds, with the same target.</summary>
    private static (uint Time, uint Bits)[] Every(int seconds, int count, uint bits)
        => [.. Enumerable.Range(0, count).Select(i => (1_400_000_000u + (uint)(i * seconds), bits))];
}
