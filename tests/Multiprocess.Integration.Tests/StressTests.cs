namespace Multiprocess.Integration.Tests;

/// <summary>The short forms of the stress program; <c>eng/stress</c> runs the long ones.</summary>
[Platform("Linux")]
public sealed class StressTests
{
    [TestCase("--in-memory")]
    [TestCase("--in-process")]
    [TestCase("--threads=16")]
    public async Task Random_calls_are_all_answered_and_leave_nothing_behind(string how)
    {
        (int exitCode, string output) = await StressProgram.Run(how, "--seconds=3", "--seed=1");

        Assert.That(exitCode, Is.Zero, output);
        Assert.That(output, Does.Match(@"[\d,]+ calls by \d+ threads"));
    }

    [Test]
    public async Task A_child_that_is_killed_at_random_moments_leaves_typed_errors_and_nothing_else()
    {
        (int exitCode, string output) = await StressProgram.Run("--kill", "--seconds=5", "--seed=1");

        Assert.That(exitCode, Is.Zero, output);
        Assert.That(output, Does.Match(@"[1-9]\d* kills"));
    }
}
