using Multiprocess;

namespace Bitcoin.Interfaces;

/// <summary>
/// The first object of every process: makes the others. What a process does not have, it answers with null.
/// </summary>
[IpcInterface]
public interface IInit
{
    /// <summary>Which process this is.</summary>
    ProcessInfo GetProcess();

    /// <summary>The node; null where there is none.</summary>
    /// <param name="settings">
    /// What a node that was spawned for this is to run with; one that runs already has its own.
    /// </param>
    INode? MakeNode(NodeSettings settings);

    /// <summary>The chain of blocks; null where there is none.</summary>
    IChain? MakeChain();

    /// <summary>What makes blocks; null where nothing does.</summary>
    IMining? MakeMining();

    /// <summary>The wallet's side of a node; null where there is none.</summary>
    /// <param name="chain">The node's chain, which the wallet calls back.</param>
    /// <param name="settings">
    /// The node's settings, as far as they are the wallet's too: a child takes none from its command line.
    /// </param>
    IWalletLoader? MakeWalletLoader(IChain chain, WalletSettings settings);

    /// <summary>Indexes; null where there are none.</summary>
    /// <param name="chain">The chain that they follow.</param>
    /// <param name="settings">Which they are, and where.</param>
    IIndexes? MakeIndexes(IChain chain, IndexSettings settings);

    /// <summary>An echo; every process has one.</summary>
    IEcho? MakeEcho();

    /// <summary>The JSON-RPC server; null where there is none.</summary>
    IRpc? MakeRpc();
}
