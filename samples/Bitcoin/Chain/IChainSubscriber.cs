namespace Bitcoin.Chain;

/// <summary>Is told how the active chain changes.</summary>
/// <remarks>
/// The calls come one after the other, in the order in which the chain changed, on the thread that changed it and
/// outside every lock: a subscriber may ask the chain, and even offer it a block. A subscriber that throws is dropped.
/// </remarks>
public interface IChainSubscriber
{
    /// <summary>A block joined the end of the active chain.</summary>
    void BlockConnected(ChainBlock block);

    /// <summary>The last block of the active chain left it, because another branch has more work.</summary>
    void BlockDisconnected(ChainBlock block);

    /// <summary>The chain has a new end; comes once after the blocks of a change.</summary>
    void TipUpdated(ChainBlock tip);
}
