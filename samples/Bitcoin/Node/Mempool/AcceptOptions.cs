namespace Bitcoin.Node.Mempool;

/// <summary>How a transaction is accepted.</summary>
internal sealed record AcceptOptions
{
    /// <summary>Only test whether it would be accepted.</summary>
    internal bool IsTest { get; init; }

    /// <summary>Do not check fee rates and sizes: it was in a block.</summary>
    internal bool BypassesLimits { get; init; }

    /// <summary>The highest fee rate that its sender allows; null for any.</summary>
    internal RelayRate? MaxFeeRate { get; init; }

    /// <summary>When it first entered the pool; null for now.</summary>
    internal DateTimeOffset? Time { get; init; }

    /// <summary>Check fee rates for the package, not for each transaction.</summary>
    internal bool IsInPackage { get; init; }

    /// <summary>Check the fee rate of each transaction of a package too.</summary>
    internal bool ChecksFee { get; init; }

    /// <summary>Let the pool exceed its size limit: the caller limits it afterwards.</summary>
    internal bool LeavesSize { get; init; }

    internal bool AllowsReplacement { get; init; } = true;
}

/// <summary>The result for a transaction.</summary>
/// <param name="Refusal">Why it was refused; null if it was accepted.</param>
internal sealed record PoolResult(
    Chain.Refusal? Refusal, PoolEntry? Entry = null, IReadOnlyList<PoolEntry>? Replaced = null);
