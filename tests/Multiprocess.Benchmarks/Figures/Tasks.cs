using Multiprocess.Benchmarks.Contracts;
using Multiprocess.Benchmarks.Measuring;
using Multiprocess.Benchmarks.Peers;

namespace Multiprocess.Benchmarks.Figures;

/// <summary>Asynchronous calls, 64 in flight, beside as many over HTTP/2.</summary>
internal static class Tasks
{
    private const int InFlight = 64;

    public static void Measure(Session session)
    {
        IBenchmark root = session.Server.Root;
        HttpPeer http = session.Http;
        (Throughput ours, Throughput theirs) = Throughput.Compare(
            session.Effort.Rounds,
            () => Throughput.OfTasks(InFlight, session.Effort.Turn, () => root.AddAsync(2, 3)),
            () => Throughput.OfTasks(InFlight, session.Effort.Turn, http.AddOverHttp2Async));
        session.Report("async-64", ours.CallsPerSecond, "calls/s", ours.CallsPerSecond / theirs.CallsPerSecond);
        session.Report("http2-async-64", theirs.CallsPerSecond, "calls/s", 1);
    }
}
