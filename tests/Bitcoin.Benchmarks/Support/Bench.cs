using System.Diagnostics;
using Multiprocess.Benchmarks.Measuring;
using Multiprocess.Benchmarks.Output;

namespace Bitcoin.Benchmarks.Support;

/// <summary>One run: measures in turns, and reports each figure with its ratio to a baseline of the same run.</summary>
/// <param name="rounds">The number of turns of each subject.</param>
/// <param name="isQuick">Whether less is done in a turn.</param>
/// <param name="report">Receives each figure.</param>
internal sealed class Bench(int rounds, bool isQuick, Action<Reading> report)
{
    private const string Everywhere = "free";

    internal bool IsQuick => isQuick;

    /// <summary>Reports a value that is only there to be compared with.</summary>
    internal void Baseline(string name, double value, string unit)
        => report(new Reading(name, value, unit, null, Everywhere));

    internal void Figure(string name, double value, string unit, double ratio)
        => report(new Reading(name, value, unit, ratio, Everywhere));

    /// <summary>Says why a figure is left out.</summary>
    internal static void LeaveOut(string name, string reason)
        => Console.Error.WriteLine($"{name} is left out: {reason}");

    /// <summary>
    /// Runs each subject in turns, so that a disturbance of the machine meets all. The first turn warms up.
    /// </summary>
    /// <returns>The median of each subject, in seconds.</returns>
    internal double[] Seconds(params Action[] subjects)
        => Values([.. subjects.Select(static subject => (Func<double>)(() => Time(subject)))]);

    /// <summary>As <see cref="Seconds"/>, for subjects that measure themselves.</summary>
    internal double[] Values(params Func<double>[] subjects)
    {
        List<double>[] taken = [.. subjects.Select(static _ => new List<double>())];
        for (int round = 0; round <= rounds; round++)
        {
            for (int i = 0; i < subjects.Length; i++)
            {
                double value = subjects[i]();
                if (round > 0)
                {
                    taken[i].Add(value);
                }
            }
        }

        return [.. taken.Select(static values => Statistics.Median([.. values]))];
    }

    private static double Time(Action subject)
    {
        long start = Stopwatch.GetTimestamp();
        subject();
        return Stopwatch.GetElapsedTime(start).TotalSeconds;
    }
}
