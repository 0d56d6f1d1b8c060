using System.Diagnostics.CodeAnalysis;
using Bitcoin.Chain.Coins;
using Bitcoin.Chain.Rules;
using Bitcoin.Chain.Storage;
using Bitcoin.Primitives;
using NBitcoin;

namespace Bitcoin.Chain;

/// <summary>All known blocks, the best chain of them, and the unspent outputs at its end.</summary>
/// <remarks>
/// A block starts as a header. With its transactions it becomes a candidate. The candidate with the most work is
/// connected, which checks it against the coins. All of this happens under one gate. Code that changes the active chain
/// also holds the activation lock, which is taken before the gate; so the gate is free between two blocks. Thread-safe.
/// </remarks>
public sealed partial class BlockTree : IDisposable
{
    private readonly Lock _gate = new();

    // Held during a whole activation. Taken before the gate.
    private readonly Lock _activation = new();

    private readonly TimeProvider _clock;
    private readonly ChainNotifications _notifications;
    private readonly TreeOptions _options;
    private readonly ScriptCheck _scripts;
    private readonly BlockConnection _connection;

    // All guarded by the gate.
    private readonly Dictionary<uint256, ChainBlock> _known = [];
    private readonly List<ChainBlock> _active = [];
    private readonly SortedSet<ChainBlock> _candidates = new(Comparer<ChainBlock>.Create(Compare));
    private readonly Dictionary<ChainBlock, List<ChainBlock>> _waiting = [];
    private readonly HashSet<ChainBlock> _dirty = [];
    private readonly Dictionary<uint256, Refusal> _failures = [];
    private ChainBlock _bestHeader;
    private long _sequence;

    /// <summary>Creates a tree in memory with only the genesis block.</summary>
    public BlockTree(NetworkParameters network, TimeProvider? clock = null)
        : this(network, clock, new TreeOptions())
    {
    }

    /// <summary>Opens the tree that is stored in a directory.</summary>
    /// <exception cref="IOException">The directory cannot be used.</exception>
    /// <exception cref="InvalidDataException">What is stored is damaged.</exception>
    internal BlockTree(NetworkParameters network, TimeProvider? clock, TreeOptions options)
    {
        ArgumentNullException.ThrowIfNull(network);
        Network = network;
        _clock = clock ?? TimeProvider.System;
        _options = options;
        _notifications = new ChainNotifications(_gate);
        _scripts = new ScriptCheck(options.ScriptThreads);
        _connection = new BlockConnection(network, _scripts);
        OpenStores();
        LoadIndex();
        _bestHeader ??= _active[0];
    }

    /// <summary>The network whose rules apply.</summary>
    public NetworkParameters Network { get; }

    /// <summary>The clock.</summary>
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

    /// <summary>The number of known blocks, on all branches.</summary>
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

    /// <summary>The header with the most work that is not known to be invalid.</summary>
    internal ChainBlock BestHeader
    {
        get
        {
            lock (_gate)
            {
                return _bestHeader;
            }
        }
    }

    /// <summary>Is called for each change of the chain, under the gate.</summary>
    internal IChainFollower? Follower { get; set; }

    internal ScriptCheck Scripts => _scripts;

    /// <summary>Lines for the log: category (empty for always), text.</summary>
    internal Action<string, string> Log => _options.Log;

    /// <summary>
    /// The gate under which the chain changes. Held for short times by code that needs a consistent view of chain,
    /// coins and pool.
    /// </summary>
    internal Lock Gate => _gate;

    /// <summary>The coins at the tip. Use under the gate only.</summary>
    internal ICoinView Coins => _coins;

    internal CoinCache Cache => _coins;

    /// <summary>The block of the active chain at a height; null above its end.</summary>
    public ChainBlock? AtHeight(int height)
    {
        lock (_gate)
        {
            return height >= 0 && height < _active.Count ? _active[height] : null;
        }
    }

    /// <summary>A block of any branch; null when it is not known.</summary>
    public ChainBlock? Find(uint256 hash)
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

    /// <summary>An unspent output; null if it is spent or unknown.</summary>
    public UnspentCoin? FindCoin(OutPoint id)
    {
        lock (_gate)
        {
            return _coins.Find(id);
        }
    }

