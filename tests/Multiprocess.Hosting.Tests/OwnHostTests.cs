namespace Multiprocess.Hosting.Tests;

/// <summary>
/// A parent and a child of a host that stands on the public members of the runtime, as any host may.
/// </summary>
[Platform("Linux")]
[CancelAfter(120_000)]
public sealed class OwnHostTests
{
    [Test]
    public async Task The_root_of_a_parent_is_called_before_the_child_serves()
    {
        var root = new OwnParent();
        using IpcChildProcess<IPlain> child = Spawn(root);

        string ready = await root.WhenReady.WaitAsync(Bounds.Time);

        Assert.That(
            ready,
            Is.EqualTo("settings, Connection to the parent: Expected one call of Serve, got a second one."));
        Assert.That(child.Root.Add(2, 3), Is.EqualTo(5));
        child.Dispose();
        Assert.That(child.Exit!.Code, Is.Zero);
    }

    [Test]
    public void Calls_to_a_child_wait_when_its_parent_has_no_root()
    {
        using IpcChildProcess<IPlain> child = Spawn(root: null);

        Assert.That(child.Root.Add(2, 3), Is.EqualTo(5));
    }

    [Test]
    public void A_child_that_does_not_ask_for_the_root_ignores_it()
    {
        var root = new OwnParent();
        using IpcChildProcess<IPlain> child = Spawn(root, "plain");

        Assert.That(child.Root.Add(2, 3), Is.EqualTo(5));
        Assert.That(root.Begins, Is.Zero);
    }

    [Test]
    public async Task A_parent_that_calls_before_it_may_ends_the_connection()
    {
        var goOn = new TaskCompletionSource();
        var root = new OwnParent { OnBegin = () => goOn.Task.Wait(Bounds.Time) };
        using IpcChildProcess<IPlain> child = Spawn(root);

        Assert.That(() => child.Root.Add(2, 3), Throws.InstanceOf<IpcException>());
        goOn.SetResult();

        Assert.That(child.Connection.IsClosed, Is.True);
        Assert.That(await child.Exited.WaitAsync(Bounds.Time), Is.Not.Zero);
    }

    [Test]
    public void A_parent_whose_root_cannot_be_made_starts_no_child()
    {
        IpcConnection? connection = null;
        var options = new IpcSpawnOptions
        {
            Arguments = ["own"],
            ConnectTimeout = Bounds.Time,
            ParentRoot = IpcParentRoot.Of<IOwnParent>(made =>
            {
                connection = made;
                throw new NotSupportedException("No root.");
            }),
        };

        Assert.That(
            () => IpcChildProcess.Spawn<IPlain>(Bounds.Program, options),
            Throws.TypeOf<NotSupportedException>().With.Message.EqualTo("No root."));
        Assert.That(connection!.IsClosed, Is.True);
        Assert.That(Directory.Exists($"/proc/{connection.Peer.ProcessId}"), Is.False, "the child is gone");
    }

    [Test]
    public void A_root_that_is_null_is_named()
        => Assert.That(
            () => IpcChildProcess.Spawn<IPlain>(
                Bounds.Program,
                new IpcSpawnOptions
                {
                    Arguments = ["own"],
                    ConnectTimeout = Bounds.Time,
                    ParentRoot = IpcParentRoot.Of<IOwnParent>(_ => null!),
                }),
            Throws.InvalidOperationException.With.Message.Contains(
                $"Expected {typeof(IOwnParent).FullName}, got null"));

    [Test]
    public async Task A_child_that_cannot_make_its_root_ends_the_connection_and_decides_its_exit_code()
    {
        using IpcChildProcess<IPlain> child = Spawn(new OwnParent(), "own", "broken");

        Assert.That(await child.Exited.WaitAsync(Bounds.Time), Is.EqualTo(7));
        Assert.That(child.Connection.ClosedReason!.Message, Does.Contain("There is no root."));
    }

    [Test]
    public async Task Terminated_is_cancelled_and_the_host_decides_what_follows()
    {
        var root = new OwnParent();
        using IpcChildProcess<IPlain> child = Spawn(root);
        await root.WhenReady.WaitAsync(Bounds.Time);

        SignalTests.RunningParent.Send(child.Id, 2);
        Assert.That(child.Root.Add(2, 3), Is.EqualTo(5), "an interrupt does not end it");
        SignalTests.RunningParent.Send(child.Id, 15);

        Assert.That(await child.Exited.WaitAsync(Bounds.Time), Is.EqualTo(IpcParent.TerminatedExitCode));
    }

    [Test]
    public void Arguments_that_name_no_parent_give_none()
    {
        IpcParentConnection<IPlain>? parent = IpcParent.TryConnect<IPlain, IOwnParent>(["own"], out IOwnParent? root);

        Assert.That(parent, Is.Null);
        Assert.That(root, Is.Null);
        Assert.That(IpcParent.TryConnect<IPlain>([]), Is.Null);
    }

    [Test]
    public async Task A_supervisor_that_stops_leaves_its_child_running()
    {
        var root = new OwnParent();
        IpcSupervisor<IPlain> supervisor = await IpcSupervisor<IPlain>.StartAsync(
            Bounds.Program, Options(root, ["own"]), prepare: (_, lost) => root.WhenReady.WaitAsync(lost));

        using IpcChildProcess<IPlain>? child = supervisor.Stop();

        Assert.That(child!.Root.Add(2, 3), Is.EqualTo(5));
        Assert.That(supervisor.Stop(), Is.Null);
        Assert.That(() => supervisor.Root, Throws.TypeOf<ObjectDisposedException>());
        await supervisor.Completion.WaitAsync(Bounds.Time);
    }

    private static IpcChildProcess<IPlain> Spawn(OwnParent? root, params string[] arguments)
        => IpcChildProcess.Spawn<IPlain>(Bounds.Program, Options(root, arguments is [] ? ["own"] : arguments));

    private static IpcSpawnOptions Options(OwnParent? root, string[] arguments)
        => new()
        {
            Arguments = arguments,
            ConnectTimeout = Bounds.Time,
            ParentRoot = root is null ? null : IpcParentRoot.Of<IOwnParent>(_ => root),
        };

    private sealed class OwnParent : IOwnParent
    {
        private readonly TaskCompletionSource<string> _ready = new(TaskCreationOptions.RunContinuationsAsynchronously);
        private int _begins;

        public Action OnBegin { get; init; } = () => { };

        public int Begins => Volatile.Read(ref _begins);

        public Task<string> WhenReady => _ready.Task;

        public string Begin()
        {
            Interlocked.Increment(ref _begins);
            OnBegin();
            return "settings";
        }

        public void Ready(string what) => _ready.TrySetResult(what);
    }
}
