namespace Bitcoin.Chain;

// Who still needs blocks that could be deleted otherwise.
public sealed partial class BlockTree
{
    /// <summary>
    /// How many blocks below the one that somebody has read are kept too, for when the chain leaves some.
    /// </summary>
    private const int LockBuffer = 10;

    // Under the gate: the height of the last block that each has read.
    private readonly SortedDictionary<string, int> _pruneLocks = new(StringComparer.Ordinal);

    /// <summary>Notes up to which height somebody has read the blocks.</summary>
    internal void UpdatePruneLock(string name, int height)
    {
        lock (_gate)
        {
            _pruneLocks[name] = height;
        }
    }

    /// <summary>
    /// Whether all blocks of the active chain from a height on are stored, and what they spent if that is asked for.
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

    /// <summary>The height of the last block that nobody has locked.</summary>
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

    /// <summary>Blocks that the chain leaves are read again in another form.</summary>
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
