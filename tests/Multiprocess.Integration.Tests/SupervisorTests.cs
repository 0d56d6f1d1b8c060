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
        Assert.That(
            () => Until(first),
            Throws.TypeOf<IpcDisconnectedException>(),
            "a call on the old root is lost, not repeated");
        await first.Exited.WaitAsync(s_patience);
        IStress root = await NextRoot(supervisor, first);

        Assert.That(root.Add(2, 3), Is.EqualTo(5));
        Assert.That(supervisor.Root, Is.SameAs(root));
        Assert.That(supervisor.Current!.Id, Is.Not.EqualTo(first.Id));
        Assert.That(supervisor.Restarts, Is.EqualTo(1));
        Assert.That(
            told.Select(
                restart => (restart.Attempt, restart.Exit?.Signal, restart.Reason.Contains(
                    $"{first.Id}", StringComparison.Ordinal))),
            Is.EqualTo(new[] { (1, (int?)9, true) }));
    }

    [Test]
    public async Task Too_many_restarts_end_the_supervision_with_the_last_reason()
    {
        using IpcSupervisor<IStress> supervisor = IpcSupervisor<IStress>.Start(
            StressProgram.Path, policy: s_atOnce with { MaxRestarts = 1 });
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
            using IpcSupervisor<IStress> supervisor = IpcSupervisor<IStress>.Start(
                program, policy: s_atOnce with { MaxRestarts = 3 });
            List<IpcChildExit?> exits = [];
            supervisor.Restarting += (_, restart) => exits.Add(restart.Exit);
            File.Delete(program);

            supervisor.Current!.Kill();

            Exception? ended = await Assert.CatchAsync(() => supervisor.Completion.WaitAsync(s_patience));
            Assert.That(
                ended, Is.TypeOf<IpcException>().With.Message.Contains(program).And.Message.Contains("3 times"));
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
        using IpcSupervisor<IStress> supervisor = IpcSupervisor<IStress>.Start(
            StressProgram.Path, policy: s_atOnce with { RestartAfterSuccess = isAsked });
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
        IpcSupervisor<IStress> supervisor = IpcSupervisor<IStress>.Start(
            StressProgram.Path,
            policy: new() { InitialDelay = TimeSpan.FromHours(1), MaxDelay = TimeSpan.FromHours(1) });
        using var told = new ManualResetEventSlim();
        supervisor.Restarting += (_, _) => told.Set();
        IpcChildProcess<IStress> first = supervisor.Current!;
        first.Kill();
        Assert.That(told.Wait(s_patience), Is.True);

        Assert.That(
            () => supervisor.Root,
            Throws.TypeOf<IpcDisconnectedException>().With.Message.Contains("signal 9").And.Message.Contains("3600 s"));
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
        => Assert.That(
            () => IpcSupervisor<IStress>.Start("/no/such/program"),
            Throws.TypeOf<IpcException>().With.Message.Contains("/no/such/program"));

    [Test]
    public async Task A_handler_that_throws_does_not_keep_the_child_from_its_restart()
    {
        using IpcSupervisor<IStress> supervisor = IpcSupervisor<IStress>.Start(StressProgram.Path, policy: s_atOnce);
        supervisor.Restarting += (_, _) => throw new InvalidOperationException("mine");
        IpcChildProcess<IStress> first = supervisor.Current!;

        first.Kill();

        Assert.That((await NextRoot(supervisor, first)).Add(2, 2), Is.EqualTo(4));
    }

    [Test]
    public async Task A_root_whose_connection_is_known_to_be_lost_is_never_handed_out()
    {
        using IpcSupervisor<IStress> supervisor = IpcSupervisor<IStress>.Start(
            StressProgram.Path, policy: s_atOnce with { MaxRestarts = 1000 });
        for (int i = 0; i < 20; i++)
        {
            IStress root = await supervisor.GetRootAsync().WaitAsync(s_patience);
            IpcChildProcess<IStress>? child = supervisor.Current;
            child!.Kill();
            Assert.That(() => Until(child), Throws.TypeOf<IpcDisconnectedException>());

            Assert.That(supervisor.Current, Is.Not.SameAs(child));
            IStress next = await supervisor.GetRootAsync().WaitAsync(s_patience);

            Assert.That(next, Is.Not.SameAs(root));
            Assert.That(next.Add(i, 1), Is.EqualTo(i + 1), "the obvious retry works");
        }
    }

    [Test]
    public async Task Each_child_is_prepared_before_anybody_gets_its_root_and_then_announced()
    {
        var mayGo = new TaskCompletionSource();
        var waits = new TaskCompletionSource();
        var announced = new TaskCompletionSource<(int Id, int Restarts)>();
        List<int> prepared = [];
        await using IpcSupervisor<IStress> supervisor = await IpcSupervisor<IStress>.StartAsync(
            StressProgram.Path,
            policy: s_atOnce,
            prepare: async (child, _) =>
            {
                prepared.Add(child.Root.Add(child.Id, 0));
                if (prepared.Count == 2)
                {
                    waits.SetResult();
                    await mayGo.Task;
                }
            });
        supervisor.Started += (_, started) => announced.SetResult((started.Child.Id, started.Restarts));
        IpcChildProcess<IStress> first = supervisor.Current!;
        Assert.That(prepared, Is.EqualTo(new[] { first.Id }), "the first one too");

        first.Kill();
        await waits.Task.WaitAsync(s_patience);
        Task<IStress> next = supervisor.GetRootAsync();
        Assert.That(() => supervisor.Root, Throws.TypeOf<IpcDisconnectedException>(), "it is not ready");
        Assert.That(next.IsCompleted, Is.False);
        mayGo.SetResult();

        Assert.That((await next.WaitAsync(s_patience)).Add(1, 2), Is.EqualTo(3));
        Assert.That(await announced.Task.WaitAsync(s_patience), Is.EqualTo((supervisor.Current!.Id, 1)));
        Assert.That(prepared, Is.EqualTo(new[] { first.Id, supervisor.Current.Id }));
    }

    [Test]
    public async Task A_child_that_cannot_be_prepared_is_ended_and_counts_as_a_failed_start()
    {
        List<IpcChildProcess<IStress>> children = [];
        using IpcSupervisor<IStress> supervisor = IpcSupervisor<IStress>.Start(
            StressProgram.Path,
            policy: s_atOnce with { MaxRestarts = 2 },
            prepare: (child, _) =>
            {
                children.Add(child);
                return children.Count == 1 ? Task.CompletedTask : throw new InvalidOperationException("not like this");
            });

        supervisor.Current!.Kill();

        Exception? ended = await Assert.CatchAsync(() => supervisor.Completion.WaitAsync(s_patience));
        Assert.That(
            ended,
            Is.TypeOf<IpcException>().With.Message.Contains("2 times").And.Message.Contains(
                "could not be prepared: not like this"));
        Assert.That(children, Has.Count.EqualTo(3));
        Assert.That(children.All(child => child.Exited.IsCompleted), Is.True);
    }

    [Test]
    public void What_the_preparation_of_the_first_child_throws_is_the_callers_to_know()
    {
        IpcChildProcess<IStress>? first = null;

        Assert.That(
            () => IpcSupervisor<IStress>.Start(StressProgram.Path, prepare: (child, _) =>
            {
                first = child;
                throw new InvalidOperationException("mine");
            }),
            Throws.TypeOf<InvalidOperationException>().With.Message.EqualTo("mine"));

        Assert.That(first!.Exited.IsCompleted, Is.True, "it was ended");
    }

    [Test]
    public async Task A_child_that_ends_while_it_is_prepared_is_replaced_though_its_preparation_hangs()
    {
        int count = 0;
        using IpcSupervisor<IStress> supervisor = IpcSupervisor<IStress>.Start(
            StressProgram.Path,
            policy: s_atOnce,
            prepare: async (child, lost) =>
            {
                if (Interlocked.Increment(ref count) == 2)
                {
                    child.Kill();
                    await Task.Delay(Timeout.Infinite, CancellationToken.None);
                }
            });
        IpcChildProcess<IStress> first = supervisor.Current!;

        first.Kill();
        await first.Exited.WaitAsync(s_patience);

        Assert.That((await supervisor.GetRootAsync().WaitAsync(s_patience)).Add(2, 2), Is.EqualTo(4));
        Assert.That(count, Is.EqualTo(3));
    }

    [Test]
    public async Task A_root_that_follows_calls_the_child_that_is_there()
    {
        using IpcSupervisor<IStress> supervisor = IpcSupervisor<IStress>.Start(StressProgram.Path, policy: s_atOnce);
        IStress following = supervisor.FollowingRoot;
        IpcChildProcess<IStress> first = supervisor.Current!;
        Assert.That(supervisor.FollowingRoot, Is.SameAs(following));
        Assert.That(following.Add(1, 2), Is.EqualTo(3));
        following.Note(1);
        Assert.That(following.Notes(), Is.EqualTo(1), "one-way calls too");

        var hanging = Task.Run(() => following.Hang());
        Patience(() => first.Connection.ListWaitingCalls().Count > 0);
        first.Kill();
        Assert.That(
            async () => await hanging.WaitAsync(s_patience),
            Throws.TypeOf<IpcDisconnectedException>(),
            "never made twice");
        await supervisor.GetRootAsync().WaitAsync(s_patience);

        Assert.That(following.Add(2, 3), Is.EqualTo(5));
        Assert.That(await following.AddAsync(3, 4), Is.EqualTo(7));
        Assert.That(following.Notes(), Is.Zero, "of the new child");
        INode node = following.MakeNode(8);
        Assert.That(following.Ask(node), Is.EqualTo(8), "what it returned comes home");
        supervisor.Dispose();
        Assert.That(() => following.Add(1, 1), Throws.TypeOf<IpcDisconnectedException>());
        Assert.That(async () => await following.AddAsync(1, 1), Throws.TypeOf<IpcDisconnectedException>());
    }

    [TestCase(true)]
    [TestCase(false)]
    public async Task A_child_that_SIGTERM_ends_is_started_again_unless_the_policy_says_otherwise(bool restarts)
    {
        using IpcSupervisor<IStress> supervisor = IpcSupervisor<IStress>.Start(
            StressProgram.Path, policy: s_atOnce with { RestartAfterTermination = restarts });
        IpcChildProcess<IStress> first = supervisor.Current!;

        Assert.That(SignalledHostTests.SendSignal(first.Id, 15), Is.Zero);

        Assert.That(await first.Exited.WaitAsync(s_patience), Is.EqualTo(128 + 15));
        if (restarts)
        {
            Assert.That((await NextRoot(supervisor, first)).Add(2, 2), Is.EqualTo(4));
            return;
        }

        await supervisor.Completion.WaitAsync(s_patience);
        Assert.That(supervisor.Restarts, Is.Zero);
    }

    [Test]
    public async Task While_a_child_drains_nobody_is_given_its_root_who_has_seen_it_refuse()
    {
        using IpcSupervisor<IStress> supervisor = IpcSupervisor<IStress>.Start(StressProgram.Path, policy: s_atOnce);
        IpcChildProcess<IStress> first = supervisor.Current!;
        using var runs = new ManualResetEventSlim();
        using var end = new ManualResetEventSlim();
        Func<int, int> block = _ =>
        {
            runs.Set();
            return end.Wait(s_patience) ? 0 : 1;
        };
        Task running = Task.Factory.StartNew(
            () => first.Root.Nest(1, block),
            CancellationToken.None,
            TaskCreationOptions.LongRunning,
            TaskScheduler.Default);
        Assert.That(runs.Wait(s_patience), Is.True);
        Assert.That(SignalledHostTests.SendSignal(first.Id, 15), Is.Zero);

        // The call that runs keeps the connection open for two seconds.
        Assert.That(
            () => Until(first), Throws.TypeOf<IpcDisconnectedException>().With.Message.Contains("takes no more calls"));
        Assert.That(
            () => supervisor.Root, Throws.TypeOf<IpcDisconnectedException>().With.Message.Contains("is ending"));
        Assert.That(supervisor.Current, Is.Null);
        IStress next = await supervisor.GetRootAsync().WaitAsync(s_patience);

        Assert.That(next, Is.Not.SameAs(first.Root));
        Assert.That(next.Add(2, 3), Is.EqualTo(5));
        end.Set();
        Assert.That(async () => await running.WaitAsync(s_patience), Throws.TypeOf<IpcDisconnectedException>());
    }

    [Test]
    public async Task A_child_that_has_refused_and_is_there_still_is_given_out_again()
    {
        var clock = new ForwardClock();
        using IpcSupervisor<IStress> supervisor = IpcSupervisor<IStress>.Start(
            StressProgram.Path, new IpcSpawnOptions { TimeProvider = clock });
        IStress root = supervisor.Root;
        supervisor.Current!.Connection.Core.Channel.Note(new IpcDisconnectedException("The peer takes no more calls."));
        Assert.That(() => supervisor.Root, Throws.TypeOf<IpcDisconnectedException>());

        clock.Ahead = TimeSpan.FromSeconds(4.8);
        IStress again = await supervisor.GetRootAsync().WaitAsync(s_patience);

        Assert.That(again, Is.SameAs(root));
        Assert.That(supervisor.Root, Is.SameAs(root));
    }

    private static void Patience(Func<bool> condition)
        => Assert.That(SpinWait.SpinUntil(condition, s_patience), Is.True);

    private static void Until(IpcChildProcess<IStress> lost)
    {
        while (true)
        {
            lost.Root.Add(1, 1);
        }
    }

    /// <summary>
    /// The root of the child after <paramref name="last"/>: that one's may still be there for a moment.
    /// </summary>
    private static async Task<IStress> NextRoot(IpcSupervisor<IStress> supervisor, IpcChildProcess<IStress> last)
    {
        long start = Stopwatch.GetTimestamp();
        IStress root = last.Root;
        while (ReferenceEquals(root, last.Root))
        {
            Assert.That(
                Stopwatch.GetElapsedTime(start), Is.LessThan(s_patience), "the end of the child was not noticed");
            await Task.Yield();
            root = await supervisor.GetRootAsync().WaitAsync(s_patience);
        }

        return root;
    }

    /// <summary>The system's clock, put forward.</summary>
    private sealed class ForwardClock : TimeProvider
    {
        public TimeSpan Ahead { get; set; }

        public override long GetTimestamp() => base.GetTimestamp() + (long)(Ahead.TotalSeconds * TimestampFrequency);
    }
}
