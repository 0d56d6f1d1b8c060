using Multiprocess;
using NBitcoin;

namespace Bitcoin.Interfaces;

/// <summary>What a miner needs of a node.</summary>
[IpcInterface]
public interface IMining
{
    /// <summary>Whether the network is one for tests.</summary>
    bool IsTestChain();

    /// <summary>Whether the chain is known to be behind.</summary>
    bool IsInitialBlockDownload();

    /// <summary>The last block of the active chain.</summary>
    BlockTip GetTip();

    /// <summary>Waits for another tip than the one the caller knows.</summary>
    /// <param name="currentTip">The tip the caller knows.</param>
    /// <param name="timeout">How long to wait at most.</param>
    /// <param name="cancellationToken">Ends the wait; so does the end of the caller's process.</param>
    /// <returns>
    /// The tip when the wait was over, the same one perhaps; null when it was interrupted or the node shuts down.
    /// </returns>
    BlockTip? WaitTipChanged(uint256 currentTip, TimeSpan timeout, CancellationToken cancellationToken = default);

    /// <summary>A block to work on, on the current tip; the object stays with the node until it is disposed.</summary>
    /// <param name="options">What goes into it.</param>
    IBlockTemplate CreateNewBlock(BlockCreateOptions options);

    /// <summary>Ends all waits for a tip of this node.</summary>
    void Interrupt();

    /// <summary>Whether a block would be taken on the current tip.</summary>
    /// <param name="block">The serialised block.</param>
    /// <param name="checkPow">Whether its work is looked at too.</param>
    /// <param name="reason">The refusal in a word; empty for none.</param>
    /// <param name="debug">The refusal at length; empty for none.</param>
    bool CheckBlock(Block block, bool checkPow, out string reason, out string debug);

    /// <summary>Offers a block.</summary>
    /// <param name="block">The serialised block.</param>
    /// <param name="reason">The refusal in a word; empty for none.</param>
    /// <param name="debug">The refusal at length; empty for none.</param>
    bool SubmitBlock(Block block, out string reason, out string debug);

    /// <summary>Mines blocks on the active chain, where that takes no more than a moment.</summary>
    /// <param name="count">How many, 1 to 10,000.</param>
    /// <param name="script">The output script of whoever gets the subsidy.</param>
    /// <returns>The blocks' hashes, in order.</returns>
    /// <exception cref="InvalidOperationException">The network is not regtest.</exception>
    /// <exception cref="ArgumentOutOfRangeException">The count is outside its range.</exception>
    uint256[] Generate(int count, Script script);
}
