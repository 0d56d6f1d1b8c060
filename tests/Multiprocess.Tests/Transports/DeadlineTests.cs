using Multiprocess.Processes;
using Multiprocess.Tests.Support;

namespace Multiprocess.Tests.Transports;

/// <summary>The end of a child has one bound in sum, however many steps it takes.</summary>
public sealed class DeadlineTests
{
    [Test]
    public void What_one_step_takes_is_not_there_for_the_next()
    {
        var time = new ManualTime();
        var bound = new Deadline(TimeSpan.FromSeconds(5), time);

        Assert.That(bound.Left, Is.EqualTo(TimeSpan.FromSeconds(5)));
        time.Advance(TimeSpan.FromSeconds(2));
        Assert.That(bound.Left, Is.EqualTo(TimeSpan.FromSeconds(3)));
        time.Advance(TimeSpan.FromSeconds(30));
        Assert.That(bound.Left, Is.EqualTo(TimeSpan.Zero), "Less would be no time that can be waited.");
    }

    [Test]
    public void Without_a_bound_nothing_is_used_up()
    {
        var time = new ManualTime();
        var bound = new Deadline(Timeout.InfiniteTimeSpan, time);
        time.Advance(TimeSpan.FromDays(100));

        Assert.That(bound.Left, Is.EqualTo(Timeout.InfiniteTimeSpan));
    }
}
