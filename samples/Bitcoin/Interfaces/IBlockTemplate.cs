using Multiprocess;
using NBitcoin;

namespace Bitcoin.Interfaces;

/// <summary>A block that a miner works on. It lives in the node until the miner disposes it or is gone.</summary>
[IpcInterface]
public interface IBlockTemplate : IDisposable
{
    /// <summary>The header, without the work.</summary>
    BlockHeader GetBlockHeader();

    /// <summary>The whole block.</summary>
    Block GetBlock();

    /// <summary>The fee of each transaction but the coinbase.</summary>
    Money[] GetTxFees();

    /// <summary>The coinbase transaction.</summary>
    Transaction GetCoinbaseTx();

    /// <summary>The hashes that lead from the coinbase to the merkle root.</summary>
    uint256[] GetCoinbaseMerklePath();

    /// <summary>Offers the block with the work done.</summary>
    /// <param name="version">The header's version.</param>
    /// <param name="time">The header's time.</param>
    /// <param name="nonce">The header's nonce.</param>
    /// <param name="coinbase">The coinbase; null for the template's own.</param>
    /// <returns>Whether the chain took it.</returns>
    bool SubmitSolution(uint version, uint time, uint nonce, Transaction? coinbase);

    /// <summary>Waits until there is something better to work on: a new tip.</summary>
    /// <param name="timeout">How long to wait at most.</param>
    /// <param name="cancellationToken">Ends the wait; so does the end of the caller's process.</param>
    /// <returns>
    /// The next template; null when the time is over, the wait was interrupted, or the node shuts down.
    /// </returns>
    IBlockTemplate? WaitNext(TimeSpan timeout, CancellationToken cancellationToken = default);

    /// <summary>Ends the wait that runs on this template, or the next one if none does.</summary>
    void InterruptWait();
}
