using System.Text.Json.Nodes;
using Multiprocess;
using NBitcoin;

namespace Bitcoin.Interfaces;

/// <summary>A node, as its user interface controls it.</summary>
/// <remarks>
/// The process that spawned the node initializes it and shuts it down. A process that connected to a running node does
/// neither.
/// </remarks>
[IpcInterface]
public interface INode
{
    /// <summary>Applies the settings, opens the log and locks the data directory.</summary>
    /// <param name="error">What went wrong, for the user; null after success.</param>
    bool BaseInitialize(out string? error);

    /// <summary>Loads the chain and starts the servers and the wallet.</summary>
    /// <param name="tip">The end of the chain that was loaded.</param>
    /// <param name="error">What went wrong, for the user; null after success.</param>
    bool AppInitMain(out BlockTip? tip, out string? error);

    /// <summary>Stops what <see cref="AppInitMain"/> started. Takes a bounded time.</summary>
    void AppShutdown();

    /// <summary>Asks the node to end; returns at once.</summary>
    void StartShutdown();

    /// <summary>Whether the node was asked to end.</summary>
    bool ShutdownRequested();

    /// <summary>The height of the active chain.</summary>
    int GetNumBlocks();

    /// <summary>The hash of the last block.</summary>
    uint256 GetBestBlockHash();

    /// <summary>The time of the last block, in seconds since 1970.</summary>
    long GetLastBlockTime();

    /// <summary>Warnings for the user; empty if there are none.</summary>
    string GetWarnings();

    /// <summary>
    /// The connected peers: for each its address, the time of its last message (the default time if it has sent none),
    /// and its misbehaviour score, which is 0: a peer that misbehaves is disconnected.
    /// </summary>
    /// <returns>False if the node has no peer-to-peer network.</returns>
    bool GetNodesStats(out List<(string Address, DateTimeOffset LastSeen, int Score)> stats);

    /// <summary>Runs a JSON-RPC method.</summary>
    /// <param name="command">The method.</param>
    /// <param name="parameters">An array, or an object of named arguments.</param>
    /// <param name="uri">The path: "/", or "/wallet/name".</param>
    /// <exception cref="RpcException">The method's own error.</exception>
    [return: IpcSensitive]
    JsonNode? ExecuteRpc(string command, [IpcSensitive] JsonNode? parameters, string uri);

    /// <summary>The names of all methods, sorted.</summary>
    string[] ListRpcCommands();

    /// <summary>A setting of settings.json; null for none.</summary>
    JsonNode? GetPersistentSetting(string name);

    /// <summary>Stores a setting of settings.json, or removes it with null.</summary>
    void UpdateRwSetting(string name, JsonNode? value);

    /// <summary>The node's wallets.</summary>
    /// <exception cref="InvalidOperationException">The node has none.</exception>
    IWalletLoader WalletLoader();

    /// <summary>
    /// Calls back with the wallets each time after their process was restarted. All wallet objects from before are
    /// invalid then.
    /// </summary>
    IHandler HandleWalletsStarted(Action<IWalletLoader> started);

    /// <summary>Calls back with each step of the node's start.</summary>
    IHandler HandleInitMessage(Action<string> message);

    /// <summary>Calls back with messages for the user; the second argument is true for an error.</summary>
    IHandler HandleMessageBox(Action<string, bool> message);

    /// <summary>
    /// Calls back with a question for the user; true means yes. If nobody has registered, the answer is no.
    /// </summary>
    IHandler HandleQuestion(Func<string, bool> question);

    /// <summary>Calls back with each new tip, and the verified part of the chain, 0 to 1.</summary>
    IHandler HandleNotifyBlockTip(Action<BlockTip, double> notify);

    /// <summary>
    /// Calls back with the node's counters: at once, and then after a change, at most once a second. An idle node does
    /// not call.
    /// </summary>
    IHandler HandleNotifyActivity(Action<NodeActivity> notify);

    /// <summary>Calls back once, when the node was asked to end.</summary>
    IHandler HandleShutdown(Action shutdown);
}
