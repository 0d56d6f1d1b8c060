using NBitcoin;

namespace Bitcoin.Chain;

/// <summary>
/// Is told of the changes of a chain, in order, by whoever caused the change; not while the chain is locked.
/// </summary>
public interface IChainSubscriber
{
    /// <summary>A block joined the end of the active chain.</summary>
    void BlockConnected(ChainBlock block, Block data);

    /// <summary>The last block of the active chain left it.</summary>
    void BlockDisconnected(ChainBlock block, Block data);

    /// <summary>The chain has a new end; comes once after the blocks of a change.</summary>
    void TipUpdated(ChainBlock tip);

    /// <summary>A transaction has come to wait in the pool.</summary>
    void TransactionAdded(Transaction transaction)
    {
    }

    /// <summary>A transaction has left the pool, for another reason than that a block has it.</summary>
    void TransactionRemoved(Transaction transaction, bool isConflict)
    {
    }
}
