using Multiprocess;
using NBitcoin;

namespace Bitcoin.Interfaces;

/// <summary>The interface of a node for miners.</summary>
[IpcInterface]
public interface IMining
{
    /// <summary>Whether the network is a test network.</summary>
    bool IsTestChain();

    /// <summary>Whether the node still catches up with the chain.</summary>
    bool IsInitialBlockDownload();

    /// <summary>The last block of the active chain.</summary>
    BlockTip GetTip();

    /// <summary>Waits until the tip differs from the one that the caller knows.</summary>
    /// <param name="currentTip">The tip the caller knows.</param>
    /// <param name="timeout">The longest time to wait.</param>
    /// <param name="cancellationToken">Ends the wait; so does the end of the caller's process.</param>
    /// <returns>
    /// The tip at the end of the wait, which may be the same one; null if it was interrupted or the node shuts down.
    /// </returns>
    BlockTip? WaitTipChanged(uint256 currentTip, TimeSpan timeout, CancellationToken cancellationToken = default);

    /// <summary>A block to work on, on the current tip. The object stays in the node until it is disposed.</summary>
    /// <param name="options">What the block contains.</param>
    IBlockTemplate CreateNewBlock(BlockCreateOptions options);

    /// <summary>A block to work on, once it is worth to: waits while the node catches up with the chain.</summary>
    /// <param name="options">What the block contains.</param>
    /// <param name="cancellationToken">Ends the wait; so does the end of the caller's process.</param>
    /// <returns>The block; null if the wait was interrupted, or the node shuts down.</returns>
    /// <exception cref="ArgumentException">An option is outside its range.</exception>
    IBlockTemplate? CreateBlockWhenReady(BlockCreateOptions options, CancellationToken cancellationToken = default);

    /// <summary>Ends all waits of this node: for a tip, and until a block is worth to be worked on.</summary>
    void Interrupt();

    /// <summary>Whether the node would accept a block on the current tip.</summary>
    /// <param name="block">The serialised block.</param>
    /// <param name="checkPow">Whether to check its proof of work too.</param>
    /// <param name="reason">The reason of the refusal, one word; empty if there is none.</param>
    /// <param name="debug">The refusal in detail; empty if there is none.</param>
    bool CheckBlock(Block block, bool checkPow, out string reason, out string debug);

    /// <summary>Submits a block.</summary>
    /// <param name="block">The serialised block.</param>
    /// <param name="reason">
    /// The reason of the refusal, one word: "duplicate" for a known block, "inconclusive" for one that does not extend
    /// the best branch. Empty if there is none.
    /// </param>
    /// <param name="debug">The refusal in detail; empty if there is none.</param>
    bool SubmitBlock(Block block, out string reason, out string debug);

    /// <summary>Transactions of the mempool, by their ids.</summary>
    /// <returns>One for each id; null for a transaction that is not there.</returns>
    Transaction?[] GetTransactionsByTxId(uint256[] ids);

    /// <summary>Transactions of the mempool, by the hashes of their witnesses.</summary>
    /// <returns>One for each hash; null for a transaction that is not there.</returns>
    Transaction?[] GetTransactionsByWitnessId(uint256[] ids);

    /// <summary>Mines blocks on the active chain; only on a network where that takes no time.</summary>
    /// <param name="count">The number of blocks, 1 to 10,000.</param>
    /// <param name="script">The output script that receives the subsidy.</param>
    /// <returns>The blocks' hashes, in order.</returns>
    /// <exception cref="InvalidOperationException">The network is not regtest.</exception>
    /// <exception cref="ArgumentOutOfRangeException">The count is outside its range.</exception>
    uint256[] Generate(int count, Script script);
}
