namespace Bitcoin.Chain;

// The branch with the most work that failed. A long one means that this node or its peers are wrong.
public sealed partial class BlockTree
{
    private const int LongBlocks = 6;

    // Guarded by the gate: the block with the most work that failed, or that has a failed ancestor; null for none.
    private ChainBlock? _bestFailed;

    /// <summary>
    /// Whether a branch that failed has more work than the active chain would have with six more blocks.
    /// </summary>
    internal bool HasLongFailedBranch
    {
        get
        {
            lock (_gate)
            {
                ChainBlock tip = _active[^1];
                System.Numerics.BigInteger proof = tip.ChainWork - (tip.Previous?.ChainWork ?? 0);
                return _bestFailed is { } failed && failed.ChainWork > tip.ChainWork + (proof * LongBlocks);
            }
        }
    }

    /// <summary>Records a block that failed, or whose ancestor did. Called under the gate.</summary>
    private void NoteFailed(ChainBlock block)
    {
        if (_bestFailed is null || block.ChainWork > _bestFailed.ChainWork)
        {
            _bestFailed = block;
        }

        Tell(static subscriber => subscriber.FailuresChanged());
    }

    /// <summary>Called under the gate after the failures of blocks were removed.</summary>
    private void ForgetFailed()
    {
        if (_bestFailed is { HasFailed: false })
        {
            _bestFailed = null;
            Tell(static subscriber => subscriber.FailuresChanged());
        }
    }
}
