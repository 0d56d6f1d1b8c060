using System.Diagnostics;
using System.Diagnostics.CodeAnalysis;
using Bitcoin.Hosting;
using Bitcoin.Interfaces;
using NBitcoin;

namespace Bitcoin.Indexes;

/// <summary>
/// Brings indexes to the tip of a chain and keeps them there, on a thread of its own. Uses only the contract of the
/// chain.
/// </summary>
/// <remarks>
/// The chain's notifications only wake the follower, which then asks the chain what changed. So a late, repeated or
/// missing notification does no harm. An index is being built until it has reached the tip once; then it is synced. In
/// both states it can fail, and a failed index stays failed.
/// </remarks>
internal sealed class ChainFollower : IDisposable
{
    // The longest time that a reader waits until a batch is written.
    private static readonly TimeSpan s_batch = TimeSpan.FromMilliseconds(200);

    private static readonly TimeSpan s_progress = TimeSpan.FromSeconds(30);
    private static readonly TimeSpan s_patience = TimeSpan.FromSeconds(60);

    private readonly IChain _chain;
    private readonly IReadOnlyList<ChainIndex> _indexes;
    private readonly DebugLog _log;
    private readonly Thread _thread;
    private readonly object _gate = new();

    // Guarded by the gate, which is pulsed when one of these changes.
    private readonly HashSet<ChainIndex> _failed = [];
    private long _asked;
    private long _done;
    private bool _hasEnded;

    private IHandler? _notifications;

    // Used by the thread only: several indexes process the same block one after the other.
    private FoundBlock? _lastRead;

    internal ChainFollower(IChain chain, IReadOnlyList<ChainIndex> indexes, DebugLog log)
    {
        _chain = chain;
        _indexes = indexes;
        _log = log;
        _thread = new Thread(Run) { IsBackground = true, Name = "b-index" };
    }

    /// <summary>Checks that the chain still has the blocks that the indexes need, and starts.</summary>
    internal bool Start(out string? error)
    {
        foreach (ChainIndex index in _indexes.OrderBy(index => Fork(index)?.Height ?? -1))
        {
            int next = (Fork(index)?.Height ?? -1) + 1;
            if (next <= _chain.GetHeight() && !_chain.HasBlocks(next, index.NeedsSpent))
            {
                string what = index.NeedsSpent ? " (including undo data)" : "";
                error =
                    $"{index.Name} best block of the index goes beyond pruned data{what}. Please disable the index or "
                        + $"reindex (which will download the whole blockchain again)";
                return false;
            }
        }

        foreach (ChainIndex index in _indexes.Where(static index => index.Best is not null))
        {
            LockBlocks(index);
        }

        _notifications = _chain.HandleNotifications(new Bell(Ring));
        Ring();
        _thread.Start();
        error = null;
        return true;
    }

    /// <summary>Waits until an index has processed all that has happened so far.</summary>
    internal bool CatchUp(ChainIndex index)
    {
        long end = Environment.TickCount64 + (long)s_patience.TotalMilliseconds;
        lock (_gate)
        {
            if (!index.IsSynced)
            {
                return false;
            }

            long mine = ++_asked;
            Monitor.PulseAll(_gate);
            while (_done < mine && !_failed.Contains(index) && !_hasEnded)
            {
                long left = end - Environment.TickCount64;
                if (left <= 0 || !Monitor.Wait(_gate, (int)left))
                {
                    return false;
                }
            }

            return _done >= mine && !_failed.Contains(index);
        }
    }

    public void Dispose()
    {
        lock (_gate)
        {
            _hasEnded = true;
            Monitor.PulseAll(_gate);
        }

        _notifications?.Dispose();
        if ((_thread.ThreadState & System.Threading.ThreadState.Unstarted) == 0)
        {
            _thread.Join(s_patience);
        }
    }

    private void Ring()
    {
        lock (_gate)
        {
            _asked++;
            Monitor.PulseAll(_gate);
        }
    }

    private void Run()
    {
        while (Next() is { } round)
        {
            foreach (ChainIndex index in _indexes)
            {
                if (!_failed.Contains(index) && !TryFollow(index))
                {
                    return;
                }
            }

            lock (_gate)
            {
                _done = round;
                Monitor.PulseAll(_gate);
            }
        }
    }

    /// <summary>Waits for the next request; null at the end.</summary>
    private long? Next()
    {
        lock (_gate)
        {
            while (_asked == _done && !_hasEnded)
            {
                Monitor.Wait(_gate);
            }

            return _hasEnded ? null : _asked;
        }
    }

