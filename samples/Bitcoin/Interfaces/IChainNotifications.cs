using Multiprocess;
using NBitcoin;

namespace Bitcoin.Interfaces;

/// <summary>Listens to the changes of a chain.</summary>
[IpcInterface]
public interface IChainNotifications
{
    /// <summary>A block was added to the end of the active chain.</summary>
    void BlockConnected(BlockInfo block);

    /// <summary>The last block of the active chain was removed from it.</summary>
    void BlockDisconnected(BlockInfo block);

    /// <summary>The chain has a new tip. Called once, after all blocks of a change.</summary>
    void UpdatedBlockTip(BlockInfo tip);

    /// <summary>A transaction entered the mempool. Called only for listeners that asked for transactions.</summary>
    void TransactionAddedToMempool(Transaction transaction)
    {
    }

    /// <summary>
    /// A transaction left the mempool for another reason than its confirmation in a block.
    /// </summary>
    /// <param name="transaction">The transaction.</param>
    /// <param name="isConflict">Whether a block has another transaction that spends the same output.</param>
    void TransactionRemovedFromMempool(Transaction transaction, bool isConflict)
    {
    }
}
