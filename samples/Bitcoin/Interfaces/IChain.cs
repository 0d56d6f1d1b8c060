using System.Text.Json.Nodes;
using Microsoft.Win32.SafeHandles;
using Multiprocess;
using NBitcoin;

namespace Bitcoin.Interfaces;

/// <summary>
/// The active chain of blocks, as a wallet or an outside program sees it. Any thread may call at any time.
/// </summary>
[IpcInterface]
public interface IChain
{
    /// <summary>The name of the network: "main", "test", "testnet4", "signet" or "regtest".</summary>
    string GetNetwork();

    /// <summary>The height of the last block; 0 when there is only the genesis block.</summary>
    int GetHeight();

    /// <summary>The hash of the last block.</summary>
    uint256 GetTipHash();

    /// <summary>The hash of the block at a height.</summary>
    /// <exception cref="ArgumentOutOfRangeException">The height is negative, or above the last block's.</exception>
    uint256 GetBlockHash(int height);

    /// <summary>A block's header; null when no such block is known.</summary>
    BlockHeaderInfo? GetBlockHeader(uint256 hash);

    /// <summary>A block; null when no such block is known, or its transactions are not stored.</summary>
    Block? GetBlock(uint256 hash);

    /// <summary>Where a block stands, on any branch; null when no such block is known.</summary>
    BlockInfo? FindBlock(uint256 hash);

    /// <summary>Looks a block up, on any branch.</summary>
    /// <param name="hash">The block's hash.</param>
    /// <param name="wanted">Which facts to return.</param>
    /// <param name="found">The block; null when it is not known.</param>
    bool FindBlock(uint256 hash, BlockParts wanted, out FoundBlock? found);

    /// <summary>Looks for the first block of the active chain with at least this time and height.</summary>
    /// <param name="minTime">
    /// Seconds since 1970. Compared with the highest time of a block and all before it, which never falls.
    /// </param>
    /// <param name="minHeight">The lowest height.</param>
    /// <param name="wanted">Which facts to return.</param>
    /// <param name="found">The block; null when there is none.</param>
    bool FindFirstBlockWithTimeAndHeight(long minTime, int minHeight, BlockParts wanted, out FoundBlock? found);

    /// <summary>Looks up the ancestor of a block at a height.</summary>
    bool FindAncestorByHeight(uint256 hash, int ancestorHeight, BlockParts wanted, out FoundBlock? ancestor);

    /// <summary>Looks for the last block that two branches have in common.</summary>
    bool FindCommonAncestor(
        uint256 first,
        uint256 second,
        BlockParts wanted,
        out FoundBlock? ancestor,
        out FoundBlock? firstFound,
        out FoundBlock? secondFound);

    /// <summary>
    /// Looks outputs up among those of the pool and the unspent ones of the active chain. The caller sets the keys; the
    /// values are filled in, null for an output that a block has spent, or that is unknown.
    /// </summary>
    void FindCoins(ref Dictionary<OutPoint, Coin?> coins);

    /// <summary>
    /// Hashes of the active chain from the tip downwards, with growing distances. Another node finds with them where
    /// its chain and this one part.
    /// </summary>
    uint256[] GetTipLocator();

    /// <summary>The height of the first of these blocks that is on the active chain; null when none is.</summary>
    int? FindLocatorFork(uint256[] locator);

    /// <summary>Whether all blocks from a height up to the tip are stored.</summary>
    /// <param name="minHeight">The height of the first.</param>
    /// <param name="withSpent">Whether what they spent must be stored too.</param>
    bool HasBlocks(int minHeight, bool withSpent);

    /// <summary>
    /// Protects blocks that somebody has yet to read from pruning, until the node ends or this is called again.
    /// </summary>
    /// <param name="name">Who reads them. The log names it when it limits pruning.</param>
    /// <param name="height">The height up to which the blocks were read. The ten blocks below it are kept too.</param>
    void UpdatePruneLock(string name, int height);

    /// <summary>The estimated part of the chain that is verified up to a block, 0 to 1.</summary>
    double GuessVerificationProgress(uint256 hash);

