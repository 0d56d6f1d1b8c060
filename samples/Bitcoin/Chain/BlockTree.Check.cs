namespace Bitcoin.Chain;

// Looks for contradictions in the tree: -checkblockindex.
public sealed partial class BlockTree
{
    /// <summary>The first contradiction; null for none. Called under the gate.</summary>
    internal string? FindContradiction()
    {
        for (int height = 0; height < _active.Count; height++)
        {
            ChainBlock block = _active[height];
            string? wrong = block.Height != height ? $"Expected height {height}, got {block.Height}."
                : !ReferenceEquals(block.Previous, height == 0 ? null : _active[height - 1])
                    ? "Expected the block before it in the chain as its parent."
                : block.HasFailed ? "Expected a valid block in the chain, got one that failed."
                : !ReferenceEquals(_known.GetValueOrDefault(block.Hash), block) ? "Expected it among the known blocks."
                : null;
            if (wrong is not null)
            {
                return $"Block {block.Hash}: {wrong}";
            }
        }

        foreach (ChainBlock block in _known.Values)
        {
            bool isCounted = block is { ChainTransactions: not 0, Previous: not null };
            string? wrong = block.Previous is { } previous && !_known.ContainsKey(previous.Hash)
                ? "Expected its parent among the known blocks."
                : isCounted && block.Previous!.ChainTransactions + block.TransactionCount != block.ChainTransactions
                ? $"Expected {block.Previous.ChainTransactions} + {block.TransactionCount} transactions, got "
                    + $"{block.ChainTransactions}."
                : null;
            if (wrong is not null)
            {
                return $"Block {block.Hash}: {wrong}";
            }
        }

        ChainBlock tip = _active[^1];
        return _candidates.FirstOrDefault(block => !_known.ContainsKey(block.Hash)) is { } stranger
            ? $"Block {stranger.Hash}: Expected a candidate among the known blocks."
            : _bestHeader.HasFailed || _bestHeader.ChainWork < tip.ChainWork
            ? $"Block {_bestHeader.Hash}: Expected the best header to be valid, with as much work as the tip."
            : null;
    }

    /// <summary>Checks the tree now and then, and ends the node if it contradicts itself.</summary>
    private void CheckSometimes()
    {
        if (_options.CheckEvery > 0
            && Random.Shared.Next(_options.CheckEvery) == 0
            && FindContradiction() is { } contradiction)
        {
            _options.Fatal(contradiction);
        }
    }
}
