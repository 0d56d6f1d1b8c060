using Bitcoin.Primitives;

namespace Bitcoin.Chain;

/// <summary>All blocks known, in memory, and among their branches the active chain: the one with most work, the first seen among equals.</summary>
/// <remarks>
/// Any thread may read at any time. Blocks should come from one thread: several are safe, but then a call may return
/// before the notifications of its own block are delivered, by another. Blocks are checked as far as that goes without
/// the set of unspent outputs: neither signatures nor amounts of inputs are looked at.
/// </remarks>
public sealed class BlockTree
{
    private readonly Lock _gate = new();
    private readonly TimeProvider _clock;
    private readonly ChainNotifications _notifications;

    // Both under the gate.
    private readonly Dictionary<Hash256, ChainBlock> _known = [];
    private readonly List<ChainBlock> _active = [];

    /// <summary>Starts with the network's genesis block.</summary>
    /// <param name="network">Whose rules hold.</param>
    /// <param name="clock">What tells a block of the future; null for the system's.</param>
    public BlockTree(NetworkParameters network, TimeProvider? clock = null)
    {
        Network = network;
        _clock = clock ?? TimeProvider.System;
        _notifications = new ChainNotifications(_gate);
        ChainBlock root = ChainBlock.Root(network.Genesis);
        _known.Add(root.Hash, root);
        _active.Add(root);
    }

    /// <summary>Whose rules hold.</summary>
    public NetworkParameters Network { get; }

    /// <summary>Where blocks are stored before they are taken; null for nowhere.</summary>
    public IBlockStore? Store { get; set; }

    /// <summary>What tells the time.</summary>
    public TimeProvider Clock => _clock;

    /// <summary>The last block of the active chain.</summary>
    public ChainBlock Tip
    {
        get
        {
            lock (_gate)
            {
                return _active[^1];
            }
        }
    }

    /// <summary>How many blocks are known, on whatever branch, the genesis block included.</summary>
    public int Count
    {
        get
        {
            lock (_gate)
            {
                return _known.Count;
            }
        }
    }

    /// <summary>The block of the active chain at a height; null when the chain is not that high.</summary>
    public ChainBlock? AtHeight(int height)
    {
        lock (_gate)
        {
            return height >= 0 && height < _active.Count ? _active[height] : null;
        }
    }

    /// <summary>The block with a hash, on whatever branch; null when it is not known.</summary>
    public ChainBlock? Find(Hash256 hash)
    {
        lock (_gate)
        {
            return _known.GetValueOrDefault(hash);
        }
    }

    /// <summary>Whether a block is part of the active chain.</summary>
    public bool IsActive(ChainBlock block)
    {
        lock (_gate)
        {
            return IsActiveLocked(block);
        }
    }

    /// <summary>Subscribes to the changes that follow.</summary>
    public ChainSubscription Subscribe(IChainSubscriber subscriber)
    {
        lock (_gate)
        {
            return _notifications.Add(subscriber, _active[^1]);
        }
    }

    /// <summary>Checks a block and, if it is good, adds it to the tree; if its branch now has most work, makes that the active chain.</summary>
    /// <param name="block">The block.</param>
    /// <param name="isStored">Whether it was taken before, by a clock that was right then: today's may have been put back since.</param>
    /// <returns>Where the block stands, or why it was refused. A refused block leaves no trace.</returns>
    public AcceptResult AcceptBlock(Block block, bool isStored = false)
    {
        // What needs neither parent nor lock comes first: it is most of the work.
        Refusal? refusal = BlockRules.CheckProofOfWork(block, Network) ?? BlockRules.CheckContents(block);
        AcceptResult result;
        lock (_gate)
        {
            result = AcceptLocked(block, refusal, isStored ? long.MaxValue / 2 : _clock.GetUtcNow().ToUnixTimeSeconds());
        }

        _notifications.Deliver();
        return result;
    }

    /// <summary>Whether a block could be the next of the active chain; it is not added.</summary>
    /// <param name="block">The block.</param>
    /// <param name="checkWork">Whether its work is looked at too.</param>
    /// <returns>Why it could not; null if it could.</returns>
    public Refusal? Test(Block block, bool checkWork)
    {
        ChainBlock tip = Tip;
        if (block.Header.PreviousHash != tip.Hash)
        {
            return new Refusal("inconclusive-not-best-prevblk", $"Expected a child of {tip}, came one of {block.Header.PreviousHash}.");
        }

        return (checkWork ? BlockRules.CheckProofOfWork(block, Network) : null)
            ?? BlockRules.CheckHeader(block.Header, tip, Network, _clock.GetUtcNow().ToUnixTimeSeconds())
            ?? BlockRules.CheckContents(block)
            ?? BlockRules.CheckContentsAt(block, tip, Network);
    }

    private AcceptResult AcceptLocked(Block block, Refusal? refusal, long now)
    {
        if (_known.TryGetValue(block.Hash, out ChainBlock? known) && refusal is null)
        {
            return new AcceptResult(known, new Refusal(AcceptResult.Duplicate, $"Expected a new block, came {known}."));
        }

        // A block without work costs nothing to make, so it is told so before anything else; the rest of the blame waits
        // until its place is known, as in Bitcoin Core, where a header is judged before what is behind it.
        if (refusal is { Reason: "high-hash" })
        {
            return new AcceptResult(null, refusal);
        }

        if (!_known.TryGetValue(block.Header.PreviousHash, out ChainBlock? previous) && block.Hash != Network.Genesis.Hash)
        {
            return new AcceptResult(null, new Refusal(AcceptResult.ParentNotFound, $"Expected a known parent, came {block.Header.PreviousHash}."));
        }

        if (previous is not null)
        {
            refusal = BlockRules.CheckHeader(block.Header, previous, Network, now)
                ?? refusal
                ?? BlockRules.CheckContentsAt(block, previous, Network);
        }

        if (refusal is not null || previous is null)
        {
            return new AcceptResult(null, refusal);
        }

        Store?.Append(block);
        ChainBlock added = ChainBlock.Child(block, previous);
        _known.Add(added.Hash, added);
        if (added.ChainWork > _active[^1].ChainWork)
        {
            Activate(added);
        }

        return new AcceptResult(added, null);
    }

    private void Activate(ChainBlock tip)
    {
        Stack<ChainBlock> joining = new();
        ChainBlock fork = tip;
        while (!IsActiveLocked(fork))
        {
            joining.Push(fork);
            fork = fork.Previous!;
        }

        while (_active.Count > fork.Height + 1)
        {
            ChainBlock leaving = _active[^1];
            _active.RemoveAt(_active.Count - 1);
            _notifications.Enqueue(subscriber => subscriber.BlockDisconnected(leaving));
        }

        while (joining.TryPop(out ChainBlock? connected))
        {
            _active.Add(connected);
            _notifications.Enqueue(subscriber => subscriber.BlockConnected(connected));
        }

        _notifications.Enqueue(subscriber => subscriber.TipUpdated(tip));
    }

    private bool IsActiveLocked(ChainBlock block) => block.Height < _active.Count && ReferenceEquals(_active[block.Height], block);
}
