namespace Bitcoin.Node.Mempool;

/// <summary>What the pool takes.</summary>
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

    /// <summary>Bytes of data outputs; null for none at all.</summary>
    internal int? DataBytes { get; init; } = 100_000;

    internal int MaxClusterCount { get; init; } = 64;

    /// <summary>In virtual bytes.</summary>
    internal int MaxClusterSize { get; init; } = 101_000;

    internal int BytesPerSigOp { get; init; } = 20;
}
