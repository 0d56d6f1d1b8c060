using Multiprocess.Benchmarks.Contracts;
using Multiprocess.Benchmarks.Measuring;
using Multiprocess.Benchmarks.Peers;

namespace Multiprocess.Benchmarks.Figures;

/// <summary>Calls through shared memory, beside the same calls and a raw socket in the same run.</summary>
internal static class InMemory
{
    private const int SmallBytes = 32;
    private const int LargeBytes = 1024 * 1024;

    public static void Measure(Session session)
    {
        using Server server = new(session.Placement, IpcLocalTransport.Memory);
        MeasureCalls(session, server);
        MeasureShapes(session, server);
        MeasureEcho(session, server);
        MeasureThreads(session, server);
    }

    private static void MeasureCalls(Session session, Server server)
    {
        IBenchmark root = server.Root;
        IBenchmark overSocket = session.Server.Root;
        using RawSocket raw = session.Server.ConnectRaw(SmallBytes);
        byte[] message = new byte[SmallBytes];
        byte[] answer = new byte[SmallBytes];
        int calls = Math.Max(session.Effort.Scale * 10_000, 50_000 / session.Effort.Rounds);
        Timing[] timings = Comparison.Run(
            session.Effort,
            () => server.ProcessorSeconds() + overSocket.ProcessorSeconds(),
            Subject.Blocking(calls, () => raw.Exchange(message, answer)),
            Subject.Blocking(calls, () => overSocket.Add(2, 3)),
            Subject.Blocking(calls, () => root.Add(2, 3)));

        session.Report("call-shm", timings[2].P50, "µs", timings[2].P50 / timings[0].P50);
        session.Report("call-shm-p99", timings[2].P99, "µs", timings[2].P99 / timings[0].P99);
        session.Report("call-shm-cpu", timings[2].Processor, "µs", timings[2].Processor / timings[1].Processor);
        session.Report("call-socket", timings[1].P50, "µs", timings[1].P50 / timings[0].P50);
    }

    private static void MeasureShapes(Session session, Server server)
    {
        IBenchmark root = server.Root;
        int calls = session.Effort.Scale * 2000;
        Timing[] timings = Comparison.Run(
            session.Effort,
            processorSeconds: null,
            Subject.Blocking(calls, () => root.Add(2, 3)),
            Subject.Blocking(calls, () => root.Nest(1)),
            Subject.Blocking(calls / 4, () => root.Nest(10)));

        session.Report("callback-shm", timings[1].P50, "µs", timings[1].P50 / timings[0].P50);
        session.Report("nested-10-shm", timings[2].P50, "µs", timings[2].P50 / timings[0].P50);
    }

    private static void MeasureEcho(Session session, Server server)
    {
        IBenchmark root = server.Root;
        using RawSocket raw = session.Server.ConnectRaw(LargeBytes);
        byte[] message = new byte[LargeBytes];
        byte[] answer = new byte[LargeBytes];
        Timing[] timings = Comparison.Run(
            session.Effort,
            processorSeconds: null,
            Subject.Blocking(session.Effort.Scale * 100, () => raw.Exchange(message, answer)),
            Subject.Blocking(session.Effort.Scale * 100, () => root.Echo(message)));

        session.Report("echo-1MiB-shm", timings[1].P50, "µs", timings[1].P50 / timings[0].P50);
    }

    private static void MeasureThreads(Session session, Server server)
    {
        IBenchmark root = server.Root;
        IBenchmark overSocket = session.Server.Root;
        TimeSpan turn = session.Effort.Turn;
        (Throughput inMemory, Throughput onSocket) = Throughput.Compare(
            session.Effort.Rounds,
            () => Throughput.OfThreads(16, turn, () => root.Add(2, 3)),
            () => Throughput.OfThreads(16, turn, () => overSocket.Add(2, 3)));

        double ratio = inMemory.CallsPerSecond / onSocket.CallsPerSecond;
        session.Report("threads-16-shm", inMemory.CallsPerSecond, "calls/s", ratio);
    }
}
