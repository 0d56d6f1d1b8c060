using System.Diagnostics;
using Multiprocess.Stress;

namespace Multiprocess.Integration.Tests;

/// <summary>Children that are kept running.</summary>
[Platform("Linux")]
[CancelAfter(120_000)]
public sealed class SupervisorTests
{
    private static readonly TimeSpan s_patience = TimeSpan.FromSeconds(30);
    private static readonly IpcRestartPolicy s_atOnce = new() { InitialDelay = TimeSpan.Zero };

    [Test]
    public async Task A_killed_child_is_started_again_and_its_root_serves()
    {
        using IpcSupervisor<IStress> supervisor = IpcSupervisor<IStress>.Start(StressProgram.Path, policy: s_atOnce);
        List<IpcRestartEventArgs> told = [];
        supervisor.Restarting += (_, restart) => told.Add(restart);
        IpcChildProcess<IStress> first = supervisor.Current!;

        first.Kill();
        Assert.That(() => Until(first), Throws.TypeOf<IpcDisconnectedException>(), "a call on the old root is lost, not repeated");
        await first.Exited.WaitAsync(s_patience);
        IStress root = await NextRoot(supervisor, first);

        Assert.That(root.Add(2, 3), Is.EqualTo(5));
        Assert.That(supervisor.Root, Is.SameAs(root));
        Assert.That(supervisor.Current!.Id, Is.Not.EqualTo(first.Id));
        Assert.That(supervisor.Restarts, Is.EqualTo(1));
        Assert.That(told.Select(restart => (restart.Attempt, restart.Exit?.Signal, restart.Reason.Contains($"{first.Id}", StringComparison.Ordinal))), Is.EqualTo(new[] { (1, (int?)9, true) }));
    }

    [Test]
    public async Task Too_many_restarts_end_the_supervision_with_the_last_reason()
    {
        using IpcSupervisor<IStress> supervisor = IpcSupervisor<IStress>.Start(StressProgram.Path, policy: s_atOnce with { MaxRestarts = 1 });
        IpcChildProcess<IStress> first = supervisor.Current!;
        first.Kill();
        await NextRoot(supervisor, first);

        supervisor.Current!.Kill();

        Exception? ended = await Assert.CatchAsync(() => supervisor.Completion.WaitAsync(s_patience));
        Assert.That(ended, Is.TypeOf<IpcException>().With.Message.Contains("1 times").And.Message.Contains("signal 9"));
        Assert.That(() => supervisor.Root, Throws.TypeOf<IpcException>().With.Message.EqualTo(ended!.Message));
        Assert.That(() => supervisor.GetRootAsync(), Throws.TypeOf<IpcException>());
    }

    [Test]
    public async Task A_child_that_cannot_be_started_again_counts_as_a_restart()
    {
        string folder = Directory.CreateTempSubdirectory("mp").FullName;
        try
        {
            // The program and all that it needs, reached over links; one of them goes.
            foreach (string file in Directory.GetFiles(AppContext.BaseDirectory))
            {
                File.CreateSymbolicLink(Path.Combine(folder, Path.GetFileName(file)), file);
            }

            string program = Path.Combine(folder, Path.GetFileName(StressProgram.Path));
            using IpcSupervisor<IStress> supervisor = IpcSupervisor<IStress>.Start(program, policy: s_atOnce with { MaxRestarts = 3 });
            List<IpcChildExit?> exits = [];
            supervisor.Restarting += (_, restart) => exits.Add(restart.Exit);
            File.Delete(program);

            supervisor.Current!.Kill();

            Exception? ended = await Assert.CatchAsync(() => supervisor.Completion.WaitAsync(s_patience));
            Assert.That(ended, Is.TypeOf<IpcException>().With.Message.Contains(program).And.Message.Contains("3 times"));
            Assert.That(exits.Select(exit => exit is null), Is.EqualTo(new[] { false, true, true }));
            Assert.That(supervisor.Restarts, Is.Zero, "none was started");
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }
    }

    [Test]
    public async Task A_child_that_cannot_be_recorded_counts_as_a_restart_that_says_why()
    {
        string temporary = Directory.CreateTempSubdirectory("mp").FullName;
        try
        {
            string folder = Path.Combine(temporary, "records");
            using IpcSupervisor<IStress> supervisor = IpcSupervisor<IStress>.Start(
                StressProgram.Path, new IpcSpawnOptions { RecordFolder = folder }, s_atOnce with { MaxRestarts = 2 });
            Directory.Delete(folder, recursive: true);
            File.WriteAllText(folder, string.Empty);

            supervisor.Current!.Kill();

            Exception? ended = await Assert.CatchAsync(() => supervisor.Completion.WaitAsync(s_patience));
            Assert.That(ended, Is.TypeOf<IpcException>().With.Message.Contains("2 times").And.Message.Contains(folder));
        }
        finally
        {
            Directory.Delete(temporary, recursive: true);
        }
    }

