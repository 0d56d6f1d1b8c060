using Bitcoin.Chain;
using Bitcoin.Hosting;
using Bitcoin.Primitives;
using Bitcoin.Rpc;

namespace Bitcoin.Node;

/// <summary>What all parts of one node share.</summary>
public sealed class NodeContext : IDisposable
{
    private readonly CancellationTokenSource _stop = new();

    /// <summary>A node on a network, with nothing but the genesis block.</summary>
    /// <param name="network">The network.</param>
    /// <param name="process">Which process this is.</param>
    /// <param name="log">The process's log.</param>
    /// <param name="settings">What it runs with; null for nothing.</param>
    /// <param name="clock">What tells the time; null for the system's.</param>
    public NodeContext(NetworkParameters network, ThisProcess process, DebugLog log, Settings? settings = null, TimeProvider? clock = null)
    {
        Process = process;
        Log = log;
        Settings = settings;
        Clock = new MockClock(clock);
        Tree = new BlockTree(network, Clock);
        Stored = new StoredSettings(settings is null ? null : Path.Combine(settings.Directory, "settings.json"));
        Tips = new TipWatch(Tree, Stopping);
        Chain = new NodeChain(this);
        Mining = new NodeMining(this);
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
    public BlockTree Tree { get; }

    /// <summary>The unspent outputs; empty until they follow the tree.</summary>
    public CoinSet Coins { get; } = new();

    /// <summary>The settings that are changed while the node runs.</summary>
    public StoredSettings Stored { get; }

    /// <summary>The JSON-RPC methods.</summary>
    public RpcTable Rpc { get; } = new();

    /// <summary>What the user is told and asked.</summary>
    public NodeMessages Messages { get; } = new();

    /// <summary>Told at once, while the node starts, what the user of a program without windows is to see; null for nobody.</summary>
    public Action<string>? Complain { get; set; }

    /// <summary>Waits for another tip.</summary>
    public TipWatch Tips { get; }

    /// <summary>The chain as other processes see it.</summary>
    public NodeChain Chain { get; }

    /// <summary>What miners see.</summary>
    public NodeMining Mining { get; }

    /// <summary>When it was started.</summary>
    public DateTimeOffset Started { get; } = DateTimeOffset.UtcNow;

    /// <summary>Cancelled when the node was asked to end.</summary>
    public CancellationToken Stopping => _stop.Token;

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
        Tips.Dispose();
        Coins.Dispose();
    }
}
