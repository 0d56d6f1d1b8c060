using System.Text.Json.Nodes;

namespace Multiprocess.Tool.Sessions;

/// <summary>What a process has done so far, and what it holds now.</summary>
internal sealed class Snapshot
{
    private readonly Dictionary<(string Name, string Role), Series> _series = [];

    public required long Process { get; init; }

    /// <summary>The time for which calls have been measured, in milliseconds.</summary>
    public required long Milliseconds { get; init; }

    public required int Connections { get; init; }

    public required long InFlight { get; init; }

    public required long Objects { get; init; }

    public required long Threads { get; init; }

    public required long WorkingSet { get; init; }

    /// <summary>Processor time, in milliseconds.</summary>
    public required long Processor { get; init; }

    public required long Sent { get; init; }

    public required long Received { get; init; }

    /// <summary>Asks a server for a snapshot.</summary>
    public static Snapshot Take(Inspection inspection)
    {
        AnswerRow metrics = inspection.Metrics();
        AnswerRow process = inspection.Process();

        // Leaves out connections that only ask, such as this one.
        AnswerRow[] connections =
            [
                .. inspection.Connections(Inspection.MostRows)
                    .Rows(1)
                    .Where(row => row.TextOrNull(4) != Introspection.IntrospectionStub.ContractName),
            ];
        var snapshot = new Snapshot
        {
            Process = process.Number(0),
            Milliseconds = metrics.Number(0),
            Connections = connections.Length,
            InFlight = connections.Sum(row => row.Number(11)),
            Objects = connections.Sum(row => row.Number(7) + row.Number(8)),
            Threads = process.Number(5),
            WorkingSet = process.Number(7),
            Processor = process.Number(4),
            Sent = connections.Sum(row => row.Number(12)),
            Received = connections.Sum(row => row.Number(13)),
        };
        foreach (AnswerRow row in metrics.Rows(1))
        {
            var key = ($"{row.Text(0)}.{row.Text(1)}", row.Text(2));
            Series series = snapshot._series.TryGetValue(key, out Series? known)
                ? known
                : snapshot._series[key] = new Series();
            series.Calls += row.Number(4);
            series.Failed += row.Text(3) == "ok" ? 0 : row.Number(4);
            foreach (AnswerRow bucket in row.Rows(6))
            {
                series.Buckets[(int)Math.Clamp(bucket.Number(0), 0, Series.Most - 1)] += bucket.Number(1);
            }
        }

        return snapshot;
    }

    /// <summary>The calls since an earlier snapshot.</summary>
    public IEnumerable<MethodRow> Since(Snapshot before)
    {
        double seconds = Math.Max(0.001, (Milliseconds - before.Milliseconds) / 1000.0);
        foreach (((string name, string role), Series series) in _series)
        {
            Series old = before._series.GetValueOrDefault((name, role)) ?? new Series();
            long[] buckets = [.. series.Buckets.Zip(old.Buckets, (now, then) => now - then)];
            yield return new MethodRow(
                name,
                role,
                series.Calls,
                series.Calls - old.Calls,
                (series.Calls - old.Calls) / seconds,
                Percentile(buckets, 0.5),
                Percentile(buckets, 0.99),
                series.Failed - old.Failed);
        }
    }

    /// <summary>The time within which a given part of the calls ended, in seconds; 0 if there were none.</summary>
    private static double Percentile(long[] buckets, double part)
    {
        long wanted = (long)Math.Ceiling(buckets.Sum() * part);
        long seen = 0;
        for (int i = 0; i < buckets.Length && wanted > 0; i++)
        {
            seen += buckets[i];
            if (seen >= wanted)
            {
                return 1e-7 * Math.Pow(2, i / 4.0);
            }
        }

        return 0;
    }

    private sealed class Series
    {
        public const int Most = 128;

        public long Calls { get; set; }

        public long Failed { get; set; }

        public long[] Buckets { get; } = new long[Most];
    }
}

/// <summary>The calls of one method between two snapshots.</summary>
internal sealed record MethodRow(
    string Name, string Role, long Total, long Calls, double Rate, double P50, double P99, long Failed)
{
    public JsonObject ToJson() => new()
    {
        ["method"] = Name,
        ["role"] = Role,
        ["total"] = Total,
        ["calls"] = Calls,
        ["callsPerSecond"] = Math.Round(Rate, 3),
        ["p50Seconds"] = P50,
        ["p99Seconds"] = P99,
        ["failed"] = Failed,
    };
}
