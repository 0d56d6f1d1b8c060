namespace Multiprocess.Peers;

/// <summary>The readings for people: a table that is also Markdown.</summary>
internal static class Tables
{
    /// <summary>What each figure is called, in order.</summary>
    private static readonly (string Figure, string Text)[] s_rows =
    [
        (Bench.Call, "call with two ints, one after the other"),
        (Bench.Callback, "call with one callback"),
        (Bench.Threads(16), "16 client threads that block"),
        (Bench.InFlight, "64 calls in flight"),
        (Bench.Echo, "1 MiB there and back"),
        (Bench.Spawn, "a new process, to its first answer"),
        (Bench.Allocated, "memory allocated by a call, both sides"),
    ];

    public static string Markdown(IReadOnlyList<Reading> readings)
    {
        string[] peers = [.. readings.Select(reading => reading.Peer).Distinct()];
        List<string> lines =
        [
            "| | " + string.Join(" | ", peers) + " |",
            "|---|" + string.Concat(peers.Select(_ => "---|")),
        ];
        foreach ((string figure, string text) in s_rows)
        {
            lines.Add($"| {text} | " + string.Join(" | ", peers.Select(peer => Cell(readings, figure, peer))) + " |");
        }

        return string.Join('\n', lines);
    }

    private static string Cell(IReadOnlyList<Reading> readings, string figure, string peer)
        => readings.FirstOrDefault(reading => reading.Figure == figure && reading.Peer == peer) is { } reading
            ? $"{reading.Number()} {reading.Unit}"
            : "cannot";
}
