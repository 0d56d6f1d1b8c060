namespace Bitcoin.Chain;

// An operator's decisions about blocks.
public sealed partial class BlockTree
{
    /// <summary>
    /// The most blocks whose transactions wait again after their invalidation. Those of deeper blocks are likely to be
    /// in conflict with what was mined since; nobody expects them to be sent again.
    /// </summary>
    private const int MaxReturnedBlocks = 10;

    private long _preciousSequence;

    /// <summary>
    /// Treats a block and its descendants as invalid. As in Bitcoin Core, this is on the disk with the next flush only.
    /// </summary>
    internal void Invalidate(ChainBlock block)
    {
        lock (_activation)
        {
            for (int disconnected = 1; true; disconnected++)
            {
                lock (_gate)
                {
                    if (!IsActiveLocked(block))
                    {
                        break;
                    }

                    DisconnectTip();
                    Follower?.Settled(reorganized: true, returns: disconnected <= MaxReturnedBlocks);
                    ChainBlock tip = _active[^1];
                    _notifications.Enqueue(subscriber => subscriber.TipUpdated(tip));
                }

                _notifications.Deliver();
            }

            lock (_gate)
            {
                block.Status |= BlockStatus.Failed;
                _dirty.Add(block);
                _candidates.Remove(block);
                NoteFailed(block);
                MarkDescendants();
                RefillCandidates();
                FindBestHeader();
            }
        }

        Activate();
    }

    /// <summary>Removes the failures of a block, of its ancestors and of its descendants.</summary>
    internal void Reconsider(ChainBlock block)
    {
        lock (_gate)
        {
            foreach (ChainBlock other in _known.Values)
            {
                bool isRelated = other.HasFailed
                    && (other.Height >= block.Height
                        ? ReferenceEquals(other.Ancestor(block.Height), block)
                        : ReferenceEquals(block.Ancestor(other.Height), other));
                if (isRelated)
                {
                    other.Status &= ~BlockStatus.AnyFailure;
                    _failures.Remove(other.Hash);
                    _dirty.Add(other);
                }
            }

            ForgetFailed();

            RefillCandidates();
            FindBestHeader();
        }

        Activate();
    }

    /// <summary>Prefers a block to others with the same work.</summary>
    internal void Prefer(ChainBlock block)
    {
        lock (_gate)
        {
            if (block.ChainWork < _active[^1].ChainWork)
            {
                return;
            }

            _candidates.Remove(block);
            block.Sequence = --_preciousSequence;
            _dirty.Add(block);
            if (!block.HasFailed && block.ChainTransactions > 0)
            {
                _candidates.Add(block);
            }
        }

        Activate();
    }

    private void RefillCandidates()
    {
        ChainBlock tip = _active[^1];
        _candidates.RemoveWhere(static block => block.HasFailed);
        foreach (ChainBlock block in _known.Values)
        {
            if (!block.HasFailed && HasData(block) && block.ChainTransactions > 0 && Compare(block, tip) >= 0)
            {
                _candidates.Add(block);
            }
        }
    }
}
