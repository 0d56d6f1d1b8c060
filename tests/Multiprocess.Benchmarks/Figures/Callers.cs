using Multiprocess.Benchmarks.Contracts;
using Multiprocess.Benchmarks.Measuring;
using Multiprocess.Benchmarks.Peers;

namespace Multiprocess.Benchmarks.Figures;

/// <summary>Several threads that call at once, beside as many over HTTP/2.</summary>
internal static class Callers
{
    public static void Measure(Session session, IEnumerable<int> threadCounts)
    {
        IBenchmark root = session.Server.Root;
        HttpPeer http = session.Http;
        TimeSpan turn = session.Effort.Turn;
        foreach (int threads in threadCounts)
        {
            (Throughput ours, Throughput theirs) = Throughput.Compare(
                session.Effort.Rounds,
                () => Throughput.OfThreads(threads, turn, () => root.Add(2, 3)),
                () => Throughput.OfThreads(threads, turn, () => http.AddOverHttp2()));
            session.Report(
                $"threads-{threads}", ours.CallsPerSecond, "calls/s", ours.CallsPerSecond / theirs.CallsPerSecond);
            session.Report($"threads-{threads}-p50", ours.P50, "µs", ours.P50 / theirs.P50);
            session.Report($"http2-threads-{threads}", theirs.CallsPerSecond, "calls/s", 1);
            session.Report($"http2-threads-{threads}-p50", theirs.P50, "µs", 1);
        }
    }
}
