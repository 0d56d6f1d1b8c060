using Bitcoin.Chain;
using Bitcoin.Hosting;
using Bitcoin.Node.Mempool;
using Bitcoin.Primitives;
using Bitcoin.Rpc;
using NBitcoin;

namespace Bitcoin.Node;

/// <summary>What all parts of one node share.</summary>
public sealed class NodeContext : IDisposable
{
    private readonly CancellationTokenSource _stop = new();
    private BlockTree? _tree;
    private TransactionPool? _pool;
    private TipWatch? _tips;
    private volatile bool _hasLeftInitialDownload;

    /// <summary>A node on a network in memory, with nothing but the genesis block.</summary>
    /// <param name="network">The network.</param>
    /// <param name="process">Which process this is.</param>
    /// <param name="log">The process's log.</param>
    /// <param name="settings">What it runs with; null for nothing.</param>
    /// <param name="clock">What tells the time; null for the system's.</param>
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

    /// <summary>A node whose chain is not open yet.</summary>
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
    }

    /// <summary>Which process this is.</summary>
    public ThisProcess Process { get; }

    /// <summary>The process's log.</summary>
    public DebugLog Log { get; }

    /// <summary>What it runs with; null for nothing.</summary>
    public Settings? Settings { get; }

    /// <summary>What tells the time.</summary>
    public MockClock Clock { get; }

    /// <summary>The blocks.</summary>
    /// <exception cref="InvalidOperationException">The chain is not open yet.</exception>
    public BlockTree Tree => _tree ?? throw new InvalidOperationException("The chain is not open yet.");

    /// <summary>Whether the chain is open.</summary>
    public bool IsOpen => _tree is not null;

    /// <summary>The settings that are changed while the node runs.</summary>
    public StoredSettings Stored { get; }

    /// <summary>The JSON-RPC methods.</summary>
    public RpcTable Rpc { get; } = new();

    /// <summary>What the user is told and asked.</summary>
    public NodeMessages Messages { get; } = new();

    /// <summary>
    /// Told at once, while the node starts, what the user of a program without windows is to see; null for nobody.
    /// </summary>
    public Action<string>? Complain { get; set; }

    /// <summary>Waits for another tip.</summary>
    public TipWatch Tips => _tips ?? throw new InvalidOperationException("The chain is not open yet.");

    /// <summary>The chain as other processes see it.</summary>
    public NodeChain Chain { get; }

    /// <summary>What miners see.</summary>
    public NodeMining Mining { get; }

    /// <summary>When it was started.</summary>
    public DateTimeOffset Started { get; } = DateTimeOffset.UtcNow;

    /// <summary>Cancelled when the node was asked to end.</summary>
    public CancellationToken Stopping => _stop.Token;

    /// <summary>The transactions that wait.</summary>
    internal TransactionPool Pool => _pool ?? throw new InvalidOperationException("The chain is not open yet.");

    /// <summary>Keeps the transactions that wait over a restart; null in memory.</summary>
    internal PoolFile? PoolFile { get; set; }

    /// <summary>The other nodes; null while there is no network.</summary>
    internal Net.PeerGroup? Peers { get; set; }

    /// <summary>What to pay.</summary>
    internal Mempool.FeeEstimator? Fees { get; private set; }

    /// <summary>What is looked up by other keys than the chain's own.</summary>
    internal Indexes.NodeIndexes? Indexes { get; set; }

    /// <summary>Publishes over ZeroMQ; null for nothing.</summary>
    internal Zmq.ZmqPublisher? Zmq { get; set; }

    /// <summary>Fills blocks.</summary>
    internal BlockAssembler Assembler { get; set; }

    /// <summary>The version that new blocks are to have; null for what the rules ask for.</summary>
    internal int? BlockVersion { get; set; }

    /// <summary>How old the tip may be for the node to believe to be up to date.</summary>
    internal TimeSpan MaxTipAge { get; set; } = TimeSpan.FromHours(24);

    /// <summary>Runs -walletnotify; null where it is not set.</summary>
    internal Action<string, uint256, uint256?, int>? WalletNotify { get; set; }

    /// <summary>Whether the chain is still being caught up with. It never is again once it was not.</summary>
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

    /// <summary>Asks the node to end. May be called by anybody, any number of times.</summary>
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
        _tips?.Dispose();
        _tree?.Dispose();
    }

    /// <summary>Opens the chain.</summary>
    internal void Open(NetworkParameters network, TreeOptions tree, PoolOptions pool)
    {
        _tree = new BlockTree(network, Clock, tree);
        _pool = new TransactionPool(_tree, Clock, pool) { Log = text => Log.Write("mempool", text) };
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
