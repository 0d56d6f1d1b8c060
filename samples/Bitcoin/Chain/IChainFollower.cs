using NBitcoin;

namespace Bitcoin.Chain;

/// <summary>
/// Changes together with the chain, under its gate: the pool of transactions, which must never disagree with the coins.
/// </summary>
internal interface IChainFollower
{
    /// <summary>A block was connected.</summary>
    void Connected(Block block, ChainBlock place);

    /// <summary>The last block was disconnected; the next ones may take its transactions up again.</summary>
    void Disconnected(Block block, ChainBlock place);

    /// <summary>The change is complete.</summary>
    /// <param name="reorganized">Whether blocks were disconnected.</param>
    void Settled(bool reorganized);
}
