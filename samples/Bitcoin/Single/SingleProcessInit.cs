using Bitcoin.Hosting;
using Bitcoin.Indexes;
using Bitcoin.Interfaces;
using Bitcoin.Node;
using Bitcoin.Wallet;

namespace Bitcoin.Single;

/// <summary>
/// The first object of a program with everything in one process: it creates all objects itself.
/// </summary>
internal sealed class SingleProcessInit : IInit, IDisposable
{
    private readonly WalletInit _wallet;
    private readonly IndexInit _indexes;

    internal SingleProcessInit(ThisProcess process, DebugLog log, TextWriter console)
    {
        _wallet = new WalletInit(process, log, console: null);
        _indexes = new IndexInit(process, log, console: null);
        Node = new NodeRuntime(process, log, console, ipc: null, local: this);
    }

    internal NodeRuntime Node { get; }

    public ProcessInfo GetProcess() => Node.Init.GetProcess();

    public INode? MakeNode(NodeSettings settings) => Node.Init.MakeNode(settings);

    public IChain? MakeChain() => Node.Init.MakeChain();

    public IMining? MakeMining() => Node.Init.MakeMining();

    public IWalletLoader? MakeWalletLoader(IChain chain, WalletSettings settings)
        => _wallet.MakeWalletLoader(chain, settings);

    public IIndexes? MakeIndexes(IChain chain, IndexSettings settings) => _indexes.MakeIndexes(chain, settings);

    public IEcho? MakeEcho() => Node.Init.MakeEcho();

    public IRpc? MakeRpc() => Node.Init.MakeRpc();

    public void Dispose() => Node.Dispose();
}
