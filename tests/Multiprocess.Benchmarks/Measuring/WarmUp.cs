using System.Diagnostics;

namespace Multiprocess.Benchmarks.Measuring;

/// <summary>Gets the runtime to compile for good what is hot, before anything is measured.</summary>
/// <remarks>
/// By itself the runtime begins to count calls only after a tenth of a second in which nothing new was compiled, twice
/// over; where it sees one processor alone it waits ten times as long, so that a client bound to one core would be
/// measured for seconds in code that was never optimized. All processes of a run, the peers' too, are started with that
/// delay taken away.
/// </remarks>
internal static class WarmUp
{
    /// <summary>The runtime's setting for that delay, in milliseconds; processes inherit it.</summary>
    public const string Variable = "DOTNET_TC_CallCountingDelayMs";

    private const int Calls = 20_000;

    /// <summary>
    /// Does <paramref name="subject"/> until it has been done often enough, within the effort's bounds.
    /// </summary>
    public static void Of(Subject subject, Effort effort)
    {
        long[] ticks = new long[Math.Min(subject.Calls, 100)];
        long start = Stopwatch.GetTimestamp();
        TimeSpan elapsed = default;
        for (int done = 0; elapsed < effort.WarmUp.Shortest
            || (done < Calls && elapsed < effort.WarmUp.Longest); done += ticks.Length)
        {
            subject.Run(ticks);
            elapsed = Stopwatch.GetElapsedTime(start);
        }
    }
}
