using Bitcoin.Interfaces;

namespace Bitcoin.Hosting;

/// <summary>The first object of a process beside the node: it has an echo, and what a derived class adds.</summary>
/// <param name="process">Which process this is.</param>
public abstract class ChildInit(ThisProcess process) : IInit
{
    /// <inheritdoc/>
    public ProcessInfo GetProcess() => process.Describe();

    /// <inheritdoc/>
    public INode? MakeNode(NodeSettings settings) => null;

    /// <inheritdoc/>
    public IChain? MakeChain() => null;

    /// <inheritdoc/>
    public IMining? MakeMining() => null;

    /// <inheritdoc/>
    public virtual IWalletLoader? MakeWalletLoader(IChain chain, WalletSettings settings) => null;

    /// <inheritdoc/>
    public virtual IIndexes? MakeIndexes(IChain chain, IndexSettings settings) => null;

    /// <inheritdoc/>
    public IEcho? MakeEcho() => new ProcessEcho();

    /// <inheritdoc/>
    public IRpc? MakeRpc() => null;
}
