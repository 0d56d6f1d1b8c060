using Bitcoin.Chain;
using NBitcoin;

namespace Bitcoin.Node;

/// <summary>
/// Warns while a branch that failed is much longer than the chain: this node's files or its rules may be wrong.
/// </summary>
/// <remarks>Called on one thread at a time.</remarks>
internal sealed class LongFailedBranch(NodeContext node) : IChainSubscriber
{
    private const string Found =
        "Found invalid chain more than 6 blocks longer than our best chain. This could be due to database corruption "
            + "or consensus incompatibility with peers.";

    /// <inheritdoc/>
    public void BlockConnected(ChainBlock block, Block data)
    {
    }

    /// <inheritdoc/>
    public void BlockDisconnected(ChainBlock block, Block data)
    {
    }

    /// <inheritdoc/>
    public void TipUpdated(ChainBlock tip) => Look();

    /// <inheritdoc/>
    public void FailuresChanged() => Look();

    private void Look()
    {
        if (node.Tree.HasLongFailedBranch)
        {
            node.Log.Warn(Found);
            node.Messages.Warn(nameof(LongFailedBranch), $"Warning: {Found}");
        }
        else
        {
            node.Messages.EndWarning(nameof(LongFailedBranch));
        }
    }
}
