using Multiprocess;
using NBitcoin;

namespace Bitcoin.Interfaces;

/// <summary>A block for a miner to work on. It lives in the node until the miner disposes it or disconnects.</summary>
[IpcInterface]
public interface IBlockTemplate : IDisposable
{
    /// <summary>The header, without the work.</summary>
    BlockHeader GetBlockHeader();

    /// <summary>The whole block.</summary>
    Block GetBlock();

    /// <summary>The fee of each transaction except the coinbase.</summary>
    Money[] GetTxFees();

    /// <summary>The cost of signature operations of each transaction except the coinbase.</summary>
    long[] GetTxSigOps();

    /// <summary>The coinbase transaction.</summary>
    Transaction GetCoinbaseTx();

    /// <summary>The hashes from which a miner computes the merkle root for a changed coinbase.</summary>
    uint256[] GetCoinbaseMerklePath();

    /// <summary>Submits the block with its proof of work.</summary>
    /// <param name="version">The header's version.</param>
    /// <param name="time">The header's time.</param>
    /// <param name="nonce">The header's nonce.</param>
    /// <param name="coinbase">The coinbase; null for the template's own.</param>
    /// <returns>Whether the node accepted the block.</returns>
    bool SubmitSolution(uint version, uint time, uint nonce, Transaction? coinbase);

    /// <summary>
    /// Submits the block with its proof of work. The template then contains the submitted block, even if it was
    /// refused.
    /// </summary>
    /// <param name="version">The header's version.</param>
    /// <param name="time">The header's time.</param>
    /// <param name="nonce">The header's nonce.</param>
    /// <param name="coinbase">The coinbase, with its witness.</param>
    /// <param name="reason">The reason of the refusal, as <see cref="IMining.SubmitBlock"/> has it.</param>
    /// <param name="debug">The refusal in detail; empty if there is none.</param>
    bool SubmitSolution(
        uint version, uint time, uint nonce, Transaction coinbase, out string reason, out string debug);

    /// <summary>Waits until there is something better to work on: a new tip, or higher fees.</summary>
    /// <param name="timeout">The longest time to wait.</param>
    /// <param name="feeThreshold">By how much the fees must be higher; null if fees do not matter.</param>
    /// <param name="cancellationToken">Ends the wait; so does the end of the caller's process.</param>
    /// <returns>
    /// The next template; null if the timeout passed, the wait was interrupted, or the node shuts down.
    /// </returns>
    IBlockTemplate? WaitNextOrFees(
        TimeSpan timeout, Money? feeThreshold, CancellationToken cancellationToken = default);

    /// <summary>Waits until there is something better to work on: a new tip.</summary>
    /// <param name="timeout">The longest time to wait.</param>
    /// <param name="cancellationToken">Ends the wait; so does the end of the caller's process.</param>
    /// <returns>
    /// The next template; null if the timeout passed, the wait was interrupted, or the node shuts down.
    /// </returns>
    IBlockTemplate? WaitNext(TimeSpan timeout, CancellationToken cancellationToken = default);

    /// <summary>Ends the wait that runs on this template. If none runs, ends the next one.</summary>
    void InterruptWait();
}
