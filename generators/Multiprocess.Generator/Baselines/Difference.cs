namespace Multiprocess.Generator.Baselines;

/// <summary>A difference between a contract and its baseline.</summary>
/// <param name="IsBreak">Whether a peer of the earlier version would be refused.</param>
/// <param name="Block">The contract or type as it is now; as it was, if it was removed.</param>
/// <param name="Line">The line as it is now; null if it was removed, or if the head differs.</param>
/// <param name="What">What differs: <c>method 'Add'</c>.</param>
/// <param name="Expected">What the baseline has.</param>
/// <param name="Found">What the contract has.</param>
internal sealed record Difference(bool IsBreak, Block Block, string? Line, string What, string Expected, string Found)
{
    /// <summary>The consequence of a break for a peer of the baseline's version.</summary>
    public string Consequence { get; init; } = "peers of the earlier version would be refused";
}
