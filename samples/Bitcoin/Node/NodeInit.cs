using Bitcoin.Chain;
using Bitcoin.Hosting;
using Bitcoin.Interfaces;

namespace Bitcoin.Node;

/// <summary>The first object of a node: everything that every connection shares.</summary>
public sealed class NodeInit : IInit
{
    private readonly ThisProcess _process;

    /// <summary>Builds a node on a chain.</summary>
    /// <param name="tree">The blocks.</param>
    /// <param name="process">Which process this is.</param>
    /// <param name="log">Where listeners' ends are noted.</param>
    /// <param name="stop">Cancelled when the node stops.</param>
    public NodeInit(BlockTree tree, ThisProcess process, DebugLog log, CancellationToken stop)
    {
        _process = process;
        Chain = new NodeChain(tree, process, log);
        Mining = new NodeMining(tree, stop);
    }

    /// <summary>The chain that <see cref="MakeChain"/> gives.</summary>
    public NodeChain Chain { get; }

    /// <summary>The miner that <see cref="MakeMining"/> gives.</summary>
    public NodeMining Mining { get; }

    /// <inheritdoc/>
    public ProcessInfo GetProcess() => _process.Describe();

    /// <inheritdoc/>
    public IChain? MakeChain() => Chain;

    /// <inheritdoc/>
    public IMining? MakeMining() => Mining;

    /// <inheritdoc/>
    public IWalletLoader? MakeWalletLoader(IChain chain, WalletSettings settings) => null;
}
