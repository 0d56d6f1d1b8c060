using Bitcoin.Chain;
using Bitcoin.Interfaces;
using Bitcoin.Node.Mempool;
using NBitcoin;

namespace Bitcoin.Node;

/// <summary>What Bitcoin Core's interface for miners adds: a wait until the node is ready, and the pool.</summary>
public sealed partial class NodeMining
{
    // While blocks are missing, it waits as long as Bitcoin Core does: longer if more are missing.
    private const int LeastSecondsBehind = 3;
    private const int MostSecondsBehind = 20;

    /// <inheritdoc/>
    public IBlockTemplate? CreateBlockWhenReady(
        BlockCreateOptions options, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(options);
        ChainBlock? tip = _node.Tips.Wait(
            _ => _node.IsInitialDownload, Timeout.InfiniteTimeSpan, cancellationToken);
        while (tip is not null && _node.Tree.BestHeader.Height - tip.Height is > 0 and int behind)
        {
            ChainBlock last = tip;
            tip = _node.Tips.Wait(
                current => ReferenceEquals(current, last),
                TimeSpan.FromSeconds(Math.Clamp(behind, LeastSecondsBehind, MostSecondsBehind)),
                cancellationToken);
            if (ReferenceEquals(tip, last))
            {
                break; // The missing blocks do not come.
            }
        }

        return tip is null ? null : new BlockTemplate(_node, options);
    }

    /// <inheritdoc/>
    public Transaction?[] GetTransactionsByTxId(uint256[] ids) => FromPool(ids, _node.Pool.Find);

    /// <inheritdoc/>
    public Transaction?[] GetTransactionsByWitnessId(uint256[] ids) => FromPool(ids, _node.Pool.FindByWitness);

    private Transaction?[] FromPool(uint256[] ids, Func<uint256, PoolEntry?> find)
    {
        ArgumentNullException.ThrowIfNull(ids);
        lock (_node.Tree.Gate)
        {
            return [.. ids.Select(id => find(id)?.Transaction)];
        }
    }
}
