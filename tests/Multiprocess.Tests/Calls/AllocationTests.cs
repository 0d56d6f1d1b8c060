using System.Diagnostics.Metrics;
using Multiprocess.Metrics;
using Multiprocess.Tests.Support;
using Multiprocess.Transports;

namespace Multiprocess.Tests.Calls;

/// <summary>What one process allocates for a warm call; a contract whose answer is the worker's own counter.</summary>
[IpcInterface]
public interface ICounter
{
    int Add(int a, int b);

    long AllocatedByWorker();
}

public sealed class AllocationTests
{
    private const int Calls = 2_000;

    [Test]
    public void A_warm_call_of_two_numbers_allocates_nothing_on_either_thread()
    {
        using IpcTestPair<ICounter> pair = MakePair();
        Warm(pair.Root);

        // A thread that others delay may find the pool of messages empty, once; an allocation of every call is in every
        // round.
        (long caller, long worker)[] rounds = [.. Enumerable.Range(0, 5).Select(_ => AllocatedByThreads(pair.Root))];

        Assert.That(rounds.Min(round => round.caller), Is.Zero, "bytes allocated on the calling thread");
        Assert.That(rounds.Min(round => round.worker), Is.Zero, "bytes allocated on the worker");
    }

    [Test]
    public void Nor_does_it_while_somebody_listens_to_what_calls_cost()
    {
        long calls = 0;
        using var listener = new MeterListener
        {
            InstrumentPublished = (instrument, listener) =>
            {
                if (instrument.Meter.Name == IpcMeter.Name && !instrument.IsObservable)
                {
                    listener.EnableMeasurementEvents(instrument);
                }
            },
        };
        listener.SetMeasurementEventCallback<long>((_, value, _, _) => Interlocked.Add(ref calls, value));
        listener.SetMeasurementEventCallback<double>((_, _, _, _) => { });
        listener.Start();
        using IpcTestPair<ICounter> pair = MakePair();
        Warm(pair.Root);

        (long caller, long worker)[] rounds = [.. Enumerable.Range(0, 5).Select(_ => AllocatedByThreads(pair.Root))];

        Assert.That(rounds.Min(round => round.caller), Is.Zero, "bytes allocated on the calling thread");
        Assert.That(rounds.Min(round => round.worker), Is.Zero, "bytes allocated on the worker");
        Assert.That(Interlocked.Read(ref calls), Is.GreaterThan(2 * 5 * Calls));
    }

    [Test]
    public void A_warm_call_of_two_numbers_allocates_nothing_on_whatever_thread_reads()
    {
        using IpcTestPair<ICounter> pair = MakePair();
        Warm(pair.Root);

        long least = Enumerable.Range(0, 5).Min(_ => AllocatedByProcess(pair.Root));

        // Whatever else goes on in the process allocates too, now and then; a single object per call would be 24 bytes
        // in every round.
        Assert.That(least / (double)Calls, Is.LessThan(8), "bytes allocated by the process for one call");
    }

    private static (long Caller, long Worker) AllocatedByThreads(ICounter root)
    {
        long ofWorker = root.AllocatedByWorker();
        long ofCaller = GC.GetAllocatedBytesForCurrentThread();
        CallMany(root);
        ofCaller = GC.GetAllocatedBytesForCurrentThread() - ofCaller;
        return (ofCaller, root.AllocatedByWorker() - ofWorker);
    }

    private static long AllocatedByProcess(ICounter root)
    {
        long before = GC.GetTotalAllocatedBytes(precise: true);
        CallMany(root);
        return GC.GetTotalAllocatedBytes(precise: true) - before;
    }

    private static IpcTestPair<ICounter> MakePair()
        => IpcTestPair.Create<ICounter>(
            new Counter(), new IpcTestPairOptions { Transport = IpcTestTransport.SocketPair });

    private static void Warm(ICounter root)
    {
        CallMany(root);
        root.AllocatedByWorker();
        root.AllocatedByWorker();
    }

    private static void CallMany(ICounter root)
    {
        for (int i = 0; i < Calls; i++)
        {
            root.Add(i, 1);
        }
    }

    private sealed class Counter : ICounter
    {
        public int Add(int a, int b) => a + b;

        public long AllocatedByWorker() => GC.GetAllocatedBytesForCurrentThread();
    }
}
