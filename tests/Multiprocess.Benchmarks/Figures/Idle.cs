using System.Diagnostics;
using Multiprocess.Benchmarks.Contracts;
using Multiprocess.Benchmarks.Peers;

namespace Multiprocess.Benchmarks.Figures;

/// <summary>Processor time of both processes while nobody calls.</summary>
internal static class Idle
{
    private static readonly TimeSpan s_time = TimeSpan.FromSeconds(5);
    private static readonly TimeSpan s_settling = TimeSpan.FromSeconds(2);

    public static void Measure(Session session)
    {
        using Server server = new(session.Placement);
        IBenchmark root = server.Root;
        for (int i = 0; i < 5000; i++)
        {
            root.Add(2, 3);
        }

        // What asks is compiled here, and not in the time that is measured.
        server.ProcessorSeconds();

        // The runtime compiles what has become hot once calls pause; that is not the connection's doing.
        Thread.Sleep(s_settling);
        double before = server.ProcessorSeconds();
        long start = Stopwatch.GetTimestamp();
        Thread.Sleep(s_time);
        double used = server.ProcessorSeconds() - before;
        double share = used / Stopwatch.GetElapsedTime(start).TotalSeconds;
        session.Report("idle-cpu", share, "s/s", share);
    }
}
