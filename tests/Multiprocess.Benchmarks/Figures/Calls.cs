using Multiprocess.Benchmarks.Contracts;
using Multiprocess.Benchmarks.Measuring;
using Multiprocess.Benchmarks.Peers;

namespace Multiprocess.Benchmarks.Figures;

/// <summary>A call of one thread with two ints, beside the raw socket and HTTP.</summary>
internal static class Calls
{
    private const int MessageBytes = 32;

    public static void Measure(Session session)
    {
        Server server = session.Server;
        IBenchmark root = server.Root;
        HttpPeer http = session.Http;
        using RawSocket socket = server.ConnectRaw(MessageBytes);
        byte[] message = new byte[MessageBytes];
        byte[] answer = new byte[MessageBytes];

        // The 99th percentile wants at least 50,000 calls of each; HTTP is there for its median.
        int calls = Math.Max(session.Effort.Scale * 10_000, 50_000 / session.Effort.Rounds);
        int peerCalls = session.Effort.Scale * 1000;
        Timing[] timings = Comparison.Run(
            session.Effort,
            server.ProcessorSeconds,
            Subject.Blocking(calls, () => socket.Exchange(message, answer)),
            Subject.Blocking(calls, () => root.Add(2, 3)),
            Subject.Awaited(peerCalls, http.AddOverHttp1Async),
            Subject.Awaited(peerCalls, http.AddOverHttp2Async));

        (Timing raw, Timing call, Timing http1, Timing http2) = (timings[0], timings[1], timings[2], timings[3]);
        double baseline = session.Placement.Kind == PlacementKind.Free
            ? Math.Min(raw.P50, Math.Min(http1.P50, http2.P50))
            : raw.P50;
        session.Report("raw", raw.P50, "µs", 1);
        session.Report("call", call.P50, "µs", call.P50 / baseline);
        session.Report("raw-p99", raw.P99, "µs", 1);
        session.Report("call-p99", call.P99, "µs", call.P99 / raw.P99);
        session.Report("raw-cpu", raw.Processor, "µs", 1);
        session.Report("call-cpu", call.Processor, "µs", call.Processor / raw.Processor);
        session.Report("http1", http1.P50, "µs", http1.P50 / raw.P50);
        session.Report("http2", http2.P50, "µs", http2.P50 / raw.P50);
    }
}
