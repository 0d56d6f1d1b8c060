using Multiprocess;

namespace Bitcoin.Interfaces;

/// <summary>The active chain of blocks, as a wallet or an outside program sees it. Any thread may call at any time.</summary>
[IpcInterface]
public interface IChain
{
    /// <summary>The name of the network: "main", "test" or "regtest".</summary>
    string GetNetwork();

    /// <summary>The height of the last block; 0 when there is only the genesis block.</summary>
    int GetHeight();

    /// <summary>The hash of the last block.</summary>
    BlockHash GetTipHash();

    /// <summary>The hash of the block at a height.</summary>
    /// <exception cref="ArgumentOutOfRangeException">The height is negative, or above the last block's.</exception>
    BlockHash GetBlockHash(int height);

    /// <summary>A block's header; null when no such block is known.</summary>
    BlockHeaderInfo? GetBlockHeader(BlockHash hash);

    /// <summary>A block as it is serialised; null when no such block is known.</summary>
    byte[]? GetBlock(BlockHash hash);

    /// <summary>Where a block stands, on whatever branch; null when no such block is known.</summary>
    BlockInfo? FindBlock(BlockHash hash);

    /// <summary>Tells a listener of all that happens to the chain from now on, until the handler is disconnected or disposed.</summary>
    /// <param name="notifications">Called in order, on a thread that belongs to this listener alone.</param>
    IHandler HandleNotifications(IChainNotifications notifications);

    /// <summary>Says which thread runs this, then asks the caller the same, who may call again with a depth smaller by one: the call goes back and forth.</summary>
    /// <param name="depth">How often the caller is to be asked, 0 to 100.</param>
    /// <param name="callback">Asks the caller; gets the depth that is left.</param>
    /// <returns>Who ran it at each step, the outermost first.</returns>
    ThreadStep[] RunDeep(int depth, Func<int, ThreadStep[]> callback);
}
