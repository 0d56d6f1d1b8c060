using System.Diagnostics;
using System.Globalization;
using Multiprocess.Stress;

namespace Multiprocess.Integration.Tests;

/// <summary>Either process is killed while a call is under way.</summary>
[Platform("Linux")]
[CancelAfter(60_000)]
public sealed class KilledProcessTests
{
    private static readonly TimeSpan s_patience = TimeSpan.FromSeconds(20);

    [Test]
    public async Task The_parent_gets_a_typed_exception_when_its_child_is_killed_in_a_call()
    {
        using IpcChildProcess<IStress> child = IpcChildProcess.Spawn<IStress>(StressProgram.Path);
        child.Root.Add(1, 2);
        var entered = new TaskCompletionSource();
        Task<int> call = Task.Factory.StartNew(
            () => child.Root.Nest(1, _ =>
            {
                entered.SetResult();
                return child.Root.WaitForCancel(CancellationToken.None);
            }),
            TaskCreationOptions.LongRunning);
        await entered.Task.WaitAsync(s_patience);

        child.Kill();

        Assert.That(async () => await call.WaitAsync(s_patience), Throws.TypeOf<IpcDisconnectedException>());
        Assert.That(() => child.Root.Add(1, 2), Throws.TypeOf<IpcDisconnectedException>());
        Assert.That(await child.Exited.WaitAsync(s_patience), Is.EqualTo(128 + 9));
        Assert.That(child.Connection.LiveExports + child.Connection.LiveImports, Is.Zero);
    }

    [Test]
    public async Task The_child_ends_when_its_parent_is_killed_in_a_call()
    {
        using Process parent = StressProgram.Start("--seconds=60");
        string line = await parent.StandardOutput.ReadLineAsync().WaitAsync(s_patience) ?? string.Empty;
        int childId = int.Parse(line.AsSpan(line.LastIndexOf(' ') + 1), CultureInfo.InvariantCulture);
        using Process child = Process.GetProcessById(childId);

        parent.Kill();

        await child.WaitForExitAsync().WaitAsync(s_patience);
        Assert.That(child.HasExited, Is.True);
    }

    [Test]
    public async Task A_child_whose_parent_lets_it_go_ends_with_code_0()
    {
        IpcChildProcess<IStress> child = IpcChildProcess.Spawn<IStress>(StressProgram.Path);
        Assert.That(child.Root.Add(2, 3), Is.EqualTo(5));

        child.Dispose();

        Assert.That(await child.Exited.WaitAsync(s_patience), Is.Zero);
    }

    [Test]
    public void A_program_that_serves_nothing_is_named_with_how_it_ended()
    {
        IpcException? caught = Assert.Throws<IpcException>(() => IpcChildProcess.Spawn<IStress>("/bin/false"));

        Assert.That(caught!.Kind, Is.EqualTo(IpcErrorKind.SpawnFailed));
        Assert.That(caught.Message, Does.Contain("/bin/false").And.Contain("exit code 1"));
    }

    [Test]
    public void A_child_that_stays_silent_is_ended_when_its_time_is_up()
    {
        var options = new IpcSpawnOptions
        {
            Arguments = ["-c", "exec sleep 1000"],
            ConnectTimeout = TimeSpan.FromMilliseconds(200),
        };

        IpcException? caught = Assert.Throws<IpcException>(() => IpcChildProcess.Spawn<IStress>("/bin/sh", options));

        Assert.That(caught!.Message, Does.Contain("did not say Hello"));
        Assert.That(caught.InnerException, Is.TypeOf<IpcTimeoutException>());
    }
}
