using Multiprocess.CapnProto;

namespace Bitcoin.Core;

/// <summary>A block to work on. It lives in the node until it is disposed.</summary>
[CapnpInterface(0xf9671ad841b2f622, Context = true, Destroy = 0)]
public interface IBlockTemplate : IDisposable
{
    /// <summary>The header, without the work: 80 bytes.</summary>
    [CapnpMethod(1)]
    byte[] GetBlockHeader();

    /// <summary>The block. Its coinbase is not to be used; see <see cref="GetCoinbaseTx"/>.</summary>
    [CapnpMethod(2)]
    byte[] GetBlock();

    /// <summary>The fee of each transaction except the coinbase, in satoshis.</summary>
    [CapnpMethod(3)]
    long[] GetTxFees();

    /// <summary>The cost of signature operations of each transaction except the coinbase.</summary>
    [CapnpMethod(4)]
    long[] GetTxSigops();

    /// <summary>What the coinbase must contain.</summary>
    [CapnpMethod(5)]
    CoinbaseTx GetCoinbaseTx();

    /// <summary>The hashes from which a miner computes the merkle root for a changed coinbase.</summary>
    [CapnpMethod(6)]
    byte[][] GetCoinbaseMerklePath();

    /// <summary>Submits the block with its proof of work.</summary>
    /// <param name="version">The header's version.</param>
    /// <param name="timestamp">The header's time.</param>
    /// <param name="nonce">The header's nonce.</param>
    /// <param name="coinbase">The coinbase, with its witness.</param>
    /// <param name="reason">The reason of the refusal, one word; empty if there is none.</param>
    /// <param name="debug">The refusal in detail; empty if there is none.</param>
    /// <returns>Whether the block is new, and now on the best branch.</returns>
    [CapnpMethod(10)]
    bool SubmitSolution(
        uint version, uint timestamp, uint nonce, byte[] coinbase, out string reason, out string debug);

    /// <summary>Waits until there is something better to work on: a new tip, or higher fees.</summary>
    /// <param name="options">How long to wait, and for which fees.</param>
    /// <param name="cancellationToken">Ends the wait.</param>
    /// <returns>The next template; null if the time has passed, the wait was interrupted, or the node shuts
    /// down.</returns>
    [CapnpMethod(8)]
    IBlockTemplate? WaitNext(BlockWaitOptions options, CancellationToken cancellationToken = default);

    /// <summary>Ends the wait of <see cref="WaitNext"/>.</summary>
    [CapnpMethod(9, Context = -1)]
    void InterruptWait();

    /// <summary><see cref="SubmitSolution"/> of earlier versions. Every server refuses it.</summary>
    [CapnpMethod(7)]
    bool SubmitSolutionWithoutReason(uint version, uint timestamp, uint nonce, byte[] coinbase);
}
