namespace Multiprocess.Benchmarks.Measuring;

/// <summary>How much is done for each figure.</summary>
/// <param name="Rounds">How many times each subject of a comparison gets its turn.</param>
/// <param name="Scale">By how much the calls of a turn are multiplied.</param>
/// <param name="Turn">How long callers call in one turn where calls are counted.</param>
/// <param name="WarmUp">How long each subject is warmed up, at least and at most.</param>
/// <param name="Starts">How many processes are started.</param>
/// <param name="CountsEverywhere">
/// Whether throughput is measured in every placement instead of the free one alone.
/// </param>
internal sealed record Effort(
    int Rounds,
    int Scale,
    TimeSpan Turn,
    (TimeSpan Shortest, TimeSpan Longest) WarmUp,
    int Starts,
    bool CountsEverywhere)
{
    public static Effort Full { get; } = new(
        Rounds: 15,
        Scale: 2,
        Turn: TimeSpan.FromSeconds(1),
        WarmUp: (TimeSpan.FromSeconds(1), TimeSpan.FromSeconds(3)),
        Starts: 40,
        CountsEverywhere: true);

    public static Effort Quick { get; } = new(
        Rounds: 5,
        Scale: 1,
        Turn: TimeSpan.FromSeconds(0.15),
        WarmUp: (TimeSpan.FromSeconds(0.3), TimeSpan.FromSeconds(0.5)),
        Starts: 7,
        CountsEverywhere: false);
}
