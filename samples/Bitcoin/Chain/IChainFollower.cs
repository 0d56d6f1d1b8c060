using NBitcoin;

namespace Bitcoin.Chain;

/// <summary>
/// Changes together with the chain, under its gate. The pool of transactions does, because it must always agree with
/// the coins.
/// </summary>
internal interface IChainFollower
{
    /// <summary>A block was connected.</summary>
    void Connected(Block block, ChainBlock place);

    /// <summary>The last block was disconnected. Blocks that are connected next may contain its transactions.</summary>
    void Disconnected(Block block, ChainBlock place);

    /// <summary>The change of the chain is complete.</summary>
    /// <param name="reorganized">Whether blocks were disconnected.</param>
    /// <param name="returns">Whether the transactions of these blocks wait for a block again.</param>
    void Settled(bool reorganized, bool returns = true);
}
