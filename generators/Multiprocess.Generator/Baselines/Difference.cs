namespace Multiprocess.Generator.Baselines;

/// <summary>Where a contract is not as its baseline says.</summary>
/// <param name="IsBreak">Whether a peer of the earlier version would be refused.</param>
/// <param name="Block">The contract or type as it is now, or as it was when it is gone.</param>
/// <param name="Line">The line as it is now; null when it is gone, or when it is the head that differs.</param>
/// <param name="What">What differs: <c>method 'Add'</c>.</param>
/// <param name="Expected">What the baseline has.</param>
/// <param name="Found">What the contract has.</param>
internal sealed record Difference(bool IsBreak, Block Block, string? Line, string What, string Expected, string Found)
{
    /// <summary>What a break means for a peer of the baseline's version.</summary>
    public string Consequence { get; init; } = "peers of the earlier version would be refused";
}
