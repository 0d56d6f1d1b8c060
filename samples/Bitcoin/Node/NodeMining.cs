using Bitcoin.Chain;
using Bitcoin.Interfaces;

namespace Bitcoin.Node;

/// <summary>Mines on the node's chain, on regtest.</summary>
public sealed class NodeMining : IMining
{
    private const int MaxBlocks = 10_000;

    private readonly BlockTree _tree;
    private readonly CancellationToken _stop;

    // Two callers at once would mine on the same tip, and one of each pair of blocks would be for nothing.
    private readonly Lock _oneAtATime = new();

    /// <summary>Mines on a chain until told to stop.</summary>
    public NodeMining(BlockTree tree, CancellationToken stop)
    {
        _tree = tree;
        _stop = stop;
    }

    /// <inheritdoc/>
    public BlockHash[] Generate(int count, byte[] script)
    {
        ArgumentNullException.ThrowIfNull(script);
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(count);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(count, MaxBlocks);
        if (!_tree.Network.NeverRetargets)
        {
            throw new InvalidOperationException($"Mining takes no more than a moment on regtest only; this is {_tree.Network}.");
        }

        lock (_oneAtATime)
        {
            return [.. Miner.Mine(_tree, count, script, _stop).Select(static block => block.Hash.ToValue())];
        }
    }
}
