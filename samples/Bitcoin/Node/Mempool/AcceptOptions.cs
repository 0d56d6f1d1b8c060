namespace Bitcoin.Node.Mempool;

/// <summary>How a transaction is taken.</summary>
internal sealed record AcceptOptions
{
    /// <summary>Only see whether it would be taken.</summary>
    internal bool IsTest { get; init; }

    /// <summary>It was in a block: fee rates and sizes do not count.</summary>
    internal bool BypassesLimits { get; init; }

    /// <summary>The highest fee rate that its sender wants to pay; null for any.</summary>
    internal RelayRate? MaxFeeRate { get; init; }

    /// <summary>When it came first; null for now.</summary>
    internal DateTimeOffset? Time { get; init; }

    /// <summary>Fee rates are judged for the package, not for each.</summary>
    internal bool IsInPackage { get; init; }

    /// <summary>Judge the fee rate of each in a package all the same.</summary>
    internal bool ChecksFee { get; init; }

    /// <summary>Leave the pool larger than it may be: whoever asks limits it afterwards.</summary>
    internal bool LeavesSize { get; init; }

    internal bool AllowsReplacement { get; init; } = true;
}

/// <summary>What became of a transaction.</summary>
/// <param name="Refusal">Why it was not taken; null when it was.</param>
internal sealed record PoolResult(
    Chain.Refusal? Refusal, PoolEntry? Entry = null, IReadOnlyList<PoolEntry>? Replaced = null);
