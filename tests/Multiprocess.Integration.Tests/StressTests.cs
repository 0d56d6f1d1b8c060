using System.Diagnostics;
using Multiprocess.Stress;
using Multiprocess.Stress.Siege;

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
        Assert.That(output, Does.Match(@"[\d,]+ operations by \d+ threads at a time"));
    }

    [TestCase("descriptors")]
    [TestCase("crowd")]
    [TestCase("threads")]
    [TestCase("addresses")]
    [TestCase("disk")]
    [TestCase("stopped")]
    [TestCase("deaf")]
    public async Task A_server_that_is_short_of_something_lives_on_and_so_do_its_clients(string what)
    {
        (int exitCode, string output) = await StressProgram.Run("--siege", what, "--seconds=1", "--seed=1");

        Assert.That(exitCode, Is.Zero, output);
        if (output.Contains("skipped:", StringComparison.Ordinal))
        {
            Assert.Ignore(output);
        }

        Assert.That(output, Does.Match($@"\({what} [1-9]"));
    }

    [TestCase("descriptors")]
    [TestCase("threads")]
    [TestCase("addresses")]
    public async Task A_parent_that_is_short_of_something_gets_typed_errors_leaves_nothing_and_starts_children_later(
        string what)
    {
        if (ScarceParent.Command(what, StressProgram.Path) is not { } command)
        {
            Assert.Ignore(
                "The limit is on all threads of the user, and only the super-user can choose one that has no others.");
            return;
        }

        (int exitCode, string output) = await StressProgram.RunAs(command);

        Assert.That(exitCode, Is.Zero, output);
        Assert.That(output, Does.Match("[1-9][0-9]* refused with a typed error, nothing is left"));
    }

    [Test]
    public void A_chain_over_three_processes_comes_back_on_one_thread_of_each()
    {
        using IpcChildProcess<IStress> child = IpcChildProcess.Spawn<IStress>(StressProgram.Path);
        int own = Environment.CurrentManagedThreadId;
        var threads = new HashSet<int>();
        Func<int, int> back = null!;
        back = rest =>
        {
            threads.Add(Environment.CurrentManagedThreadId);
            return rest == 0 ? 0 : 1 + child.Root.NestThroughChild(rest - 1, back);
        };

        int levels = child.Root.NestThroughChild(40, back);

        Assert.That(levels, Is.EqualTo(40), "Each process has checked its own thread on the way.");
        Assert.That(threads, Is.EqualTo(new[] { own }));
    }

    [Test]
    public void One_trace_spans_the_processes()
    {
        using IpcChildProcess<IStress> child = IpcChildProcess.Spawn<IStress>(StressProgram.Path);
        string? without = child.Root.Trace();
        using Activity activity = new Activity("caller").SetIdFormat(ActivityIdFormat.W3C).Start();

        Assert.That(child.Root.Trace(), Is.EqualTo(activity.TraceId.ToHexString()));
        Assert.That(without, Is.Null);
    }

    [Test]
    public async Task A_child_that_is_killed_at_random_moments_leaves_typed_errors_and_nothing_else()
    {
        (int exitCode, string output) = await StressProgram.Run("--kill", "--seconds=5", "--seed=1");

        Assert.That(exitCode, Is.Zero, output);
        Assert.That(output, Does.Match(@"[1-9]\d* kills"));
    }
}
