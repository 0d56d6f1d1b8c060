using Multiprocess;
using NBitcoin;

namespace Bitcoin.Interfaces;

/// <summary>Indexes over a chain. Any thread may call at any time. Disposing ends them, whole.</summary>
/// <remarks>
/// They follow the chain on a thread of their own. What a method returns is as of the block up to which they are;
/// <see cref="CatchUp"/> waits until that is the tip.
/// </remarks>
[IpcInterface]
public interface IIndexes : IDisposable
{
    /// <summary>Begins to follow the chain.</summary>
    /// <param name="error">What went wrong, for the user; null after success.</param>
    bool Start(out string? error);

    /// <summary>The indexes that are kept, and up to where each is.</summary>
    IndexSummary[] GetSummaries();

    /// <summary>Waits until an index has been told of all that has happened to the chain so far.</summary>
    /// <param name="name">The index, as <see cref="IndexSummary.Name"/>.</param>
    /// <returns>
    /// False at once while it is still being built; and when it does not keep such an index, or has failed.
    /// </returns>
    bool CatchUp(string name);

    /// <summary>
    /// The block that a transaction is in; null when it is in none, or there is no index of transactions.
    /// </summary>
    uint256? FindTransaction(uint256 txid);

    /// <summary>
    /// The transaction of the active chain that spent an output, and its block; null when none did, or there is no such
    /// index.
    /// </summary>
    OutputSpender? FindSpender(OutPoint output);

    /// <summary>The basic filters of blocks, each null when there is none.</summary>
    /// <param name="blocks">The blocks' hashes; at most 2,000.</param>
    BlockFilter?[] GetFilters(uint256[] blocks);

    /// <summary>The statistics of the coins after a block; null when there are none.</summary>
    CoinSetStatistics? GetStatistics(uint256 block);
}
