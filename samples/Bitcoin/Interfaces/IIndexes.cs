using Multiprocess;
using NBitcoin;

namespace Bitcoin.Interfaces;

/// <summary>Indexes over a chain. Thread-safe. Dispose stops them and leaves their files complete.</summary>
/// <remarks>
/// The indexes follow the chain on a thread of their own. A method answers as of the block that the index has reached;
/// <see cref="CatchUp"/> waits until that is the tip.
/// </remarks>
[IpcInterface]
public interface IIndexes : IDisposable
{
    /// <summary>Starts to follow the chain.</summary>
    /// <param name="error">What went wrong, for the user; null after success.</param>
    bool Start(out string? error);

    /// <summary>The indexes that are kept, and the height that each has reached.</summary>
    IndexSummary[] GetSummaries();

    /// <summary>Waits until an index has processed all that has happened to the chain so far.</summary>
    /// <param name="name">The index, as <see cref="IndexSummary.Name"/>.</param>
    /// <returns>
    /// False at once while the index is still being built, if there is no such index, or if it has failed.
    /// </returns>
    bool CatchUp(string name);

    /// <summary>
    /// The block that a transaction is in; null if it is in none, or if there is no index of transactions.
    /// </summary>
    uint256? FindTransaction(uint256 txid);

    /// <summary>
    /// The transaction that spent an output, and its block; null if it is unspent, or if there is no such index. A
    /// block that left the chain counts until the chain takes another one in its place.
    /// </summary>
    OutputSpender? FindSpender(OutPoint output);

    /// <summary>The basic filters of blocks, each null when there is none.</summary>
    /// <param name="blocks">The blocks' hashes; at most 2,000.</param>
    BlockFilter?[] GetFilters(uint256[] blocks);

    /// <summary>The statistics of the coins after a block; null when there are none.</summary>
    CoinSetStatistics? GetStatistics(uint256 block);
}
