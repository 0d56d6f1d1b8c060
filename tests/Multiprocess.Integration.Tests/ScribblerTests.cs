using Multiprocess.Stress;

namespace Multiprocess.Integration.Tests;

/// <summary>
/// The other process writes anything into the shared memory while calls go through it: calls may fail or bring
/// nonsense, and nothing else happens.
/// </summary>
[Platform("Linux")]
[NonParallelizable]
[CancelAfter(60_000)]
public sealed class ScribblerTests
{
    private static readonly TimeSpan s_patience = TimeSpan.FromSeconds(20);

    [Test]
    public void A_malicious_peer_in_shared_memory_harms_its_own_connection_only([Values] bool onlyHeader)
    {
        if (Environment.ProcessorCount == 1)
        {
            Assert.Ignore("On one processor a connection stays on its socket.");
        }

        int seed = Environment.TickCount;
        TestContext.Out.WriteLine($"seed {seed}");
        using IpcChildProcess<IScribbler> honest = Start();
        int ended = 0;
        for (int round = 0; round < 5; round++)
        {
            using IpcChildProcess<IScribbler> child = Start();
            Assert.That(
                SpinWait.SpinUntil(
                    () => child.Root.Add(1, 2) == 3 && child.Root.Scribble(seed + round, onlyHeader) > 0, s_patience),
                Is.True,
                "the connection moves");
            long end = Environment.TickCount64 + 300;
            byte[] bytes = new byte[20_000];
            try
            {
                for (int i = 0; Environment.TickCount64 < end; i++)
                {
                    _ = child.Root.Add(i, 1);
                    _ = child.Root.Echo(bytes);
                }
            }
            catch (IpcException)
            {
                // Lost, malformed, or without an answer in time. Any other exception fails the test.
                ended++;
            }

            Assert.That(honest.Root.Add(20, 22), Is.EqualTo(42), "another connection goes on");
            child.Kill();
        }

        TestContext.Out.WriteLine($"{ended} of 5 connections failed");
        Assert.That(ended, Is.Positive, "The memory was written, and nobody noticed.");
    }

    private static IpcChildProcess<IScribbler> Start()
        => IpcChildProcess.Spawn<IScribbler>(
            StressProgram.Path,
            new IpcSpawnOptions
            {
                Arguments = ["--scribbler"],
                LocalTransport = IpcLocalTransport.Memory,
                CallTimeout = TimeSpan.FromSeconds(2),
            });
}
