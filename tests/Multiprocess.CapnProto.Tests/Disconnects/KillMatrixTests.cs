using System.Diagnostics;
using Multiprocess.CapnProto.Rpc;
using Multiprocess.CapnProto.Tests.Rpc;

namespace Multiprocess.CapnProto.Tests.Disconnects;

/// <summary>For each kind of call that rests, either process is killed while the call runs.</summary>
/// <remarks>
/// Afterwards, on the side that lives: its caller has one typed exception with a reason; tokens are cancelled; objects
/// are disposed once; the tables are empty, and the threads gone; and another connection goes on.
/// </remarks>
[Platform("Linux")]
[CancelAfter(120_000)]
[FixtureLifeCycle(LifeCycle.SingleInstance)]
internal sealed class KillMatrixTests
{
    private string _folder = "";
    private Process _otherProcess = null!;
    private CapnpConnection _otherConnection = null!;
    private IActs _other = null!;
    private int _kills;

    private static Scenario[] Scenarios => [.. Scenario.All.Where(scenario => scenario.Rests)];

    [OneTimeSetUp]
    public async Task MakeBystander()
    {
        _folder = Directory.CreateTempSubdirectory("capnp").FullName;
        _otherProcess = await ServeAsync("other.sock");
        _otherConnection = CapnpConnection.Connect(AddressOf("other.sock"));
        _other = _otherConnection.GetRoot<IActs>();
    }

    [OneTimeTearDown]
    public void Report()
    {
        _otherConnection?.Dispose();
        _otherProcess?.Kill();
        _otherProcess?.Dispose();
        Directory.Delete(_folder, recursive: true);
        string line = $"Kills over Cap'n Proto: {_kills} processes killed in {Scenarios.Length} kinds of call.";
        TestContext.Progress.WriteLine(line);
        if (Environment.GetEnvironmentVariable("MULTIPROCESS_TEST_COUNTS") is { } counts)
        {
            File.AppendAllText(counts, line + Environment.NewLine);
        }
    }

    [Test]
    public async Task A_killed_callee_is_one_typed_exception_and_leaves_nothing(
        [ValueSource(nameof(Scenarios))] Scenario scenario)
    {
        using Process server = await ServeAsync("callee.sock");
        CapnpConnection connection = CapnpConnection.Connect(AddressOf("callee.sock"));
        var own = new Acts();
        var caller = new Caller(connection, own, new Acts());
        Task<Exception?> outcome = Outcomes.Of(() => scenario.Run(caller));
        await RestsAsync(own, server);

        Kill(server);
        Leftovers.Until(() => connection.Completion.IsCompleted, "the caller learns of it", scenario.Name);
        own.HasEnded();

        Exception? thrown = await outcome.WaitAsync(PeerCalls.Bound);
        Assert.That(thrown, Is.InstanceOf<IpcDisconnectedException>());
        Assert.That(thrown!.Message, Is.Not.Empty, "it gives a reason");
        Assert.That(
            () => caller.Acts.Add(1, 2), Throws.TypeOf<IpcDisconnectedException>(), "later calls fail in the same way");
        Leftovers.AssertNone(connection, scenario.Name);
        Leftovers.AssertReleased(own, new Acts(), scenario.Name);
        Assert.That(_other.Add(20, 3), Is.EqualTo(23), "another connection goes on");
    }

    [Test]
    public async Task A_killed_caller_is_cancelled_and_leaves_nothing(
        [ValueSource(nameof(Scenarios))] Scenario scenario)
    {
        // Each client has a root of its own, so each has its own connection here.
        var callee = new Acts();
        using var listener = new RawListener(Path.Combine(_folder, "caller.sock"));
        using Process client = Start("call", scenario.Name, AddressOf("caller.sock"));
        CapnpConnection connection = CapnpConnection.Attach(
            await listener.AcceptAsync(), CapnpContract.Serve<IActs>(callee));
        await RestsAsync(callee, client);

        Kill(client);
        Leftovers.Until(() => connection.Completion.IsCompleted, "the callee learns of it", scenario.Name);
        callee.HasEnded();

        Leftovers.AssertNone(connection, scenario.Name);
        Leftovers.AssertReleased(new Acts(), callee, scenario.Name);
        Assert.That(_other.Add(20, 3), Is.EqualTo(23), "another connection goes on");
    }

    private static async Task RestsAsync(Acts here, Process there)
    {
        Task<string?> line = there.StandardOutput.ReadLineAsync();
        if (await Task.WhenAny(here.Entered.Task, line).WaitAsync(PeerCalls.Bound) == line)
        {
            Assert.That(await line, Is.EqualTo(KillProgram.Rests), "the other process rests");
        }
    }

    private static Process Start(params string[] arguments)
    {
        string assembly = typeof(KillProgram).Assembly.Location;
        return Process.Start(new ProcessStartInfo("dotnet", ["exec", assembly, .. arguments])
        {
            RedirectStandardOutput = true,
        })!;
    }

    private string AddressOf(string name) => "unix:" + Path.Combine(_folder, name);

    private async Task<Process> ServeAsync(string name)
    {
        Process server = Start("serve", AddressOf(name));
        Assert.That(
            await server.StandardOutput.ReadLineAsync().WaitAsync(PeerCalls.Bound), Is.EqualTo(KillProgram.Serves));
        return server;
    }

    private void Kill(Process process)
    {
        process.Kill();
        Assert.That(process.WaitForExit(PeerCalls.Bound), Is.True);
        _kills++;
    }
}
