using Bitcoin.Chain;
using Bitcoin.Hosting;
using Bitcoin.Interfaces;
using Bitcoin.Node.Mempool;
using Bitcoin.Primitives;
using Bitcoin.Rpc;
using NBitcoin;

namespace Bitcoin.Node;

/// <summary>The objects that all parts of a node share.</summary>
public sealed class NodeContext : IDisposable
{
    private readonly CancellationTokenSource _stop = new();
    private BlockTree? _tree;
    private TransactionPool? _pool;
    private TipWatch? _tips;
    private volatile bool _hasLeftInitialDownload;

    /// <summary>Creates a node with a chain in memory that has only the genesis block.</summary>
    /// <param name="network">The network.</param>
    /// <param name="process">Which process this is.</param>
    /// <param name="log">The process's log.</param>
    /// <param name="settings">The settings; null for none.</param>
    /// <param name="clock">The clock; null for the system's.</param>
    public NodeContext(
        NetworkParameters network,
        ThisProcess process,
        DebugLog log,
        Settings? settings = null,
        TimeProvider? clock = null)
        : this(process, log, settings, clock)
    {
        Open(network, new TreeOptions { Stop = Stopping }, new PoolOptions());
    }

    /// <summary>Creates a node whose chain is not open yet.</summary>
    internal NodeContext(ThisProcess process, DebugLog log, Settings? settings, TimeProvider? clock)
    {
        Process = process;
        Log = log;
        Settings = settings;
        Clock = new MockClock(clock);
        Stored = new StoredSettings(
            settings is null || settings.Last("settings") == "0"
                ? null
                : Path.Combine(
                    settings.Directory, settings.Last("settings") is { Length: > 0 } path ? path : "settings.json"));
        Chain = new NodeChain(this);
        Mining = new NodeMining(this);
        Assembler = new BlockAssembler(this);
        Activity = new ActivityWatch(ReadActivity);
    }

    /// <summary>Which process this is.</summary>
    public ThisProcess Process { get; }

    /// <summary>The process's log.</summary>
    public DebugLog Log { get; }

    /// <summary>The settings; null for none.</summary>
    public Settings? Settings { get; }

    /// <summary>The clock.</summary>
    public MockClock Clock { get; }

    /// <summary>The blocks.</summary>
    /// <exception cref="InvalidOperationException">The chain is not open yet.</exception>
    public BlockTree Tree => _tree ?? throw new InvalidOperationException("The chain is not open yet.");

    /// <summary>Whether the chain is open.</summary>
    public bool IsOpen => _tree is not null;

    /// <summary>The settings that can change while the node runs.</summary>
    public StoredSettings Stored { get; }

    /// <summary>The JSON-RPC methods.</summary>
    public RpcTable Rpc { get; } = new();

    /// <summary>Messages and questions for the user.</summary>
    public NodeMessages Messages { get; } = new();

    /// <summary>
    /// Shows a message at once, while the node starts, if the program has no windows; null for none.
    /// </summary>
    public Action<string>? Complain { get; set; }

    /// <summary>Waits for changes of the tip.</summary>
    public TipWatch Tips => _tips ?? throw new InvalidOperationException("The chain is not open yet.");

    /// <summary>The chain, for other processes.</summary>
    public NodeChain Chain { get; }

    /// <summary>The interface for miners.</summary>
    public NodeMining Mining { get; }

    /// <summary>When the process was started.</summary>
    public DateTimeOffset Started { get; } = DateTimeOffset.UtcNow;

    /// <summary>Cancelled when the node was asked to end.</summary>
    public CancellationToken Stopping => _stop.Token;

    /// <summary>The transactions that wait for a block.</summary>
    internal TransactionPool Pool => _pool ?? throw new InvalidOperationException("The chain is not open yet.");

    /// <summary>Stores the pool's transactions for the next start; null for a node in memory.</summary>
    internal PoolFile? PoolFile { get; set; }

