using Multiprocess.CapnProto;

namespace Bitcoin.Core;

/// <summary>The interface of a node for miners.</summary>
/// <remarks>Hashes are 32 bytes in the order of the network; blocks and transactions are as on the network.</remarks>
[CapnpInterface(0xf9c68436df3af39e, Context = true)]
public interface IMining
{
    /// <summary>Whether the network is a test network.</summary>
    [CapnpMethod(0)]
    bool IsTestChain();

    /// <summary>Whether the node still catches up with the chain.</summary>
    [CapnpMethod(1)]
    bool IsInitialBlockDownload();

    /// <summary>The last block of the active chain; null while there is none.</summary>
    [CapnpMethod(2)]
    [return: CapnpField(0, Has = 1)]
    BlockRef? GetTip();

    /// <summary>Waits until the tip differs from the one that the caller knows.</summary>
    /// <param name="currentTip">The hash of the tip that the caller knows.</param>
    /// <param name="timeout">The longest time to wait, in milliseconds.</param>
    /// <param name="cancellationToken">Ends the wait.</param>
    /// <returns>
    /// The tip at the end of the wait, which may be the same one; null if the wait was interrupted or the node shuts
    /// down.
    /// </returns>
    [CapnpMethod(3)]
    BlockRef? WaitTipChanged(
        byte[] currentTip,
        [CapnpField(2, Default = double.MaxValue)] double timeout,
        CancellationToken cancellationToken = default);

    /// <summary>A block to work on, on the current tip.</summary>
    /// <param name="options">What the block contains.</param>
    /// <param name="cooldown">
    /// Whether to wait until the node has caught up with the chain. On a network with one miner it may never have.
    /// </param>
    /// <param name="cancellationToken">Ends the wait.</param>
    /// <returns>The template; null if the wait was interrupted or the node shuts down.</returns>
    [CapnpMethod(4)]
    IBlockTemplate? CreateNewBlock(
        BlockCreateOptions options,
        [CapnpField(2, Default = true)] bool cooldown,
        CancellationToken cancellationToken = default);

    /// <summary>Whether the node would accept a block on the current tip.</summary>
    /// <param name="block">The block.</param>
    /// <param name="options">What to check.</param>
    /// <param name="reason">The reason of the refusal, one word; empty if there is none.</param>
    /// <param name="debug">The refusal in detail; empty if there is none.</param>
    [CapnpMethod(5)]
    bool CheckBlock(byte[] block, BlockCheckOptions options, out string reason, out string debug);

    /// <summary>Ends the waits of <see cref="WaitTipChanged"/> and <see cref="CreateNewBlock"/>.</summary>
    [CapnpMethod(6, Context = -1)]
    void Interrupt();

    /// <summary>Submits a complete block.</summary>
    /// <param name="block">The block.</param>
    /// <param name="reason">The reason of the refusal, one word; empty if there is none.</param>
    /// <param name="debug">The refusal in detail; empty if there is none.</param>
    /// <returns>Whether the block is new, and now on the best branch.</returns>
    [CapnpMethod(7)]
    bool SubmitBlock(byte[] block, out string reason, out string debug);

    /// <summary>Transactions of the mempool, by their ids.</summary>
    /// <returns>One for each id; empty for a transaction that is not there.</returns>
    [CapnpMethod(8)]
    byte[][] GetTransactionsByTxId(byte[][] txids);

    /// <summary>Transactions of the mempool, by the hashes of their witnesses.</summary>
    /// <returns>One for each hash; empty for a transaction that is not there.</returns>
    [CapnpMethod(9)]
    byte[][] GetTransactionsByWitnessId(byte[][] wtxids);
}
