using System.Diagnostics;
using System.Globalization;
using System.Runtime.InteropServices;
using System.Text.RegularExpressions;
using Microsoft.Extensions.Logging;
using Multiprocess.Stress;

namespace Multiprocess.Integration.Tests;

/// <summary>Children from their start to their end, over an inherited socket and over a one-time one.</summary>
[Platform("Linux")]
[CancelAfter(120_000)]
public sealed class SpawnTests
{
    private static readonly TimeSpan s_patience = TimeSpan.FromSeconds(30);

    private static readonly IpcSpawnChannel[] s_channels = [IpcSpawnChannel.Inherited, IpcSpawnChannel.OneTimeSocket];

    [TestCaseSource(nameof(s_channels))]
    public async Task A_child_serves_calls_back_and_ends_with_code_0(IpcSpawnChannel channel)
    {
        IpcChildProcess<IStress> child = IpcChildProcess.Spawn<IStress>(
            StressProgram.Path, new IpcSpawnOptions { Channel = channel });
        int Back(int depth) => child.Root.Nest(depth, Back);

        Assert.That(child.Root.Nest(3, Back), Is.EqualTo(3));
        Assert.That(child.Connection.Peer.ProcessId, Is.EqualTo(child.Id));
        Assert.That(child.Exit, Is.Null);
        child.Dispose();

        Assert.That(await child.Exited.WaitAsync(s_patience), Is.Zero);
        Assert.That(child.Exit, Is.EqualTo(new IpcChildExit(0, null, "")));
        Assert.That(Directory.Exists($"/proc/{child.Id}"), Is.False, "it was reaped");
    }

    [TestCaseSource(nameof(s_channels))]
    public async Task A_child_can_be_started_without_holding_a_thread(IpcSpawnChannel channel)
    {
        await using IpcChildProcess<IStress> child = await IpcChildProcess.SpawnAsync<IStress>(
            StressProgram.Path, new IpcSpawnOptions { Channel = channel });

        Assert.That(child.Root.Add(1, 2), Is.EqualTo(3));
        Assert.That(
            async () => await IpcChildProcess.SpawnAsync<IStress>("/no/such/program"),
            Throws.TypeOf<IpcException>().With.Message.Contains("/no/such/program"));
    }

    [TestCaseSource(nameof(s_channels))]
    public void A_start_that_is_cancelled_leaves_no_child(IpcSpawnChannel channel)
    {
        using var source = new CancellationTokenSource();

        // It never says a word; the time limit alone would end the start.
        Task<IpcChildProcess<IStress>> starting = IpcChildProcess.SpawnAsync<IStress>(
            "/bin/sleep",
            new IpcSpawnOptions
            {
                Channel = channel,
                Arguments = ["600"],
                ConnectTimeout = TimeSpan.FromMinutes(5),
                ExitTimeout = s_patience
            },
            source.Token);
        source.Cancel();

        Assert.That(async () => await starting.WaitAsync(s_patience), Throws.InstanceOf<OperationCanceledException>());
        Assert.That(
            IpcChildProcess.SpawnAsync<IStress>(StressProgram.Path, cancellationToken: source.Token).IsCanceled,
            Is.True);
    }

    [Test]
    public async Task A_child_made_from_services_ends_with_code_0_when_its_own_token_is_cancelled()
    {
        IpcChildProcess<IStress> child = IpcChildProcess.Spawn<IStress>(
            StressProgram.Path, new IpcSpawnOptions { Arguments = [Multiprocess.Stress.AsyncChild.Argument] });

        Assert.That(child.Root.Add(1, 2), Is.EqualTo(3));
        child.Root.Throw(Multiprocess.Stress.AsyncChild.Stop);

        Assert.That(await child.Exited.WaitAsync(s_patience), Is.Zero);
        Assert.That(() => child.Root.Add(1, 2), Throws.TypeOf<IpcDisconnectedException>());
        child.Dispose();
    }

    [Test]
    public async Task Without_a_parent_nothing_is_served()
    {
        Assert.That(
            await IpcParent.TryServeAsync<IStress>(
                [], _ => throw new InvalidOperationException("not made"), CancellationToken.None),
            Is.Null);
        Assert.That(
            await IpcParent.TryServeAsync<IStress>(
                [], new NoServices(), (_, _) => throw new InvalidOperationException("not made")),
            Is.Null);
        Assert.That(
            IpcParent.TryServe<IStress>(
                [], new NoServices(), (_, _) => throw new InvalidOperationException("not made"), out int exitCode),
            Is.False);
        Assert.That(exitCode, Is.Zero);
    }

    private sealed class NoServices : IServiceProvider
    {
        public object? GetService(Type serviceType) => null;
    }

