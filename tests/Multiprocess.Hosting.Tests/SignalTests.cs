using System.Diagnostics;
using System.Globalization;
using System.Runtime.InteropServices;

namespace Multiprocess.Hosting.Tests;

/// <summary>
/// A parent and its child as processes, and the signals that terminals, people and service managers send.
/// </summary>
[Platform("Linux")]
[CancelAfter(120_000)]
public sealed class SignalTests
{
    private const int Interrupt = 2;
    private const int Terminate = 15;
    private const int Kill = 9;

    private string _folder = null!;
    private string LogFile => Path.Combine(_folder, "log.txt");

    [SetUp]
    public void MakeFolder() => _folder = Directory.CreateTempSubdirectory("mp").FullName;

    [TearDown]
    public void RemoveFolder() => Directory.Delete(_folder, recursive: true);

    [Test]
    public async Task Ctrl_C_at_the_terminal_leaves_the_end_to_the_parent()
    {
        using var parent = await RunningParent.Start(LogFile);

        parent.SignalGroup(Interrupt);

        await parent.AssertEnded(0);
        AssertOrderly();
        Assert.That(await File.ReadAllTextAsync(LogFile), Does.Contain("waiting for parent to shut down"));
    }

    [Test]
    public async Task A_service_manager_that_signals_all_processes_ends_all_in_good_order()
    {
        using var parent = await RunningParent.Start(LogFile);

        parent.SignalGroup(Terminate);

        await parent.AssertEnded(0);
        Assert.That(Stopped(), Is.EqualTo(100), "what the child logged on its way");
        AssertGone(parent.ChildId);
    }

    [Test]
    public async Task A_service_manager_that_signals_the_main_process_ends_the_child_through_it()
    {
        using var parent = await RunningParent.Start(LogFile);

        parent.Signal(Terminate);

        await parent.AssertEnded(0);
        AssertOrderly();
        AssertGone(parent.ChildId);
    }

    [Test]
    public async Task A_child_that_is_terminated_alone_ends_in_good_order_and_is_started_again()
    {
        using var parent = await RunningParent.Start(LogFile);

        RunningParent.Send(parent.ChildId, Terminate);
        await WaitForLine(
            line => line.Contains("Multiprocess.Hosting The child child is ready", StringComparison.Ordinal), count: 2);

        Assert.That(Stopped(), Is.EqualTo(100), "what the child logged on its way");
        Assert.That(Lines().Any(line => line.Contains("exit code 143", StringComparison.Ordinal)), Is.True);
        parent.Signal(Terminate);
        await parent.AssertEnded(0);
    }

    [Test]
    public async Task A_child_does_not_outlive_a_parent_that_is_killed()
    {
        using var parent = await RunningParent.Start(LogFile);

        parent.Signal(Kill);

        await parent.AssertEnded(128 + Kill);
        RunningParent.WaitForEnd(parent.ChildId);
    }

    private string[] Lines()
    {
        using var reader = new StreamReader(
            new FileStream(LogFile, FileMode.Open, FileAccess.Read, FileShare.ReadWrite));
        return reader.ReadToEnd().Split('\n');
    }

    private int Stopped()
        => Lines().Count(line => line.StartsWith("Information Tests.Ending Stopping ", StringComparison.Ordinal));

    /// <summary>
    /// The child has stopped because its parent said so: with all that it had to say, and no restart.
    /// </summary>
    private void AssertOrderly()
    {
        Assert.That(Stopped(), Is.EqualTo(100), "what the child logged on its way");
        Assert.That(Lines(), Has.Member("Information Tests.Ending Disposed"));
        Assert.That(Lines().Where(line => line.Contains("Restart ", StringComparison.Ordinal)), Is.Empty);
        Assert.That(Lines().Any(line => line.Contains("ended with exit code 0", StringComparison.Ordinal)), Is.True);
    }

    private static void AssertGone(int process)
        => Assert.That(Directory.Exists($"/proc/{process}"), Is.False, "the child is reaped");

    private async Task WaitForLine(Func<string, bool> isIt, int count)
    {
        using var watcher = new FileSystemWatcher(_folder);
        long end = Environment.TickCount64 + (long)Bounds.Time.TotalMilliseconds;
        while (Lines().Count(isIt) < count)
        {
            Assert.That(
                Environment.TickCount64, Is.LessThan(end), $"The line did not come: {string.Join('\n', Lines())}");
            await Task.Run(() => watcher.WaitForChanged(WatcherChangeTypes.All, 100));
        }
    }

    /// <summary>The parent, in a process group of its own as a shell would start it.</summary>
    internal sealed class RunningParent : IDisposable
    {
        private readonly Process _process;
        private readonly Task<string> _errors;

        private RunningParent(Process process)
        {
            _process = process;
            _errors = process.StandardError.ReadToEndAsync();
        }

        public int ChildId { get; private set; }

        public static async Task<RunningParent> Start(string logFile)
        {
            // setsid execs: the program has the process id, and it leads a group that has its child too.
            var start = new ProcessStartInfo("setsid", [Bounds.Program, "parent", logFile])
            {
                RedirectStandardOutput = true,
                RedirectStandardError = true,
            };
            var parent = new RunningParent(System.Diagnostics.Process.Start(start)!);
            string? line = await parent._process.StandardOutput.ReadLineAsync().WaitAsync(Bounds.Time);
            Assert.That(line, Does.StartWith("child "), line is null ? await parent._errors : null);
            parent.ChildId = int.Parse(line![6..], CultureInfo.InvariantCulture);
            return parent;
        }

        public static void Send(int process, int signal) => Assert.That(SendSignal(process, signal), Is.Zero);

        public static void WaitForEnd(int process)
            => Assert.That(
                SpinWait.SpinUntil(() => HasEnded(process), Bounds.Time), Is.True, "The process goes on.");

        public void Signal(int signal) => Send(_process.Id, signal);

        public void SignalGroup(int signal) => Send(-_process.Id, signal);

        public async Task AssertEnded(int code)
        {
            await _process.WaitForExitAsync().WaitAsync(Bounds.Time);
            Assert.That(_process.ExitCode, Is.EqualTo(code), await _errors);
        }

        public void Dispose()
        {
            if (!_process.HasExited)
            {
                _process.Kill(entireProcessTree: true);
                _process.WaitForExit();
            }

            _process.Dispose();
        }

        // A zombie has ended too: nobody has waited for it yet.
        private static bool HasEnded(int process)
        {
            try
            {
                return File.ReadAllText($"/proc/{process}/stat").Contains(") Z ", StringComparison.Ordinal);
            }
            catch (IOException)
            {
                return true;
            }
        }

        [DllImport("libc", EntryPoint = "kill")]
        private static extern int SendSignal(int process, int signal);
    }
}