    /// <summary>A block's transactions; null if they are not stored (any more).</summary>
    /// <exception cref="IOException">It cannot be read.</exception>
    /// <exception cref="InvalidDataException">The file contains something else at the block's position.</exception>
    public Block? Read(ChainBlock block) => ReadBytes(block) is { } bytes ? Parse(bytes, block.Hash) : null;

    /// <summary>A block's transactions; null if they are not stored (any more), or cannot be read.</summary>
    public Block? TryRead(ChainBlock block)
    {
        try
        {
            return Read(block);
        }
        catch (Exception exception) when (exception is IOException or InvalidDataException)
        {
            return null;
        }
    }

    /// <summary>A serialised block; null if it is not stored (any more).</summary>
    public byte[]? ReadBytes(ChainBlock block)
    {
        ArgumentNullException.ThrowIfNull(block);
        return HasData(block) ? _store.Read(block.Data) : null;
    }

    /// <summary>
    /// Queues a notification about the pool, in order with those about the chain. Called under the gate.
    /// </summary>
    internal void Tell(Action<IChainSubscriber> what)
    {
        _notifications.Enqueue(what);

        // Not on this thread, which holds the gate.
        ThreadPool.UnsafeQueueUserWorkItem(
            static notifications => notifications.Deliver(), _notifications, preferLocal: false);
    }

    /// <summary>Waits until subscribers have received all notifications so far.</summary>
    /// <returns>False if it took longer than the bound.</returns>
    internal bool WaitForDelivery(TimeSpan bound)
    {
        _notifications.Deliver();
        return SpinWait.SpinUntil(() => _notifications.IsIdle, bound);
    }

    /// <summary>Adds a subscriber for all that happens from now on.</summary>
    public ChainSubscription Subscribe(IChainSubscriber subscriber)
    {
        lock (_gate)
        {
            return _notifications.Add(subscriber, _active[^1]);
        }
    }

    /// <summary>
    /// The outputs that each transaction of a block except the coinbase spent; null if they are not stored.
    /// </summary>
    internal List<UnspentCoin[]>? ReadUndo(ChainBlock block)
    {
        return block.Previous is null
            ? []
            : (block.Status & BlockStatus.HasUndo) != 0
            ? CoinCodec.ReadUndo(_store.ReadUndo(block.Undo, block.Previous.Hash))
            : null;
    }

    internal bool HasData(ChainBlock block) => (block.Status & BlockStatus.HasData) != 0;

    /// <summary>The ends of all branches.</summary>
    internal IReadOnlyList<ChainBlock> Tips()
    {
        lock (_gate)
        {
            HashSet<ChainBlock> parents =
                [
                    .. _known.Values.Where(
                        block => !IsActiveLocked(
                            block) && block.Previous is not null).Select(static block => block.Previous!),
                ];
            return
            [
                .. _known.Values.Where(
                    block => (!IsActiveLocked(block)
                        && !parents.Contains(block)) || ReferenceEquals(block, _active[^1])),
            ];
        }
    }

    internal IReadOnlyList<ChainBlock> All()
    {
        lock (_gate)
        {
            return [.. _known.Values];
        }
    }

    internal bool TryParse(byte[] bytes, [NotNullWhen(true)] out Block? block)
        => BlockParser.TryParse(bytes, Network, out block);

    private Block Parse(byte[] bytes, uint256 hash)
    {
        return BlockParser.TryParse(bytes, Network, out Block? block, allowsMore: false)
            && block.GetHash() == hash ? block
            : throw new InvalidDataException(
                $"Block file: Expected block {hash}, got {bytes.Length} bytes that are not that block.");
    }

    private bool IsActiveLocked(ChainBlock block)
        => block.Height < _active.Count && ReferenceEquals(_active[block.Height], block);

    /// <summary>Compares by work; with equal work, the block that came first is better.</summary>
    private static int Compare(ChainBlock? one, ChainBlock? other)
    {
        int byWork = one!.ChainWork.CompareTo(other!.ChainWork);
        int bySequence = other.Sequence.CompareTo(one.Sequence);
        return byWork != 0 ? byWork : bySequence != 0 ? bySequence : one.Hash.CompareTo(other.Hash);
    }
}