    /// <summary>The peers; null if the network is off.</summary>
    internal Net.PeerGroup? Peers { get; set; }

    /// <summary>Tells user interfaces about peers, traffic and the pool.</summary>
    internal ActivityWatch Activity { get; }

    /// <summary>Estimates fees.</summary>
    internal Mempool.FeeEstimator? Fees { get; private set; }

    /// <summary>The indexes.</summary>
    internal Indexes.NodeIndexes? Indexes { get; set; }

    /// <summary>Publishes over ZeroMQ; null if nothing is published.</summary>
    internal Zmq.ZmqPublisher? Zmq { get; set; }

    /// <summary>Fills blocks.</summary>
    internal BlockAssembler Assembler { get; set; }

    /// <summary>The version of new blocks; null for the one that the rules require.</summary>
    internal int? BlockVersion { get; set; }

    /// <summary>The maximum age of the tip with which the node considers itself up to date.</summary>
    internal TimeSpan MaxTipAge { get; set; } = TimeSpan.FromHours(24);

    /// <summary>For tests: lets the wallets do what is due after some time; null without wallets.</summary>
    internal Action<TimeSpan>? MockWallets { get; set; }

    /// <summary>Runs the command of -walletnotify; null if it is not set.</summary>
    internal Action<string, uint256, uint256?, int>? WalletNotify { get; set; }

    /// <summary>Whether the node is still catching up with the chain. Once false, it stays false.</summary>
    internal bool IsInitialDownload
    {
        get
        {
            if (!_hasLeftInitialDownload)
            {
                ChainBlock tip = Tree.Tip;
                _hasLeftInitialDownload = tip.ChainWork >= Tree.Network.MinimumWork
                    && tip.Time >= (Clock.GetUtcNow() - MaxTipAge).ToUnixTimeSeconds();
                if (_hasLeftInitialDownload)
                {
                    Log.Write("Leaving InitialBlockDownload (latching to false)");
                }
            }

            return !_hasLeftInitialDownload;
        }
    }

    /// <summary>Why the node has to end; null if it need not.</summary>
    internal string? Failure { get; private set; }

    /// <summary>Ends the node because it cannot go on. Thread-safe; the first reason counts.</summary>
    internal void Fail(string reason)
    {
        Failure ??= reason;
        Log.Write($"*** {reason}");
        RequestStop();
    }

    /// <summary>Asks the node to end. Thread-safe; may be called more than once.</summary>
    public void RequestStop()
    {
        if (!_stop.IsCancellationRequested)
        {
            _stop.Cancel();
            Messages.Shutdown();
        }
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        Activity.Dispose();
        _tips?.Dispose();
        _tree?.Dispose();
    }

    /// <summary>Reads the counters without the locks of their owners, so that it does not wait.</summary>
    private NodeActivity ReadActivity() => new(
        Peers?.Count ?? 0,
        Peers?.Bans.Count ?? 0,
        Peers?.BytesReceived ?? 0,
        Peers?.BytesSent ?? 0,
        _pool?.Count ?? 0,
        _pool?.Bytes ?? 0,
        _pool?.Usage ?? 0);

    /// <summary>Opens the chain.</summary>
    internal void Open(NetworkParameters network, TreeOptions tree, PoolOptions pool)
    {
        _tree = new BlockTree(network, Clock, tree);
        _pool = new TransactionPool(_tree, Clock, pool)
        {
            Log = text => Log.Write("mempool", text),
            Fatal = Fail,
        };
        _pool.Added += entry => _tree.Tell(subscriber => subscriber.TransactionAdded(entry.Transaction));
        _pool.Removed += (entry, reason) =>
        {
            if (reason != "block")
            {
                _tree.Tell(subscriber => subscriber.TransactionRemoved(entry.Transaction, reason == "conflict"));
            }
        };
        Fees = new FeeEstimator(_pool, _tree);
        _tips = new TipWatch(_tree, Stopping);
    }
}