    [TestCaseSource(nameof(s_channels))]
    public void Many_threads_spawn_at_once_and_every_child_ends_alone(IpcSpawnChannel channel)
    {
        int descriptors = Directory.GetFiles("/proc/self/fd").Length;
        List<int> ids = [];
        Thread[] threads = [.. Enumerable.Range(0, 4).Select(_ => new Thread(() =>
        {
            for (int i = 0; i < 2; i++)
            {
                using IpcChildProcess<IStress> child = IpcChildProcess.Spawn<IStress>(
                    StressProgram.Path, new IpcSpawnOptions { Channel = channel, ConnectTimeout = s_patience });
                lock (ids)
                {
                    ids.Add(child.Root.Add(child.Id, 0));
                }
            }
        }))];

        Array.ForEach(threads, thread => thread.Start());

        Assert.That(
            threads.All(thread => thread.Join(s_patience)),
            Is.True,
            "a socket that leaked into another child would keep it alive");
        Assert.That(ids, Has.Count.EqualTo(8));
        Assert.That(ids.Where(id => Directory.Exists($"/proc/{id}")), Is.Empty, "no zombies");
        Assert.That(Directory.GetFiles("/proc/self/fd"), Has.Length.LessThan(descriptors + 12));
    }

    [TestCaseSource(nameof(s_channels))]
    public void Parent_and_child_record_a_side_each(IpcSpawnChannel channel)
    {
        string folder = Directory.CreateTempSubdirectory("mp").FullName;
        try
        {
            int id;
            using (IpcChildProcess<IStress> child = IpcChildProcess.Spawn<IStress>(
                StressProgram.Path,
                new IpcSpawnOptions { Channel = channel, RecordFolder = folder, Arguments = ["--record", folder] }))
            {
                id = child.Id;
                Assert.That(child.Root.Add(2, 3), Is.EqualTo(5));
            }

            IpcTraffic[] traffic = [.. Directory.GetFiles(folder).Select(IpcTraffic.Load)];
            IpcTraffic ofParent = traffic.Single(each => each.Comments.Contains($"process: {Environment.ProcessId}"));
            IpcTraffic ofChild = traffic.Single(each => each.Comments.Contains($"process: {id}"));
            Assert.That(traffic, Has.Length.EqualTo(2));
            Assert.That(
                ofParent.Comments, Has.Some.StartsWith("end: client").And.Some.StartsWith($"peer: process {id} "));
            Assert.That(ofChild.Comments, Has.Some.StartsWith("end: server"));
            Assert.That(Sorted(ofChild), Is.EqualTo(Sorted(ofParent)), "but for the Hellos, which cross");
            Assert.That(ofParent.Describe(), Does.Contain(" arguments=[2, 3]\n< Return "));
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }

        static string[] Sorted(IpcTraffic traffic)
            => [.. traffic.Frames.OrderBy(frame => !frame.IsFromClient).Select(frame => frame.ToString())];
    }

    [Test]
    public void Programs_that_other_code_starts_meanwhile_inherit_no_socket_and_no_pipe()
    {
        string before = List();
        using var done = new CancellationTokenSource();
        var spawning = new Thread(() =>
        {
            for (int i = 0; i < 5; i++)
            {
                IpcChildProcess.Spawn<IStress>(
                    StressProgram.Path, new IpcSpawnOptions { ConnectTimeout = s_patience }).Dispose();
            }

            done.Cancel();
        });
        spawning.Start();
        List<string> listings = [];
        while (!done.IsCancellationRequested)
        {
            listings.Add(List());
        }

        Assert.That(spawning.Join(s_patience), Is.True);
        Assert.That(listings, Is.Not.Empty.And.All.EqualTo(before));

        static string List()
        {
            // Sockets and pipes are what is made for a child; other files now and then show up that are none of ours.
            using Process other = Process.Start(
                new ProcessStartInfo("/bin/ls", ["-l", "/proc/self/fd"]) { RedirectStandardOutput = true })!;
            string[] lines = other.StandardOutput.ReadToEnd().Split('\n');
            other.WaitForExit();
            return string.Join(' ', lines
                .Select(line => Regex.Match(line, @" (?<number>\d+) -> (socket|pipe):"))
                .Where(
                    match => match.Success && int.Parse(match.Groups["number"].Value, CultureInfo.InvariantCulture) > 2)
                .Select(match => match.Groups["number"].Value));
        }
    }

    [TestCaseSource(nameof(s_channels))]
    public void A_child_that_crashes_before_it_serves_is_quoted(IpcSpawnChannel channel)
    {
        IpcException caught = FailToSpawn(channel, "echo 'first words' >&2; printf 'last\\007 words' >&2; exit 7");

        Assert.That(caught.Kind, Is.EqualTo(IpcErrorKind.SpawnFailed));
        Assert.That(
            caught.Message,
            Does.Contain("/bin/sh").And.Contain("exit code 7").And.EndWith("\n  first words\n  last\\u0007 words"));
    }

