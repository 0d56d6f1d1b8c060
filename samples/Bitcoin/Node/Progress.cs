using Bitcoin.Chain;

namespace Bitcoin.Node;

/// <summary>Estimates which part of the chain the node has.</summary>
internal static class Progress
{
    // The rate for networks where it is not known.
    private const double TransactionsPerSecond = 0.001;

    /// <summary>0 to 1: the transactions up to a block, divided by those that there should be by now.</summary>
    internal static double Of(BlockTree tree, ChainBlock block)
    {
        double age = Math.Max(0, tree.Clock.GetUtcNow().ToUnixTimeSeconds() - (long)block.Time);
        double all = block.ChainTransactions + (age * TransactionsPerSecond);
        return block.ChainTransactions == 0
            ? 0
            : tree.BestHeader.Height <= block.Height && age <= 7200
            ? 1
            : Math.Min(1, block.ChainTransactions / all);
    }
}
