using System.Diagnostics;
using Calc;
using Multiprocess.Benchmarks.Measuring;

namespace Multiprocess.Benchmarks.Figures;

/// <summary>
/// From the spawn to the first answered call where the child is native code, beside the same program that does nothing.
/// </summary>
internal static class SpawnNative
{
    public static void Measure(Session session)
    {
        if (session.NativeWorker is not { } worker)
        {
            Console.Error.WriteLine("spawn-aot is left out: no native worker was given.");
            return;
        }

        List<double> spawned = [];
        List<double> empty = [];

        // The first of each is not counted, as in Spawn.
        for (int i = 0; i <= session.Effort.Starts; i++)
        {
            double ours = SpawnOnce(session.Placement, worker);
            double nothing = StartAlone(worker);
            if (i > 0)
            {
                spawned.Add(ours);
                empty.Add(nothing);
            }
        }

        double baseline = Statistics.Median([.. empty]);
        session.Report("spawn-aot", Statistics.Median([.. spawned]), "ms", Statistics.Median([.. spawned]) / baseline);
        session.Report("empty-aot", baseline, "ms", 1);
    }

    private static double SpawnOnce(Placement placement, string worker)
    {
        long start = Stopwatch.GetTimestamp();
        using IpcChildProcess<ICalculator> child = Affinity.Start(
            placement.ServerCore,
            () => IpcChildProcess.Spawn<ICalculator>(worker));
        child.Root.Add(2, 3);
        return Stopwatch.GetElapsedTime(start).TotalMilliseconds;
    }

    /// <summary>Without a parent the worker says a line and ends.</summary>
    private static double StartAlone(string worker)
    {
        long start = Stopwatch.GetTimestamp();
        using Process process = Process.Start(new ProcessStartInfo(worker) { RedirectStandardError = true })!;
        process.StandardError.ReadToEnd();
        double milliseconds = Stopwatch.GetElapsedTime(start).TotalMilliseconds;
        process.WaitForExit();
        return milliseconds;
    }
}
