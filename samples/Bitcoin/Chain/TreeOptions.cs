using NBitcoin;

namespace Bitcoin.Chain;

/// <summary>Where a tree keeps what it knows, and how it checks.</summary>
internal sealed record TreeOptions
{
    internal const long Megabyte = 1 << 20;

    /// <summary>The network's data directory; null for memory.</summary>
    internal string? Directory { get; init; }

    /// <summary>Where the blocks are; null for "blocks" in the directory.</summary>
    internal string? BlocksDirectory { get; init; }

    /// <summary>Memory for coins, in bytes.</summary>
    internal long CoinCacheBytes { get; init; } = 450 * Megabyte;

    /// <summary>Where a new block file begins, in bytes.</summary>
    internal long MaxFileBytes { get; init; } = 128 * Megabyte;

    /// <summary>Whether new block files are obfuscated; null for yes, unless they already are not.</summary>
    internal bool? Obfuscates { get; init; }

    /// <summary>Threads that check scripts.</summary>
    internal int ScriptThreads { get; init; } = Environment.ProcessorCount;

    /// <summary>Forget the index and the coins, and make both from the block files.</summary>
    internal bool Reindexes { get; init; }

    /// <summary>Forget the coins, and make them from the blocks.</summary>
    internal bool ReindexesCoins { get; init; }

    /// <summary>Whether blocks may be deleted.</summary>
    internal bool Prunes { get; init; }

    /// <summary>How many bytes of block files to keep, at least; 0 for deletion on request only.</summary>
    internal long PruneTarget { get; init; }

    /// <summary>Up to which block scripts are believed to be good; null for the network's.</summary>
    internal uint256? AssumeValid { get; init; }

    /// <summary>
    /// No block above this height is connected once <see cref="Stop"/> is cancelled at it; 0 for no such height.
    /// </summary>
    internal int StopHeight { get; init; }

    /// <summary>Ends long work.</summary>
    internal CancellationToken Stop { get; init; }

    /// <summary>Lines for the log: category (empty for always), text.</summary>
    internal Action<string, string> Log { get; init; } = static (_, _) => { };
}
