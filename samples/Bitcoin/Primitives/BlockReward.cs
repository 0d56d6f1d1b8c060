namespace Bitcoin.Primitives;

/// <summary>What a block makes, in the currency's smallest unit.</summary>
/// <param name="Subsidy">What the miner's coinbase pays, besides fees.</param>
public readonly record struct BlockReward(long Subsidy)
{
    /// <summary>
    /// The most that a coinbase may pay, besides fees; more than the subsidy where others are paid too.
    /// </summary>
    public long Most { get; init; } = Subsidy;

    /// <summary>The parts that are meant for others than the miner, by name.</summary>
    public IReadOnlyList<KeyValuePair<string, long>> Shares { get; init; } = [];
}
