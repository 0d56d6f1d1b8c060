using Multiprocess;

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
}