    /// <summary>
    /// How many transactions of the mempool a transaction depends on, and how many belong to its cluster; 0 if it is
    /// not in the mempool.
    /// </summary>
    /// <param name="txid">The transaction's id.</param>
    /// <param name="ancestors">The number of transactions that it depends on, itself included.</param>
    /// <param name="cluster">
    /// The number of transactions that depend on each other directly or through others, itself included.
    /// </param>
    /// <param name="ancestorSize">The size of the ancestors in bytes; null if it is not in the mempool.</param>
    /// <param name="ancestorFees">The fees of the ancestors; null if it is not in the mempool.</param>
    void GetTransactionAncestry(
        uint256 txid, out long ancestors, out long cluster, out long? ancestorSize, out Money? ancestorFees);

    /// <summary>The lowest fee for 1,000 bytes at which the node relays a transaction.</summary>
    Money GetRelayMinFee();

    /// <summary>
    /// The fee for 1,000 bytes that a mempool that was full demands beside <see cref="GetRelayMinFee"/>; 0 if it was
    /// not full.
    /// </summary>
    Money GetMempoolMinFee();

    /// <summary>The fee for 1,000 bytes that a replacement must pay in addition.</summary>
    Money GetRelayIncrementalFee();

    /// <summary>
    /// The fee for 1,000 bytes that decides what is dust: outputs that cost more to spend than they are worth.
    /// </summary>
    Money GetRelayDustFee();

    /// <summary>
    /// Estimates the fee for 1,000 bytes at which a transaction is confirmed in time; null if the node has too little
    /// data.
    /// </summary>
    /// <param name="target">The number of blocks within which it is to be confirmed.</param>
    /// <param name="isConservative">Whether to use a longer history.</param>
    /// <param name="returned">The number of blocks that the estimate holds for.</param>
    Money? EstimateFee(int target, bool isConservative, out int returned);

    /// <summary>The node's time, in seconds since 1970. A test can set it.</summary>
    long GetTime();

    /// <summary>Whether the node is still catching up with the chain.</summary>
    bool IsInitialBlockDownload();

    /// <summary>Submits a transaction to the node.</summary>
    /// <param name="transaction">The transaction.</param>
    /// <param name="maxFee">The highest fee that is accepted, as a guard against mistakes; 0 for any.</param>
    /// <param name="relays">Whether to relay it to peers.</param>
    /// <param name="error">Why the node refused it; empty if the node accepted it.</param>
    /// <returns>Whether it is in the mempool now.</returns>
    bool BroadcastTransaction(Transaction transaction, Money maxFee, bool relays, out string error);

    /// <summary>Whether a transaction is in the mempool.</summary>
    bool IsInMempool(uint256 txid);

    /// <summary>Whether the mempool has a transaction and another one that spends its outputs.</summary>
    bool HasDescendantsInMempool(uint256 txid);

    /// <summary>The ids of all transactions of the mempool, parents before children.</summary>
    uint256[] GetMempoolIds();

    /// <summary>Those of the given transactions that are in the mempool, in the given order.</summary>
    /// <param name="ids">Their ids, 100 at most: all transactions together must fit into a message.</param>
    /// <exception cref="ArgumentOutOfRangeException">There are more than 100 ids.</exception>
    Transaction[] FindMempoolTransactions(uint256[] ids);

    /// <summary>Why the mempool would refuse a transaction with its ancestors; null if it would accept it.</summary>
    string? CheckChainLimits(Transaction transaction);

    /// <summary>For each output, the fee that its unconfirmed ancestors lack for a fee rate.</summary>
    /// <param name="outputs">The outputs.</param>
    /// <param name="rate">The fee for 1,000 bytes.</param>
    Dictionary<OutPoint, Money> GetBumpFees(OutPoint[] outputs, Money rate);

    /// <summary>
    /// The fee that the unconfirmed ancestors of all outputs lack for a fee rate, common ancestors counted once; null
    /// if there are too many.
    /// </summary>
    /// <param name="outputs">The outputs.</param>
    /// <param name="rate">The fee for 1,000 bytes.</param>
    Money? GetCombinedBumpFee(OutPoint[] outputs, Money rate);

    /// <summary>A transaction as decoderawtransaction shows it.</summary>
    JsonNode DescribeTransaction(Transaction transaction);

