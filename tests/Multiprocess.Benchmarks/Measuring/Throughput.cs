using System.Diagnostics;

namespace Multiprocess.Benchmarks.Measuring;

/// <summary>How many calls several callers make together.</summary>
/// <param name="CallsPerSecond">All callers' calls.</param>
/// <param name="P50">The median latency of a call, in microseconds.</param>
internal sealed record Throughput(double CallsPerSecond, double P50)
{
    private const int KeptLatencies = 1 << 16;

    /// <summary>Measures two systems in turns, medians of the rounds.</summary>
    public static (Throughput First, Throughput Second) Compare(
        int rounds, Func<Throughput> first, Func<Throughput> second)
    {
        Throughput[] both = Compare(rounds, [first, second]);
        return (both[0], both[1]);
    }

    /// <summary>Measures systems in turns, medians of the rounds.</summary>
    public static Throughput[] Compare(int rounds, IReadOnlyList<Func<Throughput>> systems)
    {
        var taken = systems.Select(_ => new List<Throughput>()).ToArray();

        // The first round only warms up.
        for (int round = 0; round <= rounds; round++)
        {
            for (int i = 0; i < systems.Count; i++)
            {
                Throughput one = systems[i]();
                if (round > 0)
                {
                    taken[i].Add(one);
                }
            }
        }

        return [.. taken.Select(Median)];
    }

    /// <summary>Threads that call one after the other, each on its own.</summary>
    public static Throughput OfThreads(int threads, TimeSpan turn, Action call)
        => Of(threads, turn, caller =>
        {
            while (caller.Continues)
            {
                long start = Stopwatch.GetTimestamp();
                call();
                caller.Note(Stopwatch.GetTimestamp() - start);
            }
        });

    /// <summary>Tasks that call one after the other, each on its own: so many calls are in flight.</summary>
    public static Throughput OfTasks(int tasks, TimeSpan turn, Func<Task> call)
    {
        Caller[] callers = Callers(tasks, turn, out long start);
        Task.WhenAll(callers.Select(caller => Task.Run(async () =>
        {
            while (caller.Continues)
            {
                long began = Stopwatch.GetTimestamp();
                await call().ConfigureAwait(false);
                caller.Note(Stopwatch.GetTimestamp() - began);
            }
        }))).GetAwaiter().GetResult();
        return Sum(callers, start);
    }

    private static Throughput Of(int threads, TimeSpan turn, Action<Caller> work)
    {
        Caller[] callers = Callers(threads, turn, out long start);
        Thread[] workers = [.. callers.Select(caller => new Thread(() => work(caller)))];
        foreach (Thread worker in workers)
        {
            worker.Start();
        }

        foreach (Thread worker in workers)
        {
            worker.Join();
        }

        return Sum(callers, start);
    }

    private static Caller[] Callers(int count, TimeSpan turn, out long start)
    {
        start = Stopwatch.GetTimestamp();
        long end = start + (long)(turn.TotalSeconds * Stopwatch.Frequency);
        return [.. Enumerable.Range(0, count).Select(_ => new Caller(end))];
    }

    private static Throughput Sum(Caller[] callers, long start)
    {
        double seconds = Stopwatch.GetElapsedTime(start).TotalSeconds;
        double[] latencies = [.. callers.SelectMany(caller => caller.Latencies).Select(ticks => (double)ticks)];
        return new Throughput(
            callers.Sum(caller => caller.Calls) / seconds, Statistics.Median(latencies) * 1e6 / Stopwatch.Frequency);
    }

    private static Throughput Median(List<Throughput> rounds)
        => new(Statistics.Median([.. rounds.Select(round => round.CallsPerSecond)]), Statistics.Median(
            [.. rounds.Select(round => round.P50)]));

    private sealed class Caller(long end)
    {
        private readonly long[] _latencies = new long[KeptLatencies];

        public long Calls { get; private set; }

        /// <summary>
        /// Until the turn is over, and at least for one call: on a busy machine a turn may be over before any is.
        /// </summary>
        public bool Continues => Calls == 0 || Stopwatch.GetTimestamp() < end;

        public IEnumerable<long> Latencies => _latencies.Take((int)Math.Min(Calls, KeptLatencies));

        /// <summary>Notes one call; of more than are kept, the last ones.</summary>
        public void Note(long ticks) => _latencies[Calls++ % KeptLatencies] = ticks;
    }
}