    [Test]
    public void Only_the_end_of_a_long_complaint_is_quoted()
    {
        IpcException caught = FailToSpawn(
            IpcSpawnChannel.Inherited,
            "i=0; while [ $i -lt 500 ]; do echo \"line $i of many\" >&2; i=$((i+1)); done; exit 1");

        Assert.That(caught.Message, Does.EndWith("line 499 of many").And.Not.Contain("line 10 of many"));
        // Every line is indented by two characters.
        Assert.That(caught.Message, Has.Length.LessThan(4 * 1024 + 2 * 500 + 200));
    }

    [Test]
    public void A_child_that_speaks_another_protocol_is_named_and_ended()
    {
        IpcException caught = FailToSpawn(
            IpcSpawnChannel.Inherited, "echo 'a web server' >&2; echo 'HTTP/1.1 400 Bad Request' >&3; cat <&3");

        Assert.That(caught.Kind, Is.EqualTo(IpcErrorKind.SpawnFailed));
        Assert.That(caught.InnerException, Is.TypeOf<IpcProtocolException>());
        Assert.That(caught.Message, Does.Contain("/bin/sh did not serve").And.Contain("a web server"));
    }

    [TestCaseSource(nameof(s_channels))]
    public void A_child_that_stays_silent_is_ended_when_its_time_is_up(IpcSpawnChannel channel)
    {
        IpcException caught = FailToSpawn(channel, "exec sleep 1000", TimeSpan.FromMilliseconds(200));

        Assert.That(caught.InnerException, Is.TypeOf<IpcTimeoutException>());
        Assert.That(caught.Message, Does.Contain("200 ms").And.Contain("The process was ended"));
    }

    [TestCase("/nowhere/worker", "No such file")]
    [TestCase("/etc/passwd", "Permission denied")]
    public void A_program_that_cannot_be_executed_is_named_either_way(string program, string reason)
    {
        foreach (IpcSpawnChannel channel in s_channels)
        {
            IpcException? caught = Assert.Throws<IpcException>(
                () => IpcChildProcess.Spawn<IStress>(program, new IpcSpawnOptions { Channel = channel }));

            Assert.That(caught!.Kind, Is.EqualTo(IpcErrorKind.SpawnFailed));
            Assert.That(caught.Message, Does.Contain(program).And.Contain("executing").And.Contain(reason));
        }
    }

    [Test]
    public void The_signal_that_ended_a_child_is_on_the_object_and_in_the_log()
    {
        using var log = new Lines();
        using IpcChildProcess<IStress> child = IpcChildProcess.Spawn<IStress>(
            StressProgram.Path, new IpcSpawnOptions { LoggerFactory = log });

        child.Kill();

        Assert.That(child.Exited.Wait(s_patience), Is.True);
        Assert.That(child.Exit, Is.EqualTo(new IpcChildExit(null, 9, "")));
        Assert.That(
            SpinWait.SpinUntil(
                () => log.Text.Contains($"process {child.Id} ({StressProgram.Path}) ended with signal 9"), s_patience),
            Is.True);
        Assert.That(log.Text, Does.Contain($"started {StressProgram.Path} as process {child.Id}"));
    }

    [TestCaseSource(nameof(s_channels))]
    public void A_child_that_hangs_is_killed_after_its_bound_and_reaped(IpcSpawnChannel channel)
    {
        IpcChildProcess<IStress> child = IpcChildProcess.Spawn<IStress>(
            StressProgram.Path,
            new IpcSpawnOptions { Channel = channel, ExitTimeout = TimeSpan.FromMilliseconds(300) });
        const int stop = 19;
        Assert.That(SendSignal(child.Id, stop), Is.Zero);

        child.Dispose();

        Assert.That(child.Exited.Wait(s_patience), Is.True);
        Assert.That(child.Exited.Result, Is.EqualTo(128 + 9));
        Assert.That(Directory.Exists($"/proc/{child.Id}"), Is.False);
    }

