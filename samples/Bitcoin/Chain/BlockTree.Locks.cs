namespace Bitcoin.Chain;

// Protects blocks from pruning while somebody needs them.
public sealed partial class BlockTree
{
    /// <summary>
    /// How many blocks below a reader's position are kept too, in case that blocks leave the chain.
    /// </summary>
    private const int LockBuffer = 10;

    // Guarded by the gate: the height of the last block that each reader has read.
    private readonly SortedDictionary<string, int> _pruneLocks = new(StringComparer.Ordinal);

    /// <summary>Records the height up to which a reader has read the blocks.</summary>
    internal void UpdatePruneLock(string name, int height)
    {
        lock (_gate)
        {
            _pruneLocks[name] = height;
        }
    }

    /// <summary>
    /// Whether all blocks of the active chain from a height on are stored, optionally with the outputs that they spent.
    /// </summary>
    internal bool HasBlocks(int minHeight, bool withSpent)
    {
        lock (_gate)
        {
            for (int height = Math.Max(0, minHeight); height < _active.Count; height++)
            {
                ChainBlock block = _active[height];
                if (!HasData(block) || (withSpent && height > 0 && (block.Status & BlockStatus.HasUndo) == 0))
                {
                    return false;
                }
            }

            return true;
        }
    }

    /// <summary>The height of the last block that no reader has locked.</summary>
    private int LastUnlocked()
    {
        int last = _active.Count - 1;
        foreach ((string name, int height) in _pruneLocks)
        {
            int unlocked = height - LockBuffer - 1;
            if (unlocked <= last)
            {
                last = Math.Max(1, unlocked);
                _options.Log("prune", $"{name} limited pruning to height {last}");
            }
        }

        return last;
    }

    /// <summary>
    /// Moves the readers' positions back: after a reorganisation they read the new blocks at these heights.
    /// </summary>
    private void MoveLocksBack(int height)
    {
        foreach ((string name, int locked) in _pruneLocks.ToArray())
        {
            if (locked > height)
            {
                _pruneLocks[name] = height;
                _options.Log("prune", $"{name} prune lock moved back to {height}");
            }
        }
    }
}
