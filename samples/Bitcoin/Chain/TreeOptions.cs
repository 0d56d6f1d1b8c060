using NBitcoin;

namespace Bitcoin.Chain;

/// <summary>The storage of a tree, and how it checks blocks.</summary>
internal sealed record TreeOptions
{
    internal const long Megabyte = 1 << 20;

    /// <summary>The network's data directory; null for a tree in memory.</summary>
    internal string? Directory { get; init; }

    /// <summary>The directory of the blocks; null for "blocks" in the data directory.</summary>
    internal string? BlocksDirectory { get; init; }

    /// <summary>The memory for coins, in bytes.</summary>
    internal long CoinCacheBytes { get; init; } = 450 * Megabyte;

    /// <summary>The size in bytes at which a new block file is started.</summary>
    internal long MaxFileBytes { get; init; } = 128 * Megabyte;

    /// <summary>Whether new block files are obfuscated; null for yes, unless existing ones are not.</summary>
    internal bool? Obfuscates { get; init; }

    /// <summary>The number of threads that check scripts.</summary>
    internal int ScriptThreads { get; init; } = Environment.ProcessorCount;

    /// <summary>Whether to delete the index and the coins, and build both from the block files.</summary>
    internal bool Reindexes { get; init; }

    /// <summary>Whether to delete the coins, and build them from the blocks.</summary>
    internal bool ReindexesCoins { get; init; }

    /// <summary>Whether blocks may be pruned.</summary>
    internal bool Prunes { get; init; }

    /// <summary>The target size of the block files in bytes, when pruning; 0 to prune on request only.</summary>
    internal long PruneTarget { get; init; }

    /// <summary>The block up to which scripts are assumed to be valid; null for the network's default.</summary>
    internal uint256? AssumeValid { get; init; }

    /// <summary>Receives what makes it impossible to go on, such as a missing file; not called twice.</summary>
    internal Action<string> Fatal { get; init; } = static _ => { };

    /// <summary>In how many changes of the chain the tree is checked once; 0 for never.</summary>
    internal int CheckEvery { get; init; }

    /// <summary>
    /// No block above this height is connected after <see cref="Stop"/> was cancelled at it; 0 for no limit.
    /// </summary>
    internal int StopHeight { get; init; }

    /// <summary>Cancels long work.</summary>
    internal CancellationToken Stop { get; init; }

    /// <summary>Writes a line to the log: category (empty for always), text.</summary>
    internal Action<string, string> Log { get; init; } = static (_, _) => { };
}
