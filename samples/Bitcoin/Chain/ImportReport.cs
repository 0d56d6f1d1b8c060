namespace Bitcoin.Chain;

/// <summary>The result of an import.</summary>
/// <param name="Taken">
/// Blocks that the import added to the tree. The genesis block counts if the chain was empty before.
/// </param>
/// <param name="Duplicates">Blocks that were already known.</param>
/// <param name="Refused">Blocks that were refused, by reason.</param>
/// <param name="SkippedBytes">Bytes that belong to no block.</param>
/// <param name="FirstRefusals">The first few refusals, each with its place and details.</param>
public sealed record ImportReport(
    int Taken,
    int Duplicates,
    IReadOnlyDictionary<string, int> Refused,
    long SkippedBytes,
    IReadOnlyList<string> FirstRefusals)
{
    /// <summary>The number of refused blocks.</summary>
    public int RefusedCount => Refused.Values.Sum();

    /// <summary>The counts as a sentence.</summary>
    public override string ToString()
    {
        string refused = RefusedCount == 0
            ? "0 refused"
            : $"{RefusedCount} refused "
                + $"({string.Join(", ", Refused.OrderBy(static pair => pair.Key, StringComparer.Ordinal).Select(static pair => $"{pair.Key} {pair.Value}"))})";
        return $"{Taken} blocks taken, {Duplicates} already known, {refused}, {SkippedBytes} bytes skipped";
    }
}