    [TestCase(false)]
    [TestCase(true)]
    public async Task Stopped_children_end_side_by_side_in_the_time_of_one(bool supervised)
    {
        const int Count = 5;
        const int stop = 19;
        var options = new IpcSpawnOptions { ExitTimeout = TimeSpan.FromSeconds(6) };
        IpcSupervisor<IStress>[] supervisors =
            [
                .. Enumerable.Range(0, supervised ? Count : 0).Select(
                    _ => IpcSupervisor<IStress>.Start(StressProgram.Path, options)),
            ];
        IpcChildProcess<IStress>[] children = supervised
            ? [.. supervisors.Select(supervisor => supervisor.Current!)]
            : [.. Enumerable.Range(0, Count).Select(_ => IpcChildProcess.Spawn<IStress>(StressProgram.Path, options))];
        Array.ForEach(children, child => Assert.That(SendSignal(child.Id, stop), Is.Zero));
        long start = Stopwatch.GetTimestamp();

        // All are asked to end before the first is awaited.
        await Task.WhenAll(
            (supervised
                ? (IEnumerable<IAsyncDisposable>)supervisors
                : children).Select(one => one.DisposeAsync().AsTask()));

        // One after another they would take 30 seconds.
        Assert.That(Stopwatch.GetElapsedTime(start), Is.LessThan(TimeSpan.FromSeconds(24)));
        Assert.That(children.Select(child => child.Exited.WaitAsync(s_patience).Result), Is.All.EqualTo(128 + 9));
    }

    [Test]
    public async Task A_child_that_gets_SIGTERM_while_its_parent_is_stopped_ends()
    {
        const int stop = 19;
        const int terminate = 15;
        using Process parent = StressProgram.Start("--seconds=600", "--threads=4");
        try
        {
            Assert.That(await parent.StandardOutput.ReadLineAsync().WaitAsync(s_patience), Is.Not.Null);
            int child = 0;
            Assert.That(
                SpinWait.SpinUntil(() => AnyChild(parent.Id, out child), s_patience),
                Is.True);
            Assert.That(SendSignal(parent.Id, stop), Is.Zero);
            long start = Stopwatch.GetTimestamp();

            Assert.That(SendSignal(child, terminate), Is.Zero);

            // Its calls have 2 seconds; nobody reaps it as long as its parent is stopped.
            Assert.That(
                SpinWait.SpinUntil(
                    () => File.ReadAllText($"/proc/{child}/stat").Contains(") Z ", StringComparison.Ordinal),
                    s_patience),
                Is.True);
            Assert.That(Stopwatch.GetElapsedTime(start), Is.LessThan(TimeSpan.FromSeconds(10)));
        }
        finally
        {
            parent.Kill();
            await parent.WaitForExitAsync();
        }
    }

    [Test]
    public void Nothing_secret_is_in_the_arguments_or_the_environment_of_a_child_that_connects_back()
    {
        string folder = Directory.CreateTempSubdirectory("mp").FullName;
        try
        {
            FailToSpawn(
                IpcSpawnChannel.OneTimeSocket,
                $"read token; printf %s $token > {folder}/token; tr '\\0' '\\n' < /proc/self/cmdline > {folder}/seen; env >> {folder}/seen; stat -c %a \"$(dirname $2)\" > {folder}/mode; exit 3");

            string token = File.ReadAllText($"{folder}/token");
            Assert.That(token, Has.Length.EqualTo(64));
            Assert.That(File.ReadAllText($"{folder}/seen"), Does.Contain("-ipcpath").And.Not.Contain(token));
            Assert.That(
                File.ReadAllText($"{folder}/mode"), Is.EqualTo("700\n"), "the socket's directory is the owner's alone");
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }
    }

    private static IpcException FailToSpawn(IpcSpawnChannel channel, string script, TimeSpan? limit = null)
        => Assert.Throws<IpcException>(() => IpcChildProcess.Spawn<IStress>("/bin/sh", new IpcSpawnOptions
        {
            Arguments = ["-c", script, "sh"],
            Channel = channel,
            ConnectTimeout = limit ?? s_patience,
        }))!;

    /// <summary>A child of any thread of the process.</summary>
    private static bool AnyChild(int process, out int child)
    {
        child = 0;
        foreach (string thread in Directory.GetDirectories($"/proc/{process}/task"))
        {
            if (File.Exists($"{thread}/children")
                && int.TryParse(File.ReadAllText($"{thread}/children").Split(' ')[0], out child))
            {
                return true;
            }
        }

        return false;
    }

    [DllImport("libc", EntryPoint = "kill")]
    private static extern int SendSignal(int process, int signal);

    private sealed class Lines : ILoggerFactory, ILogger
    {
        private readonly System.Text.StringBuilder _text = new();

        public string Text
        {
            get
            {
                lock (_text)
                {
                    return _text.ToString();
                }
            }
        }

        public ILogger CreateLogger(string categoryName) => this;

        public void AddProvider(ILoggerProvider provider) => throw new NotSupportedException();

        public IDisposable? BeginScope<TState>(TState state) where TState : notnull => null;

        public bool IsEnabled(LogLevel logLevel) => logLevel >= LogLevel.Information;

        public void Log<TState>(
            LogLevel logLevel,
            EventId eventId,
            TState state,
            Exception? exception,
            Func<TState, Exception?, string> formatter)
        {
            lock (_text)
            {
                _text.AppendLine(formatter(state, exception));
            }
        }

        public void Dispose()
        {
        }
    }
}