    /// <summary>The height up to which blocks were pruned; null if none were.</summary>
    int? GetPruneHeight();

    /// <summary>
    /// Writes a line of a wallet process to the node's log, where users and programs look for it. The line is escaped.
    /// </summary>
    /// <param name="category">Its category; empty for none.</param>
    /// <param name="line">The line, without a time.</param>
    void Log(string category, string line);

    /// <summary>Opens the log of a confined process, for appending. The caller disposes the handle.</summary>
    /// <exception cref="UnauthorizedAccessException">The process is not confined, and opens its log itself.</exception>
    /// <exception cref="IOException">The file cannot be opened.</exception>
    SafeFileHandle OpenLog();

    /// <summary>
    /// Opens a file for a confined process while it runs a command whose user named the file. The caller disposes the
    /// handle.
    /// </summary>
    /// <param name="path">The path, as the command has it.</param>
    /// <param name="isNew">
    /// Whether the file is created or emptied, for its owner only, and written; otherwise it is read.
    /// </param>
    /// <exception cref="UnauthorizedAccessException">No running command of the process names the file.</exception>
    /// <exception cref="IOException">The file cannot be opened.</exception>
    SafeFileHandle OpenNamedFile(string path, bool isNew);

    /// <summary>Runs the command of the node's option -walletnotify.</summary>
    /// <param name="wallet">The wallet's name.</param>
    /// <param name="txid">The transaction.</param>
    /// <param name="block">The block that it is in; null for none.</param>
    /// <param name="height">The height of the block; -1 for none.</param>
    void NotifyWalletTransaction(string wallet, uint256 txid, uint256? block, int height);

    /// <summary>Whether the node was asked to end.</summary>
    bool ShutdownRequested();

    /// <summary>Shows the user a step of the start.</summary>
    void InitMessage(string message);

    /// <summary>Shows the user a warning.</summary>
    void InitWarning(string message);

    /// <summary>Shows the user an error.</summary>
    void InitError(string message);

    /// <summary>The values of an option, in order; empty if it was not given.</summary>
    string[] GetSettingsList(string name);

    /// <summary>A setting of settings.json; null for none.</summary>
    JsonNode? GetRwSetting(string name);

    /// <summary>Reads and changes a setting of settings.json under a lock.</summary>
    /// <returns>False when it could not be stored.</returns>
    bool UpdateRwSetting(string name, SettingsUpdate update);

    /// <summary>
    /// Waits until all listeners have been notified of everything so far. Returns at once if the tip is still <paramref
    /// name="oldTip"/>.
    /// </summary>
    /// <exception cref="TimeoutException">A listener does not return.</exception>
    void WaitForNotificationsIfTipChanged(uint256 oldTip);

    /// <summary>Adds a method to the node's JSON-RPC server, until the handler is disconnected or disposed.</summary>
    IHandler HandleRpc(RpcCommand command);

    /// <summary>
    /// Tells a listener of all changes of the chain from now on, until the handler is disconnected or disposed.
    /// </summary>
    /// <param name="notifications">Called in order, on a thread of its own.</param>
    IHandler HandleNotifications(IChainNotifications notifications);

    /// <summary>
    /// Tells a listener of all changes of the chain, and of the transactions that enter and leave the mempool, until
    /// the handler is disconnected or disposed.
    /// </summary>
    /// <param name="notifications">Called in order, on a thread of its own.</param>
    /// <param name="withTransactions">Whether to report transactions too.</param>
    IHandler HandleNotifications(IChainNotifications notifications, bool withTransactions);

    /// <summary>
    /// Lets the node answer from the indexes of another process, for those indexes that the node does not have itself,
    /// until the handler is disconnected or disposed.
    /// </summary>
    IHandler HandleIndexes(IIndexes indexes);

    /// <summary>
    /// Returns which thread runs this call, and asks the caller the same. The caller may call again with a depth
    /// smaller by one: the call goes back and forth.
    /// </summary>
    /// <param name="depth">How many times the caller is asked, 0 to 100.</param>
    /// <param name="callback">Asks the caller; its argument is the depth that is left.</param>
    /// <returns>The thread of each step, the outermost first.</returns>
    ThreadStep[] RunDeep(int depth, Func<int, ThreadStep[]> callback);
}
