using Multiprocess.Benchmarks.Contracts;
using Multiprocess.Benchmarks.Measuring;
using Multiprocess.Benchmarks.Peers;

namespace Multiprocess.Benchmarks.Figures;

/// <summary>
/// One MiB there and back, without making arrays and with, each beside a raw socket that does the same.
/// </summary>
internal static class Echoes
{
    private const int MessageBytes = 1024 * 1024;

    public static void Measure(Session session)
    {
        Server server = session.Server;
        IBenchmark root = server.Root;
        using RawSocket reusing = server.ConnectRaw(MessageBytes);
        using RawSocket allocating = server.ConnectRaw(MessageBytes, allocate: true);
        byte[] message = new byte[MessageBytes];
        byte[] answer = new byte[MessageBytes];
        int calls = session.Effort.Scale * 100;
        Timing[] timings = Comparison.Run(
            session.Effort,
            processorSeconds: null,
            Subject.Blocking(calls, () => reusing.Exchange(message, answer)),
            Subject.Blocking(calls, () => root.Echo(message)),
            Subject.Blocking(
                calls, () => allocating.Exchange(message, GC.AllocateUninitializedArray<byte>(MessageBytes))),
            Subject.Blocking(calls, () => root.EchoArray(message)));

        session.Report("raw-1MiB", timings[0].P50, "µs", 1);
        session.Report("echo-1MiB", timings[1].P50, "µs", timings[1].P50 / timings[0].P50);
        session.Report("raw-1MiB-array", timings[2].P50, "µs", 1);
        session.Report("echo-1MiB-array", timings[3].P50, "µs", timings[3].P50 / timings[2].P50);
    }
}
