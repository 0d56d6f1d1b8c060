using System.Diagnostics;
using Multiprocess.Benchmarks.Contracts;
using Multiprocess.Benchmarks.Measuring;
using Multiprocess.Benchmarks.Peers;

namespace Multiprocess.Benchmarks.Figures;

/// <summary>From the spawn to the first answered call, beside a process that starts and does nothing.</summary>
internal static class Spawn
{
    /// <summary>What makes this program that process.</summary>
    public const string EmptyArgument = "empty";

    public static void Measure(Session session)
    {
        List<double> spawned = [];
        List<double> empty = [];

        // A start is measured as its users have it.
        Environment.SetEnvironmentVariable(WarmUp.Variable, null);

        // The first of each is not counted: it compiles this side and brings the files into memory.
        for (int i = 0; i <= session.Effort.Starts; i++)
        {
            double ours = SpawnOnce(session.Placement);
            double nothing = StartEmpty();
            if (i > 0)
            {
                spawned.Add(ours);
                empty.Add(nothing);
            }
        }

        double baseline = Statistics.Median([.. empty]);
        session.Report("spawn", Statistics.Median([.. spawned]), "ms", Statistics.Median([.. spawned]) / baseline);
        session.Report("empty-process", baseline, "ms", 1);
    }

    private static double SpawnOnce(Placement placement)
    {
        long start = Stopwatch.GetTimestamp();
        using IpcChildProcess<IBenchmark> child = Server.Start(placement);
        child.Root.Add(2, 3);
        return Stopwatch.GetElapsedTime(start).TotalMilliseconds;
    }

    private static double StartEmpty()
    {
        long start = Stopwatch.GetTimestamp();
        using Process process = Process.Start(
            new ProcessStartInfo(Environment.ProcessPath!, [EmptyArgument]) { RedirectStandardOutput = true })!;

        // Its output ends with it, and is noticed sooner than the exit.
        process.StandardOutput.ReadToEnd();
        double milliseconds = Stopwatch.GetElapsedTime(start).TotalMilliseconds;
        process.WaitForExit();
        return milliseconds;
    }
}
