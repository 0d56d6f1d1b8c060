using Microsoft.Win32.SafeHandles;
using Multiprocess.Scenarios;
using Multiprocess.Scenarios.Descriptors;

namespace Multiprocess.Integration.Tests;

/// <summary>The other process is killed while descriptors cross in both directions.</summary>
[Platform("Linux")]
[NonParallelizable]
[CancelAfter(60_000)]
public sealed class DescriptorKillTests
{
    private static readonly TimeSpan s_patience = TimeSpan.FromSeconds(20);

    [TestCase(IpcLocalTransport.Socket)]
    [TestCase(IpcLocalTransport.Memory)]
    public async Task A_kill_in_mid_transfer_leaves_no_descriptor_behind(IpcLocalTransport transport)
    {
        int seed = Environment.TickCount;
        TestContext.Out.WriteLine($"seed {seed}");
        var random = new Random(seed);
        await RunAndKill(transport, callsUntilKill: 20);
        string[] before = OpenFiles();
        for (int round = 0; round < 4; round++)
        {
            await RunAndKill(transport, callsUntilKill: 1 + random.Next(300));
        }

        Assert.That(
            SpinWait.SpinUntil(() => OpenFiles().Length <= before.Length, s_patience),
            Is.True,
            () => $"Before: {string.Join(", ", before)}. After: {string.Join(", ", OpenFiles())}.");
    }

    private static async Task RunAndKill(IpcLocalTransport transport, int callsUntilKill)
    {
        using IpcChildProcess<IWorkshop> child = IpcChildProcess.Spawn<IWorkshop>(
            Path.Combine(AppContext.BaseDirectory, "multiprocess-scenarios"),
            new IpcSpawnOptions { LocalTransport = transport });
        IDescriptors root = child.Root.Descriptors();
        int calls = 0;
        var enough = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        Task[] callers =
        [
            Call(() =>
            {
                using SafeFileHandle mine = Scenarios.Descriptors.Descriptors.MakeHandle("sent");
                root.ReadAll(mine);
            }),
            Call(() => root.OpenHandle("received").Dispose()),
            Call(() => root.Tell(file => Scenarios.Descriptors.Descriptors.Read(file), "called back")),
            Call(() =>
            {
                Parcel parcel = root.Pack("packed", 10);
                parcel.File.Dispose();
                parcel.Picture!.Dispose();
                parcel.More.ForEach(file => file.Dispose());
            }),
            Call(() =>
            {
                using SafeFileHandle mine = Scenarios.Descriptors.Descriptors.MakeHandle("dropped");
                root.Drop(mine);
            }),
        ];
        await Task.WhenAny(enough.Task, Task.WhenAll(callers)).WaitAsync(s_patience);

        child.Kill();

        foreach (Task caller in callers)
        {
            Assert.That(async () => await caller.WaitAsync(s_patience), Throws.TypeOf<IpcDisconnectedException>());
        }

        Task Call(Action act) => Task.Factory.StartNew(
            () =>
            {
                while (true)
                {
                    act();
                    if (Interlocked.Increment(ref calls) == callsUntilKill)
                    {
                        enough.SetResult();
                    }
                }
            },
            TaskCreationOptions.LongRunning);
    }

    /// <summary>
    /// What this process has open, after a collection: callbacks leave theirs to it. Assemblies and their symbols do
    /// not count, because the runtime opens them when it first needs them.
    /// </summary>
    private static string[] OpenFiles()
    {
        GC.Collect();
        GC.WaitForPendingFinalizers();
        return
        [
            .. Directory.GetFileSystemEntries("/proc/self/fd")
                .Select(path => new FileInfo(path).LinkTarget)
                .OfType<string>()
                .Where(target => Path.GetExtension(target) is not (".dll" or ".pdb"))
                .Order(StringComparer.Ordinal),
        ];
    }
}
