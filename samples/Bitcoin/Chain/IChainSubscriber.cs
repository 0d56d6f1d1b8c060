using NBitcoin;

namespace Bitcoin.Chain;

/// <summary>
/// Receives the changes of a chain, in order, on a thread that does not hold the chain's gate.
/// </summary>
public interface IChainSubscriber
{
    /// <summary>A block was added to the active chain.</summary>
    void BlockConnected(ChainBlock block, Block data);

    /// <summary>The last block of the active chain was removed.</summary>
    void BlockDisconnected(ChainBlock block, Block data);

    /// <summary>The chain has a new tip. Called once, after all blocks of a change.</summary>
    void TipUpdated(ChainBlock tip);

    /// <summary>A block failed, or a failure was taken back. The tip may be the same as before.</summary>
    void FailuresChanged()
    {
    }

    /// <summary>A transaction entered the pool.</summary>
    void TransactionAdded(Transaction transaction)
    {
    }

    /// <summary>A transaction left the pool for another reason than its confirmation in a block.</summary>
    void TransactionRemoved(Transaction transaction, bool isConflict)
    {
    }
}
