using Multiprocess.Messages;
using Multiprocess.Processes;
using Multiprocess.Tests.Support;

namespace Multiprocess.Tests.Supervision;

public sealed class RestartScheduleTests
{
    private static readonly TimeSpan s_second = TimeSpan.FromSeconds(1);

    private readonly ManualTime _time = new();

    [Test]
    public void Waits_grow_by_the_factor_up_to_the_longest()
    {
        RestartSchedule schedule = new(new() { InitialDelay = s_second, Factor = 3, MaxDelay = 10 * s_second }, _time);

        Assert.That(
            Enumerable.Range(0, 5).Select(_ => schedule.Next(s_second)),
            Is.EqualTo(new[] { 1, 3, 9, 10, 10 }.Select(seconds => (TimeSpan?)(seconds * s_second))));
    }

    [Test]
    public void A_child_that_ran_long_enough_begins_again_with_the_first_wait()
    {
        RestartSchedule schedule = new(new() { InitialDelay = s_second, StableAfter = 60 * s_second }, _time);
        schedule.Next(s_second);
        schedule.Next(59 * s_second);

        Assert.That(schedule.Next(60 * s_second), Is.EqualTo(s_second));
    }

    [Test]
    public void Restarts_are_counted_within_the_window_only()
    {
        RestartSchedule schedule = new(new() { MaxRestarts = 2, Window = 10 * s_second }, _time);
        Assert.That(schedule.Next(s_second), Is.Not.Null);
        _time.Advance(6 * s_second);
        Assert.That(schedule.Next(s_second), Is.Not.Null);
        Assert.That(schedule.Next(s_second), Is.Null, "the third");

        _time.Advance(4 * s_second);

        Assert.That(schedule.Next(s_second), Is.Not.Null, "the first one is out of the window");
        Assert.That(schedule.Restarts, Is.EqualTo(2));
        Assert.That(schedule.Next(s_second), Is.Null);
    }

    [Test]
    public void No_restart_at_all_is_a_policy()
        => Assert.That(new RestartSchedule(new() { MaxRestarts = 0 }, _time).Next(s_second), Is.Null);

    [Test]
    public void An_unusable_policy_is_refused_with_what_was_expected()
    {
        Assert.That(
            () => new IpcRestartPolicy { InitialDelay = -s_second },
            Throws.TypeOf<ArgumentOutOfRangeException>().With.Message.Contains("0 ms to a day"));
        Assert.That(
            () => new IpcRestartPolicy { MaxDelay = TimeSpan.FromDays(2) },
            Throws.TypeOf<ArgumentOutOfRangeException>().With.Message.Contains("0 ms to a day"));
        Assert.That(
            () => new IpcRestartPolicy { StableAfter = TimeSpan.Zero },
            Throws.TypeOf<ArgumentOutOfRangeException>().With.Message.Contains("1 ms to a day"));
        Assert.That(
            () => new IpcRestartPolicy { Window = TimeSpan.Zero },
            Throws.TypeOf<ArgumentOutOfRangeException>().With.Message.Contains("1 ms to a day"));
        Assert.That(
            () => new IpcRestartPolicy { Factor = double.NaN },
            Throws.TypeOf<ArgumentOutOfRangeException>().With.Message.Contains("1 to 100"));
        Assert.That(
            () => new IpcRestartPolicy { MaxRestarts = -1 },
            Throws.TypeOf<ArgumentOutOfRangeException>().With.Message.Contains("0 to 1,000,000"));
    }
}
