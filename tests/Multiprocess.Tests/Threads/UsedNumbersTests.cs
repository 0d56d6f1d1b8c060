using Multiprocess.Threads;

namespace Multiprocess.Tests.Threads;

[TestFixture]
internal sealed class UsedNumbersTests
{
    [TestCase(1)]
    [TestCase(2)]
    [TestCase(3)]
    public void Numbers_in_any_order_are_taken_once(int seed)
    {
        var random = new Random(seed);
        var used = new UsedNumbers();
        var known = new HashSet<long>();

        for (int i = 0; i < 5_000; i++)
        {
            long number = random.Next(1, 2_000);
            Assert.That(used.TryAdd(number), Is.EqualTo(known.Add(number)), $"{number} at {i}");
        }

        long runs = known.Count(number => !known.Contains(number - 1));
        Assert.That(used.RunCount, Is.EqualTo(runs));
    }

    [Test]
    public void Numbers_that_count_up_are_one_run()
    {
        var used = new UsedNumbers();
        for (long number = 1; number <= 100_000; number++)
        {
            Assert.That(used.TryAdd(number), Is.True);
        }

        Assert.That(used.RunCount, Is.EqualTo(1));
        Assert.That(used.TryAdd(50_000), Is.False);
    }

    [Test]
    public void The_ends_of_the_range_are_numbers_like_others()
    {
        var used = new UsedNumbers();

        Assert.That(used.TryAdd(long.MaxValue), Is.True);
        Assert.That(used.TryAdd(1), Is.True);
        Assert.That(used.TryAdd(long.MaxValue - 1), Is.True);
        Assert.That(used.TryAdd(long.MaxValue), Is.False);
        Assert.That(used.TryAdd(1), Is.False);
        Assert.That(used.RunCount, Is.EqualTo(2));
    }

    [Test]
    public void Gaps_take_bounded_memory_and_the_latest_are_remembered()
    {
        var used = new UsedNumbers();
        const long last = 4L * UsedNumbers.MaxRuns;
        for (long number = 2; number <= last; number += 2)
        {
            Assert.That(used.TryAdd(number), Is.True);
        }

        Assert.That(used.RunCount, Is.EqualTo(UsedNumbers.MaxRuns));
        Assert.That(used.TryAdd(last - (2 * (UsedNumbers.MaxRuns - 1))), Is.False, "the lowest that is remembered");
        Assert.That(used.TryAdd(last - 1), Is.True, "a gap is never taken for used");
        Assert.That(used.TryAdd(1), Is.True, "what was forgotten is not, either");
        Assert.That(used.RunCount, Is.LessThanOrEqualTo(UsedNumbers.MaxRuns));
    }
}
