using System.Diagnostics;

namespace Multiprocess.Benchmarks.Measuring;

/// <summary>Measures subjects in turns, so that whatever disturbs the machine disturbs all of them.</summary>
internal static class Comparison
{
    private static readonly double s_microsecondsPerTick = 1e6 / Stopwatch.Frequency;

    /// <param name="effort">How long to warm up, and how many turns each has.</param>
    /// <param name="processorSeconds">
    /// Tells the processor time used so far by both processes; null where it is not asked for.
    /// </param>
    /// <param name="subjects">What to measure.</param>
    /// <returns>One timing for each subject, in order.</returns>
    public static Timing[] Run(Effort effort, Func<double>? processorSeconds, params Subject[] subjects)
    {
        foreach (Subject subject in subjects)
        {
            WarmUp.Of(subject, effort);
        }

        var turns = subjects.Select(subject => new List<Turn>()).ToArray();
        for (int round = 0; round < effort.Rounds; round++)
        {
            for (int i = 0; i < subjects.Length; i++)
            {
                turns[i].Add(Take(subjects[i], processorSeconds));
            }
        }

        return [.. turns.Select(Sum)];
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
        return new Timing(
            p50 * s_microsecondsPerTick, all[(int)(all.Length * 0.99)] * s_microsecondsPerTick, processor * 1e6);
    }

    private sealed record Turn(long[] Sorted, double ProcessorSeconds);
}
