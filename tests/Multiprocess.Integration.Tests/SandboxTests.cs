using System.Net;
using System.Net.Sockets;
using System.Runtime.InteropServices;
using Microsoft.Extensions.Logging;
using Multiprocess.Stress;

namespace Multiprocess.Integration.Tests;

/// <summary>A confined child does its work, and cannot break out.</summary>
[Platform("Linux")]
[CancelAfter(120_000)]
public sealed class SandboxTests
{
    private const string Done = "done";
    private const string Denied = nameof(UnauthorizedAccessException);
    private const int NotPermitted = 1;

    private string _directory = "";
    private string _inside = "";
    private string _shown = "";

    [SetUp]
    public void MakeFiles()
    {
        _directory = Directory.CreateTempSubdirectory("sandbox-").FullName;
        _inside = Directory.CreateDirectory(Path.Combine(_directory, "inside")).FullName;
        _shown = Directory.CreateDirectory(Path.Combine(_directory, "shown")).FullName;
        File.WriteAllText(Path.Combine(_directory, "secret"), "secret");
        File.WriteAllText(Path.Combine(_shown, "open"), "open");
    }

    [TearDown]
    public void RemoveFiles() => Directory.Delete(_directory, recursive: true);

    [Test]
    public void A_confined_child_works_in_its_own_directory()
    {
        using IpcChildProcess<IPrisoner> child = Spawn();
        IPrisoner prisoner = child.Root;

        Assert.That(prisoner.Write(Path.Combine(_inside, "a")), Is.EqualTo(Done));
        Assert.That(prisoner.Rename(Path.Combine(_inside, "a"), Path.Combine(_inside, "b")), Is.EqualTo(Done));
        Assert.That(prisoner.Read(Path.Combine(_inside, "b")), Is.EqualTo(Done));
        Assert.That(prisoner.Delete(Path.Combine(_inside, "b")), Is.EqualTo(Done));
        Assert.That(prisoner.Read(Path.Combine(_shown, "open")), Is.EqualTo(Done));
        Assert.That(prisoner.CountThreads(50), Is.EqualTo(50));
        if (File.Exists("/usr/share/zoneinfo/Asia/Tokyo"))
        {
            Assert.That(prisoner.HourOfNoonIn("Asia/Tokyo"), Is.EqualTo(21));
        }
    }

    [Test]
    public void A_confined_child_opens_no_other_file()
    {
        using IpcChildProcess<IPrisoner> child = Spawn();
        IPrisoner prisoner = child.Root;

        Assert.That(prisoner.Read("/etc/passwd"), Is.EqualTo(Denied));
        Assert.That(prisoner.Read(Path.Combine(_directory, "secret")), Is.EqualTo(Denied));
        Assert.That(prisoner.Read(Path.Combine(_inside, "..", "secret")), Is.EqualTo(Denied));
        Assert.That(prisoner.Write(Path.Combine(_shown, "open")), Is.EqualTo(Denied));
        Assert.That(prisoner.Write(Path.Combine(_shown, "new")), Is.EqualTo(Denied));
        Assert.That(prisoner.Delete(Path.Combine(_shown, "open")), Is.EqualTo(Denied));
        Assert.That(prisoner.Link(Path.Combine(_inside, "link"), "/etc/passwd"), Is.Not.EqualTo(Done));
        Assert.That(
            prisoner.Rename(Path.Combine(_directory, "secret"), Path.Combine(_inside, "secret")), Is.Not.EqualTo(Done));
        Assert.That(File.ReadAllText(Path.Combine(_shown, "open")), Is.EqualTo("open"));
    }

    [Test]
    public void A_confined_child_reaches_nobody()
    {
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        using IpcChildProcess<IPrisoner> child = Spawn();
        IPrisoner prisoner = child.Root;

        Assert.That(prisoner.Connect(((IPEndPoint)listener.LocalEndpoint).Port), Is.Not.EqualTo(Done));
        Assert.That(listener.Pending(), Is.False);
        Assert.That(prisoner.Listen(Path.Combine(_inside, "socket")), Is.Not.EqualTo(Done));
        Assert.That(prisoner.Start("/bin/true"), Is.Not.EqualTo(Done));
        Assert.That(prisoner.Signal(Environment.ProcessId), Is.Not.EqualTo(Done));
    }

    // The numbers are those of x64: what it is, the call, and its arguments.
    private static readonly (string Name, long Number, long First, long Second, long Third)[] s_calls =
    [
        ("socket", 41, 1, 1, 0),
        ("socketpair", 53, 1, 1, 0),
        ("fork", 57, 0, 0, 0),
        ("vfork", 58, 0, 0, 0),
        ("clone without threads", 56, 17, 0, 0),
        ("execve", 59, 0, 0, 0),
        ("execveat", 322, 0, 0, 0),
        ("ptrace", 101, 16, 1, 0),
        ("process_vm_readv", 310, 1, 0, 0),
        ("process_vm_writev", 311, 1, 0, 0),
        ("pidfd_getfd", 438, 0, 0, 0),
        ("pidfd_send_signal", 424, 0, 0, 0),
        ("kill", 62, 1, 0, 0),
        ("kill everybody", 62, -1, 0, 0),
        ("tgkill", 234, 1, 1, 0),
        ("tkill", 200, 1, 0, 0),
        ("prlimit64 of another", 302, 1, 7, 0),
        ("io_uring_setup", 425, 1, 0, 0),
        ("unshare", 272, 0x10000000, 0, 0),
        ("mount", 165, 0, 0, 0),
        ("bpf", 321, 0, 0, 0),
        ("perf_event_open", 298, 0, 0, 0),
        ("keyctl", 250, 0, 0, 0),
        ("userfaultfd", 323, 0, 0, 0),
        ("chmod", 90, 0, 0, 0),
        ("shmget", 29, 0, 100, 0x200),
        ("ioctl that types into a terminal", 16, 0, 0x5412, 0),
        ("fcntl that signals another", 72, 0, 8, 1),
        ("a call of a later kernel", 100_000, 0, 0, 0),
        ("socket in the form of x32", 0x40000000 + 41, 1, 1, 0),
    ];

