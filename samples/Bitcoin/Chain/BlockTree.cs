using System.Diagnostics.CodeAnalysis;
using Bitcoin.Chain.Coins;
using Bitcoin.Chain.Rules;
using Bitcoin.Chain.Storage;
using Bitcoin.Primitives;
using NBitcoin;

namespace Bitcoin.Chain;

/// <summary>All blocks that are known, the best chain of them, and the coins at its end.</summary>
/// <remarks>
/// A block is a header first; with its transactions it becomes a candidate; the candidate with the most work is
/// connected, which checks it against the coins. All of this happens under one gate; who changes the active chain also
/// holds the activation lock, taken before the gate, so that the gate is free between two blocks. Any thread may call.
/// </remarks>
public sealed partial class BlockTree : IDisposable
{
    private readonly Lock _gate = new();

    // Held over a whole activation. Taken before the gate.
    private readonly Lock _activation = new();

    private readonly TimeProvider _clock;
    private readonly ChainNotifications _notifications;
    private readonly TreeOptions _options;
    private readonly ScriptCheck _scripts;
    private readonly BlockConnection _connection;

    // All under the gate.
    private readonly Dictionary<uint256, ChainBlock> _known = [];
    private readonly List<ChainBlock> _active = [];
    private readonly SortedSet<ChainBlock> _candidates = new(Comparer<ChainBlock>.Create(Compare));
    private readonly Dictionary<ChainBlock, List<ChainBlock>> _waiting = [];
    private readonly HashSet<ChainBlock> _dirty = [];
    private readonly Dictionary<uint256, Refusal> _failures = [];
    private ChainBlock _bestHeader;
    private long _sequence;

    /// <summary>A tree in memory, with nothing but the genesis block.</summary>
    public BlockTree(NetworkParameters network, TimeProvider? clock = null)
        : this(network, clock, new TreeOptions())
    {
    }

    /// <summary>The tree that is stored in a directory.</summary>
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

    /// <summary>Whose rules hold.</summary>
    public NetworkParameters Network { get; }

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

    /// <summary>How many blocks are known, on all branches.</summary>
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

    /// <summary>The header with the most work that is not known to be bad.</summary>
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

    /// <summary>Changes together with the chain.</summary>
    internal IChainFollower? Follower { get; set; }

    internal ScriptCheck Scripts => _scripts;

    /// <summary>Lines for the log: category (empty for always), text.</summary>
    internal Action<string, string> Log => _options.Log;

    /// <summary>
    /// The gate under which the chain changes. Held for moments by who must see chain, coins and pool agree.
    /// </summary>
    internal Lock Gate => _gate;

    /// <summary>The coins at the tip; to be used under the gate.</summary>
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

    /// <summary>An output that nobody has spent; null for any other.</summary>
    public UnspentCoin? FindCoin(OutPoint id)
    {
        lock (_gate)
        {
            return _coins.Find(id);
        }
    }

    /// <summary>A block's transactions; null when they are not, or no longer, stored.</summary>
    /// <exception cref="IOException">It cannot be read.</exception>
    /// <exception cref="InvalidDataException">Something else stands where it was stored.</exception>
    public Block? Read(ChainBlock block) => ReadBytes(block) is { } bytes ? Parse(bytes, block.Hash) : null;

    /// <summary>A block as it is serialised; null when it is not, or no longer, stored.</summary>
    public byte[]? ReadBytes(ChainBlock block)
    {
        ArgumentNullException.ThrowIfNull(block);
        return HasData(block) ? _store.Read(block.Data) : null;
    }

    /// <summary>
    /// Tells subscribers of something that happened to the pool, in its turn among what happens to the chain. Under the
    /// gate.
    /// </summary>
    internal void Tell(Action<IChainSubscriber> what)
    {
        _notifications.Enqueue(what);

        // Not here, where the gate is held.
        ThreadPool.UnsafeQueueUserWorkItem(
            static notifications => notifications.Deliver(), _notifications, preferLocal: false);
    }

    /// <summary>Waits until subscribers have been told of all that happened so far.</summary>
    /// <returns>False when it took longer than the bound.</returns>
    internal bool WaitForDelivery(TimeSpan bound)
    {
        _notifications.Deliver();
        return SpinWait.SpinUntil(() => _notifications.IsIdle, bound);
    }

    /// <summary>Tells a subscriber of all that happens from now on.</summary>
    public ChainSubscription Subscribe(IChainSubscriber subscriber)
    {
        lock (_gate)
        {
            return _notifications.Add(subscriber, _active[^1]);
        }
    }

    /// <summary>What each transaction of a block but the coinbase spent; null when it is not stored.</summary>
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
                $"Block file: expected block {hash}, got {bytes.Length} bytes that are not that block.");
    }

    private bool IsActiveLocked(ChainBlock block)
        => block.Height < _active.Count && ReferenceEquals(_active[block.Height], block);

    /// <summary>By work; of two with the same the one that came first is better.</summary>
    private static int Compare(ChainBlock? one, ChainBlock? other)
    {
        int byWork = one!.ChainWork.CompareTo(other!.ChainWork);
        int bySequence = other.Sequence.CompareTo(one.Sequence);
        return byWork != 0 ? byWork : bySequence != 0 ? bySequence : one.Hash.CompareTo(other.Hash);
    }
}
