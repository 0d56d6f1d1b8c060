using System.Diagnostics;

namespace Multiprocess.Benchmarks.Measuring;

/// <summary>Measures subjects in turns, so that whatever disturbs the machine disturbs all of them.</summary>
internal static class Comparison
{
    /// <summary>Until the runtime has compiled what is hot for good; measured to suffice for the longest chain here.</summary>
    private const int WarmUpCalls = 20_000;

    private static readonly TimeSpan s_longestWarmUp = TimeSpan.FromSeconds(1.5);
    private static readonly double s_microsecondsPerTick = 1e6 / Stopwatch.Frequency;

    /// <param name="rounds">How many turns each has.</param>
    /// <param name="processorSeconds">Tells the processor time used so far by both processes; null where it is not asked for.</param>
    /// <param name="subjects">What to measure.</param>
    /// <returns>One timing for each subject, in order.</returns>
    public static Timing[] Run(int rounds, Func<double>? processorSeconds, params Subject[] subjects)
    {
        foreach (Subject subject in subjects)
        {
            WarmUp(subject);
        }

        var turns = subjects.Select(subject => new List<Turn>()).ToArray();
        for (int round = 0; round < rounds; round++)
        {
            for (int i = 0; i < subjects.Length; i++)
            {
                turns[i].Add(Take(subjects[i], processorSeconds));
            }
        }

        return [.. turns.Select(Sum)];
    }

    private static void WarmUp(Subject subject)
    {
        long[] ticks = new long[Math.Min(subject.Calls, 1000)];
        long start = Stopwatch.GetTimestamp();
        for (int done = 0; done < WarmUpCalls && Stopwatch.GetElapsedTime(start) < s_longestWarmUp; done += ticks.Length)
        {
            subject.Run(ticks);
        }
    }

    private static Turn Take(Subject subject, Func<double>? processorSeconds)
    {
        long[] ticks = new long[subject.Calls];
        double before = processorSeconds?.Invoke() ?? 0;
        subject.Run(ticks);
        double after = processorSeconds?.Invoke() ?? 0;
        Array.Sort(ticks);
        return new Turn(ticks, (after - before) / ticks.Length);
    }

    private static Timing Sum(List<Turn> turns)
    {
        double p50 = Statistics.Median([.. turns.Select(turn => (double)turn.Sorted[turn.Sorted.Length / 2])]);
        long[] all = [.. turns.SelectMany(turn => turn.Sorted).Order()];
        double processor = Statistics.Median([.. turns.Select(turn => turn.ProcessorSeconds)]);
        return new Timing(p50 * s_microsecondsPerTick, all[(int)(all.Length * 0.99)] * s_microsecondsPerTick, processor * 1e6);
    }

    private sealed record Turn(long[] Sorted, double ProcessorSeconds);
}