    /// <returns>False if the thread must end.</returns>
    [SuppressMessage(
        "Design",
        "CA1031",
        Justification =
            "Whatever goes wrong with one index, or with the connection to the chain, must not end the process.")]
    private bool TryFollow(ChainIndex index)
    {
        try
        {
            long reported = Stopwatch.GetTimestamp();
            while (!Step(index))
            {
                lock (_gate)
                {
                    if (_hasEnded)
                    {
                        return false;
                    }
                }

                if (Stopwatch.GetElapsedTime(reported) > s_progress)
                {
                    reported = Stopwatch.GetTimestamp();
                    _log.Write($"Syncing {index.Name} with block chain from height {index.Best!.Height}");
                }
            }

            if (!index.IsSynced)
            {
                index.IsSynced = true;
                _log.Write($"{index.Name} is enabled at height {index.Best!.Height}");
            }

            return true;
        }
        catch (Exception exception)
        {
            lock (_gate)
            {
                if (_hasEnded)
                {
                    return false;
                }

                _failed.Add(index);
                Monitor.PulseAll(_gate);
            }

            _log.Write($"Error: {index.Name}: {exception.GetType().Name}: {exception.Message}");
            return true;
        }
    }

    /// <summary>Processes a batch of blocks.</summary>
    /// <returns>Whether the index is at the tip.</returns>
    private bool Step(ChainIndex index)
    {
        if (IsAhead(index))
        {
            return true;
        }

        Position? fork = Fork(index);
        if (fork != index.Best)
        {
            index.InTransaction(fork is null ? index.Clear : () => index.Rewind(fork));
        }

        bool isAtEnd = false;
        long began = Stopwatch.GetTimestamp();
        index.InTransaction(() =>
        {
            while (!isAtEnd && Stopwatch.GetElapsedTime(began) < s_batch)
            {
                isAtEnd = !TryRead(index, out FoundBlock? next);
                if (!isAtEnd)
                {
                    index.Append(next!);
                }
            }
        });
        LockBlocks(index);
        return isAtEnd && index.Best?.Hash == _chain.GetTipHash();
    }

    /// <summary>
    /// Whether the index has only blocks that the chain has left, above the tip. As in Bitcoin Core, it keeps them
    /// until the chain takes other blocks in their place: the chain may come back to them.
    /// </summary>
    private bool IsAhead(ChainIndex index)
    {
        uint256 tip = _chain.GetTipHash();
        return index.Best is { } best
            && best.Hash != tip
            && _chain.FindBlock(best.Hash, BlockParts.Active, out FoundBlock? known)
            && known!.IsActive == false
            && _chain.FindCommonAncestor(
                best.Hash, tip, BlockParts.None, out FoundBlock? ancestor, out _, out _)
            && ancestor!.Hash == tip;
    }

    /// <summary>
    /// The highest block from which the index can continue along the active chain; null if there is none.
    /// </summary>
    private Position? Fork(ChainIndex index)
    {
        if (index.Best is not { } best)
        {
            return null;
        }

        if (!_chain.FindBlock(best.Hash, BlockParts.Active, out FoundBlock? known))
        {
            // The chain was deleted and started again, or lost its last blocks in a power failure.
            return null;
        }

        if (known!.IsActive == true)
        {
            return best;
        }

        if (!_chain.FindCommonAncestor(
            best.Hash, _chain.GetTipHash(), BlockParts.Height, out FoundBlock? ancestor, out _, out _))
        {
            return null;
        }

        return index.ResumePoints(new Position(ancestor!.Hash, ancestor.Height!.Value)).FirstOrDefault(point =>
            _chain.FindBlock(point.Hash, BlockParts.Active, out FoundBlock? found) && found!.IsActive == true);
    }

    /// <summary>Reads the block of the active chain after the index's last block.</summary>
    /// <returns>False if there is none, or if the last block is no longer in the active chain.</returns>
    private bool TryRead(ChainIndex index, out FoundBlock? next)
    {
        next = null;
        uint256 hash;
        if (index.Best is not { } best)
        {
            hash = _chain.GetBlockHash(0);
        }
        else if (_chain.FindBlock(best.Hash, BlockParts.Next, out FoundBlock? last) && last!.Next is { } following)
        {
            hash = following;
        }
        else
        {
            return false;
        }

        if (_lastRead?.Hash != hash || (index.NeedsSpent && _lastRead.Spent is null))
        {
            BlockParts wanted = BlockParts.Height | BlockParts.Data | (_indexes.Any(static other => other.NeedsSpent)
                ? BlockParts.Spent
                : BlockParts.None);
            _lastRead = _chain.FindBlock(hash, wanted, out FoundBlock? found) ? found : null;
        }

        if (_lastRead?.Data is null || (index.NeedsSpent && _lastRead.Spent is null))
        {
            throw new InvalidDataException($"Failed to read block {hash} from disk");
        }

        next = _lastRead;
        return true;
    }

    private void LockBlocks(ChainIndex index)
    {
        if (index.AllowsPruning && index.Best is { } best)
        {
            _chain.UpdatePruneLock(index.Name, best.Height);
        }
    }

    /// <summary>Wakes the follower on each notification.</summary>
    private sealed class Bell(Action ring) : IChainNotifications
    {
        public void BlockConnected(BlockInfo block)
        {
        }

        public void BlockDisconnected(BlockInfo block)
        {
        }

        public void UpdatedBlockTip(BlockInfo tip) => ring();
    }
}