    [Test]
    public void A_confined_child_cannot_call_what_reaches_others()
    {
        Assume.That(
            RuntimeInformation.ProcessArchitecture, Is.EqualTo(Architecture.X64), "the numbers are those of x64");
        using IpcChildProcess<IPrisoner> child = Spawn();

        string[] allowed =
        [
            .. s_calls
                .Where(call => child.Root.Call(call.Number, call.First, call.Second, call.Third) != NotPermitted)
                .Select(call => call.Name),
        ];

        Assert.That(allowed, Is.Empty);
        Assert.That(child.Root.CountThreads(1), Is.EqualTo(1), "it goes on");
    }

    [Test]
    public void The_memory_of_a_confined_child_is_hidden([Values] bool hides)
    {
        const int Prctl = 157;
        const int GetDumpable = 3;
        Assume.That(RuntimeInformation.ProcessArchitecture, Is.EqualTo(Architecture.X64), "the number is that of x64");
        using IpcChildProcess<IPrisoner> child = Spawn(new IpcSandbox { HidesMemory = hides });

        // The owner of these files is root when nobody else may look at the process.
        bool mayRead = Environment.IsPrivilegedProcess || !hides;
        Assert.That(child.Root.Call(Prctl, GetDumpable, 0, 0), Is.Zero);
        Assert.That(
            () => new FileStream($"/proc/{child.Id}/mem", FileMode.Open, FileAccess.Read).Dispose(),
            mayRead ? Throws.Nothing : Throws.TypeOf<UnauthorizedAccessException>());
    }

    [Test]
    public void The_parent_is_not_confined()
    {
        using IpcChildProcess<IPrisoner> child = Spawn();

        Assert.That(File.ReadAllText("/etc/passwd"), Is.Not.Empty);
        using IpcChildProcess<IPrisoner> free = IpcChildProcess.Spawn<IPrisoner>(
            StressProgram.Path, new IpcSpawnOptions { Arguments = ["prisoner"] });
        Assert.That(free.Root.Read("/etc/passwd"), Is.EqualTo(Done));
        Assert.That(free.Root.Start("/bin/true"), Is.EqualTo(Done));
    }

    [Test]
    public void A_child_that_does_not_enter_its_sandbox_is_refused_or_reported()
    {
        var log = new List<(EventId Id, string Text)>();
        using var factory = new ListFactory(log);
        IpcSpawnOptions options = new()
        {
            Arguments = ["blind-prisoner"],
            Sandbox = new IpcSandbox { Require = true },
            LoggerFactory = factory,
        };

        Assert.That(
            () => IpcChildProcess.Spawn<IPrisoner>(StressProgram.Path, options),
            Throws.TypeOf<IpcException>()
                .With.Property(nameof(IpcException.Kind)).EqualTo(IpcErrorKind.SpawnFailed)
                .And.Message.Contains("sandbox is not complete: its system calls are not filtered"));

        using IpcChildProcess<IPrisoner> child = IpcChildProcess.Spawn<IPrisoner>(
            StressProgram.Path, options with { Sandbox = new IpcSandbox() });
        Assert.That(child.Root.Call(41, 1, 1, 0), Is.Zero, "a socket");
        lock (log)
        {
            Assert.That(log.Select(entry => entry.Id.Name), Has.One.EqualTo("SandboxIncomplete"));
        }
    }

    [Test]
    public void What_cannot_be_confined_is_refused()
    {
        string missing = Path.Combine(_directory, "missing");
        Assert.That(
            () => Spawn(new IpcSandbox { ReadablePaths = [missing] }),
            Throws.TypeOf<IpcException>()
                .With.Property(nameof(IpcException.Kind)).EqualTo(IpcErrorKind.SpawnFailed)
                .And.Message.Contains(missing));
        Assert.That(
            () => IpcChildProcess.Spawn<IPrisoner>(
                StressProgram.Path,
                new IpcSpawnOptions { Sandbox = new IpcSandbox(), Channel = IpcSpawnChannel.OneTimeSocket }),
            Throws.TypeOf<IpcException>()
                .With.Property(nameof(IpcException.Kind)).EqualTo(IpcErrorKind.SpawnFailed)
                .And.Message.Contains("OneTimeSocket"));
    }

    private IpcChildProcess<IPrisoner> Spawn(IpcSandbox? sandbox = null)
        => IpcChildProcess.Spawn<IPrisoner>(
            StressProgram.Path,
            new IpcSpawnOptions
            {
                Arguments = ["prisoner"],
                Sandbox = sandbox
                    ?? new IpcSandbox { WritablePaths = [_inside], ReadablePaths = [_shown], Require = true },
            });

    private sealed class ListFactory(List<(EventId Id, string Text)> log) : ILoggerFactory, ILogger
    {
        public ILogger CreateLogger(string categoryName) => this;

        public void AddProvider(ILoggerProvider provider)
        {
        }

        public IDisposable? BeginScope<TState>(TState state) where TState : notnull => null;

        public bool IsEnabled(LogLevel logLevel) => true;

        public void Log<TState>(
            LogLevel logLevel,
            EventId eventId,
            TState state,
            Exception? exception,
            Func<TState, Exception?, string> formatter)
        {
            lock (log)
            {
                log.Add((eventId, formatter(state, exception)));
            }
        }

        public void Dispose()
        {
        }
    }
}
