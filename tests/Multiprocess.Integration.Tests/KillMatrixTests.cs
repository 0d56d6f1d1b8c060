using System.Collections.Concurrent;
using System.Diagnostics;
using System.Globalization;
using Multiprocess.Stress.Kills;

namespace Multiprocess.Integration.Tests;

/// <summary>For each kind of call, either process is killed while the call runs.</summary>
/// <remarks>
/// Afterwards, on the side that lives: its caller has one typed exception with a reason; tokens are cancelled; objects
/// are disposed once; the tables are empty and the threads back; and another connection goes on as before.
/// </remarks>
[Platform("Linux")]
[CancelAfter(120_000)]
[FixtureLifeCycle(LifeCycle.SingleInstance)]
public sealed class KillMatrixTests
{
    private const string NothingLeft = "exports 0, imports 0, workers 0, calls 0";

    private static readonly TimeSpan s_patience = TimeSpan.FromSeconds(30);
    private static readonly IReadOnlyList<KillKind> s_kinds = KillKind.All;
    private static readonly (IpcSpawnChannel Channel, IpcLocalTransport Transport)[] s_ways =
    [
        (IpcSpawnChannel.Inherited, IpcLocalTransport.Socket),
        (IpcSpawnChannel.OneTimeSocket, IpcLocalTransport.Socket),
        (IpcSpawnChannel.Inherited, IpcLocalTransport.Memory),
    ];

    private readonly ConcurrentDictionary<int, (Victim Victim, IpcConnection Connection)> _served = new();
    private readonly ConcurrentDictionary<int, TaskCompletionSource> _rests = new();
    private string _folder = null!;
    private IpcServer _server = null!;
    private IpcConnection<IVictim> _otherClient = null!;
    private IpcChildProcess<IVictim> _otherChild = null!;
    private int _kills;

    [OneTimeSetUp]
    public void MakeBystanders()
    {
        _folder = Directory.CreateTempSubdirectory("mp").FullName;
        IVictim Make(IpcConnection connection)
        {
            int peer = connection.Peer.ProcessId;
            var victim = new Victim(_ => Rests(peer).TrySetResult());
            _served[peer] = (victim, connection);
            return victim;
        }

        _server = IpcServer.Listen<IVictim>(
            IpcAddress.Unix(Path.Combine(_folder, "k.sock")),
            Make,
            new IpcServerOptions { LocalTransport = IpcLocalTransport.Auto });
        _otherClient = IpcConnection.Connect<IVictim>(_server.Address);
        _otherChild = Spawn(IpcSpawnChannel.Inherited);
    }

    [OneTimeTearDown]
    public void Report()
    {
        _otherChild?.Dispose();
        _otherClient?.Dispose();
        _server?.Dispose();
        Directory.Delete(_folder, recursive: true);
        string line = string.Create(
            CultureInfo.InvariantCulture, $"Kills: {_kills} processes killed in {s_kinds.Count} kinds of call.");
        TestContext.Progress.WriteLine(line);
        if (Environment.GetEnvironmentVariable("MULTIPROCESS_TEST_COUNTS") is { } counts)
        {
            File.AppendAllText(counts, line + Environment.NewLine);
        }
    }

    [Test]
    public async Task A_killed_child_is_one_typed_exception_and_leaves_nothing(
        [ValueSource(nameof(s_kinds))] KillKind kind,
        [ValueSource(nameof(s_ways))] (IpcSpawnChannel Channel, IpcLocalTransport Transport) way)
    {
        using IpcChildProcess<IVictim> child = Spawn(way.Channel, way.Transport);
        if (way.Transport == IpcLocalTransport.Memory)
        {
            Until(
                () => (child.Root.Add(1, 2) == 3 && child.Connection.Core.IsInMemory).ToString(),
                bool.TrueString);
        }

        var rests = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        var own = new Victim(_ => rests.TrySetResult());
        child.Root.Report(_ => rests.TrySetResult());
        List<Exception?> outcomes = [];
        var caller = new Thread(() => outcomes.Add(Outcome(() => kind.Call(child.Root, own))));
        caller.Start();
        await rests.Task.WaitAsync(s_patience);

        Kill(child.Kill);

        Assert.That(caller.Join(s_patience), Is.True, "the caller has its thread back");
        Assert.That(outcomes, Has.Count.EqualTo(1).And.All.TypeOf<IpcDisconnectedException>());
        Assert.That(outcomes[0]!.Message, Is.Not.Empty, "it gives a reason");
        Assert.That(
            () => child.Root.Add(1, 2), Throws.TypeOf<IpcDisconnectedException>(), "later calls fail in the same way");
        Assert.That(await child.Exited.WaitAsync(s_patience), Is.EqualTo(128 + 9));
        Until(() => $"{own.Outcome}; {Victim.Left(child.Connection)}", $"{kind.OutcomeOfCaller}; {NothingLeft}");
        Until(() => own.IsBusy.ToString(), bool.FalseString);
        AssertOthersGoOn();
    }

