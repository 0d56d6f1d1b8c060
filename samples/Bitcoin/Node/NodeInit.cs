using Bitcoin.Hosting;
using Bitcoin.Interfaces;

namespace Bitcoin.Node;

/// <summary>The first object of a node; all connections share it.</summary>
public sealed class NodeInit : IInit
{
    private readonly ThisProcess _process;
    private readonly Func<NodeContext?> _context;
    private readonly Func<NodeSettings, INode?> _makeNode;

    /// <summary>Creates the first object of a running node.</summary>
    public NodeInit(NodeContext context)
        : this(context.Process, () => context, static _ => null)
    {
    }

    /// <summary>Creates the first object of a node that may not be started yet.</summary>
    /// <param name="process">Which process this is.</param>
    /// <param name="context">Returns the node once it is initialized.</param>
    /// <param name="makeNode">Returns the interface for a user interface.</param>
    public NodeInit(ThisProcess process, Func<NodeContext?> context, Func<NodeSettings, INode?> makeNode)
    {
        _process = process;
        _context = context;
        _makeNode = makeNode;
    }

    /// <inheritdoc/>
    public ProcessInfo GetProcess() => _process.Describe();

    /// <inheritdoc/>
    public INode? MakeNode(NodeSettings settings) => _makeNode(settings);

    /// <inheritdoc/>
    public IChain? MakeChain() => _context()?.Chain;

    /// <inheritdoc/>
    public IMining? MakeMining() => _context()?.Mining;

    /// <inheritdoc/>
    public IWalletLoader? MakeWalletLoader(IChain chain, WalletSettings settings) => null;

    /// <inheritdoc/>
    public IIndexes? MakeIndexes(IChain chain, IndexSettings settings) => null;

    /// <inheritdoc/>
    public IEcho? MakeEcho() => new ProcessEcho();

    /// <inheritdoc/>
    public IRpc? MakeRpc() => _context() is { } context ? new NodeRpc(context.Rpc, context.Log) : null;
}
