using Multiprocess;
using NBitcoin;

namespace Bitcoin.Interfaces;

/// <summary>Listens to the changes of a chain.</summary>
[IpcInterface]
public interface IChainNotifications
{
    /// <summary>A block joined the end of the active chain.</summary>
    void BlockConnected(BlockInfo block);

    /// <summary>The last block of the active chain left it.</summary>
    void BlockDisconnected(BlockInfo block);

    /// <summary>The chain has a new end; comes once after the blocks of a change.</summary>
    void UpdatedBlockTip(BlockInfo tip);

    /// <summary>A transaction has come to wait in the node. Told to those who asked for transactions.</summary>
    void TransactionAddedToMempool(Transaction transaction)
    {
    }

    /// <summary>
    /// A transaction does not wait in the node any more, for another reason than that a block has it.
    /// </summary>
    /// <param name="transaction">The transaction.</param>
    /// <param name="isConflict">Whether a block has another one that spends the same.</param>
    void TransactionRemovedFromMempool(Transaction transaction, bool isConflict)
    {
    }
}
