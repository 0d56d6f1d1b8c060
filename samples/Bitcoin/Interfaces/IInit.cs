using Multiprocess;

namespace Bitcoin.Interfaces;

/// <summary>
/// The first object of each process; it creates the others. It returns null for what its process does not have.
/// </summary>
[IpcInterface]
public interface IInit
{
    /// <summary>Which process this is.</summary>
    ProcessInfo GetProcess();

    /// <summary>The node; null where there is none.</summary>
    /// <param name="settings">
    /// The settings for a node that was spawned for the caller; a node that already runs keeps its own.
    /// </param>
    INode? MakeNode(NodeSettings settings);

    /// <summary>The chain of blocks; null where there is none.</summary>
    IChain? MakeChain();

    /// <summary>Block templates and mining; null where there is none.</summary>
    IMining? MakeMining();

    /// <summary>The wallets for a node; null where there are none.</summary>
    /// <param name="chain">The node's chain, which the wallet calls back.</param>
    /// <param name="settings">
    /// Those settings of the node that are for wallets too: a child has no command line of its own.
    /// </param>
    IWalletLoader? MakeWalletLoader(IChain chain, WalletSettings settings);

    /// <summary>Indexes; null where there are none.</summary>
    /// <param name="chain">The chain that they follow.</param>
    /// <param name="settings">Which indexes to keep, and where.</param>
    IIndexes? MakeIndexes(IChain chain, IndexSettings settings);

    /// <summary>An echo; every process has one.</summary>
    IEcho? MakeEcho();

    /// <summary>The JSON-RPC server; null where there is none.</summary>
    IRpc? MakeRpc();
}
