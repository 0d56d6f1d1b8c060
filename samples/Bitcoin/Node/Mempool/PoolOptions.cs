namespace Bitcoin.Node.Mempool;

/// <summary>The policy of the pool.</summary>
internal sealed record PoolOptions
{
    internal const int MaxStandardWeight = 400_000;
    internal const long DefaultMaxBytes = 300_000_000;

    internal long MaxBytes { get; init; } = DefaultMaxBytes;

    internal TimeSpan Expiry { get; init; } = TimeSpan.FromHours(336);

    internal RelayRate MinRelay { get; init; } = new(100);

    internal RelayRate Incremental { get; init; } = new(100);

    internal RelayRate Dust { get; init; } = new(3000);

    internal bool RequiresStandard { get; init; } = true;

    internal bool PermitsBareMultisig { get; init; } = true;

    /// <summary>The maximum size of data outputs in bytes; null if they are not allowed.</summary>
    internal int? DataBytes { get; init; } = 100_000;

    internal int MaxClusterCount { get; init; } = 64;

    /// <summary>The maximum size of a cluster in virtual bytes.</summary>
    internal int MaxClusterSize { get; init; } = 101_000;

    internal int BytesPerSigOp { get; init; } = 20;

    /// <summary>In how many changes the pool is checked once; 0 for never.</summary>
    internal int CheckEvery { get; init; }
}