    [Test]
    public async Task A_killed_client_is_cancelled_and_leaves_nothing_in_its_server(
        [ValueSource(nameof(s_kinds))] KillKind kind)
    {
        using Process client = StressProgram.Start("--call", kind.Name, "--connect", _server.Address.ToString());
        await RestsIn(client).WaitAsync(s_patience);
        (Victim callee, IpcConnection connection) = _served[client.Id];

        Kill(client.Kill);

        Assert.That(connection.Closed.WaitHandle.WaitOne(s_patience), Is.True, "the server is told");
        Until(() => $"{callee.Outcome}; {Victim.Left(connection)}", $"{kind.OutcomeOfCallee}; {NothingLeft}");
        Until(() => callee.IsBusy.ToString(), bool.FalseString);
        Until(
            () => string.Join(' ', _server.Connections.Select(open => open.Peer.ProcessId)),
            $"{Environment.ProcessId}");
        AssertOthersGoOn();
    }

    [Test]
    public async Task A_killed_parent_is_cancelled_and_its_child_ends_with_nothing_left(
        [ValueSource(nameof(s_kinds))] KillKind kind)
    {
        using Process parent = StressProgram.Start("--call", kind.Name);
        string id = await parent.StandardOutput.ReadLineAsync().WaitAsync(s_patience) ?? string.Empty;
        Assert.That(await parent.StandardOutput.ReadLineAsync().WaitAsync(s_patience), Is.EqualTo(Victim.Rests));

        Kill(parent.Kill);

        // The child has the same standard output: its end is the end of both.
        string rest = await parent.StandardOutput.ReadToEndAsync().WaitAsync(s_patience);
        Assert.That(rest.TrimEnd(), Is.EqualTo($"{kind.OutcomeOfCallee}; {NothingLeft}"));
        Until(() => Runs(id).ToString(), bool.FalseString);
        AssertOthersGoOn();
    }

    private static IpcChildProcess<IVictim> Spawn(
        IpcSpawnChannel channel, IpcLocalTransport transport = IpcLocalTransport.Socket)
        => IpcChildProcess.Spawn<IVictim>(
            StressProgram.Path,
            new IpcSpawnOptions
            {
                Arguments = ["--victim"],
                Channel = channel,
                LocalTransport = transport,
                ConnectTimeout = s_patience
            });

    private static Exception? Outcome(Action call)
    {
        try
        {
            call();
            return null;
        }
        catch (Exception exception)
        {
            return exception;
        }
    }

    /// <summary>
    /// Whether a process that is not our child runs; once it has ended, whoever adopted it may take its time to reap
    /// it.
    /// </summary>
    private static bool Runs(string process)
    {
        try
        {
            return !File.ReadAllText($"/proc/{process}/stat").Contains(") Z ", StringComparison.Ordinal);
        }
        catch (IOException)
        {
            return false;
        }
    }

    private static void Until(Func<string> actual, string expected)
    {
        _ = SpinWait.SpinUntil(() => actual() == expected, s_patience);
        Assert.That(actual(), Is.EqualTo(expected));
    }

    private TaskCompletionSource Rests(int process)
        => _rests.GetOrAdd(process, _ => new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously));

    /// <summary>Ends when the call rests in the server, or in a callback of the client, which says so itself.</summary>
    private async Task RestsIn(Process client)
    {
        Task inServer = Rests(client.Id).Task;
        Task<string?> inClient = client.StandardOutput.ReadLineAsync();
        if (await Task.WhenAny(inServer, inClient) == inClient)
        {
            Assert.That(await inClient, Is.EqualTo(Victim.Rests), "the client called");
        }
    }

    private void Kill(Action kill)
    {
        kill();
        _kills++;
    }

    private void AssertOthersGoOn()
    {
        Assert.That(_otherChild.Root.Add(20, 3), Is.EqualTo(23), "another child goes on");
        Assert.That(_otherClient.Root.Add(20, 4), Is.EqualTo(24), "another client goes on");
    }
}
