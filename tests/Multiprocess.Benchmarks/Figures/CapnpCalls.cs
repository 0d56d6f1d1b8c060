using Multiprocess.Benchmarks.Contracts;
using Multiprocess.Benchmarks.Measuring;
using Multiprocess.Benchmarks.Peers;
using Multiprocess.CapnProto;
using Multiprocess.CapnProto.Rpc;

namespace Multiprocess.Benchmarks.Figures;

/// <summary>
/// The same calls over Cap'n Proto, to the same process: a call, a call with a callback, and one MiB there and back,
/// each beside the same over the library's own protocol.
/// </summary>
internal static class CapnpCalls
{
    private const int BytesOfEcho = 1024 * 1024;
    private const int AllocatingCalls = 5_000;

    public static void Measure(Session session)
    {
        string folder = Directory.CreateTempSubdirectory("mp").FullName;
        try
        {
            string address = "unix:" + Path.Combine(folder, "capnp.sock");
            session.Server.Root.ServeCapnp(address);
            using CapnpConnection connection = CapnpConnection.Connect(address);
            double call = Measure(session, connection.GetRoot<IBenchmark>());
            MeasureCpp(session, folder, call);
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }
    }

    private static double Measure(Session session, IBenchmark capnp)
    {
        IBenchmark root = session.Server.Root;
        capnp.Register(new Caller(capnp));
        byte[] bytes = new byte[BytesOfEcho];
        int calls = session.Effort.Scale * 1000;
        int echoes = session.Effort.Scale * 50;
        Timing[] timings = Comparison.Run(
            session.Effort,
            processorSeconds: null,
            Subject.Blocking(calls, () => root.Add(2, 3)),
            Subject.Blocking(calls, () => capnp.Add(2, 3)),
            Subject.Blocking(calls, () => root.Nest(1)),
            Subject.Blocking(calls, () => capnp.Nest(1)),
            Subject.Blocking(echoes, () => root.EchoArray(bytes)),
            Subject.Blocking(echoes, () => capnp.EchoArray(bytes)));

        session.Report("call-capnp", timings[1].P50, "µs", timings[1].P50 / timings[0].P50);
        session.Report("callback-capnp", timings[3].P50, "µs", timings[3].P50 / timings[2].P50);
        session.Report("echo-1MiB-capnp", timings[5].P50, "µs", timings[5].P50 / timings[4].P50);
        ReportAllocation(session, root, capnp);
        return timings[1].P50;
    }

    // The C++ library runs a call in its event loop; a call of ours runs on the thread that belongs to its caller.
    private static void MeasureCpp(Session session, string folder, double ours)
    {
        using CppCapnp? cpp = CppCapnp.TryStart(folder);
        if (cpp is null)
        {
            Console.Error.WriteLine("call-capnp-cpp is left out: g++, capnp or libcapnp-dev is not installed.");
            return;
        }

        int calls = session.Effort.Scale * 1000;
        cpp.Call(calls);
        double theirs = Statistics.Median(
            [.. Enumerable.Range(0, session.Effort.Rounds).SelectMany(_ => cpp.Call(calls))]);
        session.Report("call-capnp-cpp", theirs, "µs", ours / theirs);
    }

    // Of all threads, because a call over Cap'n Proto passes several.
    private static void ReportAllocation(Session session, IBenchmark root, IBenchmark capnp)
    {
        long server = root.AllocatedBytesOfAll();
        long client = GC.GetTotalAllocatedBytes(precise: true);
        for (int i = 0; i < AllocatingCalls; i++)
        {
            capnp.Add(2, 3);
        }

        client = GC.GetTotalAllocatedBytes(precise: true) - client;
        server = root.AllocatedBytesOfAll() - server;
        session.Report("allocated-capnp-client", (double)client / AllocatingCalls, "bytes/call");
        session.Report("allocated-capnp-server", (double)server / AllocatingCalls, "bytes/call");
    }
}
