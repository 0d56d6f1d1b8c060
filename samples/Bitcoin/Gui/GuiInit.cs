using Bitcoin.Hosting;
using Bitcoin.Interfaces;

namespace Bitcoin.Gui;

/// <summary>The first object of a user interface's process. It has only an echo.</summary>
public sealed class GuiInit(ThisProcess process) : IInit
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
    public IWalletLoader? MakeWalletLoader(IChain chain, WalletSettings settings) => null;

    /// <inheritdoc/>
    public IIndexes? MakeIndexes(IChain chain, IndexSettings settings) => null;

    /// <inheritdoc/>
    public IEcho? MakeEcho() => new GuiEcho();

    /// <inheritdoc/>
    public IRpc? MakeRpc() => null;

    private sealed class GuiEcho : IEcho
    {
        public string Echo(string text) => text;
    }
}