    [TestCase(false)]
    [TestCase(true)]
    public async Task A_child_that_ends_by_itself_is_started_again_only_when_asked(bool isAsked)
    {
        using IpcSupervisor<IStress> supervisor = IpcSupervisor<IStress>.Start(StressProgram.Path, policy: s_atOnce with { RestartAfterSuccess = isAsked });
        IpcChildProcess<IStress> first = supervisor.Current!;

        first.Connection.Dispose();
        Assert.That(await first.Exited.WaitAsync(s_patience), Is.Zero);

        if (isAsked)
        {
            Assert.That((await NextRoot(supervisor, first)).Add(1, 1), Is.EqualTo(2));
            return;
        }

        await supervisor.Completion.WaitAsync(s_patience);
        Assert.That(() => supervisor.Root, Throws.TypeOf<IpcException>().With.Message.Contains("exit code 0"));
        Assert.That(supervisor.Restarts, Is.Zero);
    }

    [Test]
    public async Task While_none_runs_the_root_says_why_and_disposing_ends_the_wait()
    {
        IpcSupervisor<IStress> supervisor = IpcSupervisor<IStress>.Start(StressProgram.Path, policy: new() { InitialDelay = TimeSpan.FromHours(1), MaxDelay = TimeSpan.FromHours(1) });
        using var told = new ManualResetEventSlim();
        supervisor.Restarting += (_, _) => told.Set();
        IpcChildProcess<IStress> first = supervisor.Current!;
        first.Kill();
        Assert.That(told.Wait(s_patience), Is.True);

        Assert.That(() => supervisor.Root, Throws.TypeOf<IpcDisconnectedException>().With.Message.Contains("signal 9").And.Message.Contains("3600 s"));
        Task<IStress> next = supervisor.GetRootAsync();
        using var impatient = new CancellationTokenSource();
        Task<IStress> given = supervisor.GetRootAsync(impatient.Token);
        impatient.Cancel();
        Assert.That(() => given, Throws.InstanceOf<OperationCanceledException>());
        Assert.That(next.IsCompleted, Is.False);
        supervisor.Dispose();
        supervisor.Dispose();

        Assert.That(() => next.WaitAsync(s_patience), Throws.TypeOf<ObjectDisposedException>());
        await supervisor.Completion.WaitAsync(s_patience);
        Assert.That(() => supervisor.Root, Throws.TypeOf<ObjectDisposedException>());
        Assert.That(supervisor.Current, Is.Null);
    }

    [Test]
    public async Task Disposing_ends_the_child_and_starts_none_again()
    {
        IpcSupervisor<IStress> supervisor = IpcSupervisor<IStress>.Start(StressProgram.Path, policy: s_atOnce);
        IpcChildProcess<IStress> child = supervisor.Current!;

        await supervisor.DisposeAsync();

        Assert.That(await child.Exited.WaitAsync(s_patience), Is.Zero);
        await supervisor.Completion.WaitAsync(s_patience);
        Assert.That(supervisor.Restarts, Is.Zero);
        Assert.That(Directory.Exists($"/proc/{child.Id}"), Is.False, "it was reaped");
    }

    [Test]
    public void A_first_start_that_fails_is_the_callers_to_know()
        => Assert.That(() => IpcSupervisor<IStress>.Start("/no/such/program"), Throws.TypeOf<IpcException>().With.Message.Contains("/no/such/program"));

    [Test]
    public async Task A_handler_that_throws_does_not_keep_the_child_from_its_restart()
    {
        using IpcSupervisor<IStress> supervisor = IpcSupervisor<IStress>.Start(StressProgram.Path, policy: s_atOnce);
        supervisor.Restarting += (_, _) => throw new InvalidOperationException("mine");
        IpcChildProcess<IStress> first = supervisor.Current!;

        first.Kill();

        Assert.That((await NextRoot(supervisor, first)).Add(2, 2), Is.EqualTo(4));
    }

    private static void Until(IpcChildProcess<IStress> lost)
    {
        while (true)
        {
            lost.Root.Add(1, 1);
        }
    }

    /// <summary>The root of the child after <paramref name="last"/>: that one's may still be there for a moment.</summary>
    private static async Task<IStress> NextRoot(IpcSupervisor<IStress> supervisor, IpcChildProcess<IStress> last)
    {
        long start = Stopwatch.GetTimestamp();
        IStress root = last.Root;
        while (ReferenceEquals(root, last.Root))
        {
            Assert.That(Stopwatch.GetElapsedTime(start), Is.LessThan(s_patience), "the end of the child was not noticed");
            await Task.Yield();
            root = await supervisor.GetRootAsync().WaitAsync(s_patience);
        }

        return root;
    }
}
