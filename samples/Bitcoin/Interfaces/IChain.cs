using System.Text.Json.Nodes;
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

    /// <summary>Where a block stands, on whatever branch; null when no such block is known.</summary>
    BlockInfo? FindBlock(uint256 hash);

    /// <summary>Looks a block up, on whatever branch.</summary>
    /// <param name="hash">The block's hash.</param>
    /// <param name="wanted">What to tell of it.</param>
    /// <param name="found">The block; null when it is not known.</param>
    bool FindBlock(uint256 hash, BlockParts wanted, out FoundBlock? found);

    /// <summary>Looks for the first block of the active chain that is neither older nor lower than this.</summary>
    /// <param name="minTime">
    /// Seconds since 1970; compared with the highest time up to the block, which never falls.
    /// </param>
    /// <param name="minHeight">The least height.</param>
    /// <param name="wanted">What to tell of it.</param>
    /// <param name="found">The block; null when there is none.</param>
    bool FindFirstBlockWithTimeAndHeight(long minTime, int minHeight, BlockParts wanted, out FoundBlock? found);

    /// <summary>Looks up the ancestor of a block at a height.</summary>
    bool FindAncestorByHeight(uint256 hash, int ancestorHeight, BlockParts wanted, out FoundBlock? ancestor);

    /// <summary>Looks for the last block that two blocks have in common below them.</summary>
    bool FindCommonAncestor(
        uint256 first,
        uint256 second,
        BlockParts wanted,
        out FoundBlock? ancestor,
        out FoundBlock? firstFound,
        out FoundBlock? secondFound);

    /// <summary>
    /// Fills in the unspent outputs of the active chain: the keys are the question, the values the answer, null for an
    /// output that is spent or unknown.
    /// </summary>
    void FindCoins(ref Dictionary<OutPoint, Coin?> coins);

    /// <summary>
    /// Hashes of the active chain from the tip down, ever further apart: what another side needs to find where the two
    /// part.
    /// </summary>
    uint256[] GetTipLocator();

    /// <summary>The height of the first of these blocks that is on the active chain; null when none is.</summary>
    int? FindLocatorFork(uint256[] locator);

    /// <summary>Whether all blocks from a height up to the tip are stored.</summary>
    /// <param name="minHeight">The height of the first.</param>
    /// <param name="withSpent">Whether what they spent must be stored too.</param>
    bool HasBlocks(int minHeight, bool withSpent);

    /// <summary>
    /// Keeps the blocks that somebody has yet to read from being deleted, until the node ends or this is called again.
    /// </summary>
    /// <param name="name">Whose blocks; the log names it where deleting is limited by it.</param>
    /// <param name="height">The height up to which the blocks were read; the last ten below it are kept too.</param>
    void UpdatePruneLock(string name, int height);

    /// <summary>How much of the chain up to a block there is, 0 to 1.</summary>
    double GuessVerificationProgress(uint256 hash);

    /// <summary>
    /// How many transactions a transaction that waits depends on, and how many depend on it; 0 when it does not wait.
    /// </summary>
    /// <param name="txid">The transaction's id.</param>
    /// <param name="ancestors">Those it depends on, itself included.</param>
    /// <param name="descendants">Those that depend on it, itself included.</param>
    /// <param name="ancestorSize">The bytes of the former; null when it does not wait.</param>
    /// <param name="ancestorFees">The fees of the former; null when it does not wait.</param>
    void GetTransactionAncestry(
        uint256 txid, out long ancestors, out long descendants, out long? ancestorSize, out Money? ancestorFees);

    /// <summary>The least fee for which the node passes a transaction on, for 1,000 bytes.</summary>
    Money GetRelayMinFee();

    /// <summary>The least fee for which the node takes a transaction into its pool now, for 1,000 bytes.</summary>
    Money GetMempoolMinFee();

    /// <summary>The fee, for 1,000 bytes, by which a replacement must pay more.</summary>
    Money GetRelayIncrementalFee();

    /// <summary>
    /// The fee, for 1,000 bytes, by which the node tells outputs that cost more to spend than they are worth.
    /// </summary>
    Money GetRelayDustFee();

    /// <summary>
    /// Estimates the fee, for 1,000 bytes, for which a transaction is confirmed in time; null where the node cannot
    /// tell.
    /// </summary>
    /// <param name="target">Within how many blocks.</param>
    /// <param name="isConservative">Whether to look further back.</param>
    /// <param name="returned">The number of blocks that the answer is good for.</param>
    Money? EstimateFee(int target, bool isConservative, out int returned);

    /// <summary>The node's time, in seconds since 1970: a test may have set it.</summary>
    long GetTime();

    /// <summary>Whether the node is still catching up with the chain.</summary>
    bool IsInitialBlockDownload();

    /// <summary>Hands the node a transaction.</summary>
    /// <param name="transaction">The transaction.</param>
    /// <param name="maxFee">The highest fee that is not taken for a mistake; 0 for any.</param>
    /// <param name="relays">Whether to pass it on to peers.</param>
    /// <param name="error">Why the node does not take it; empty if it does.</param>
    /// <returns>Whether it waits in the node now.</returns>
    bool BroadcastTransaction(Transaction transaction, Money maxFee, bool relays, out string error);

    /// <summary>Whether a transaction waits in the node.</summary>
    bool IsInMempool(uint256 txid);

    /// <summary>Whether a transaction waits in the node, and another one that spends its outputs.</summary>
    bool HasDescendantsInMempool(uint256 txid);

    /// <summary>The ids of all transactions that wait in the node, those that others depend on first.</summary>
    uint256[] GetMempoolIds();

    /// <summary>Those of some transactions that wait in the node, in the order in which they were asked for.</summary>
    /// <param name="ids">Their ids, 100 at most: all of them together must fit into a message.</param>
    /// <exception cref="ArgumentOutOfRangeException">There are more.</exception>
    Transaction[] FindMempoolTransactions(uint256[] ids);

    /// <summary>Why the node would not take a transaction with those that it depends on; null where it would.</summary>
    string? CheckChainLimits(Transaction transaction);

    /// <summary>What the unconfirmed ancestors of each output lack to a fee rate.</summary>
    /// <param name="outputs">The outputs.</param>
    /// <param name="rate">The fee for 1,000 bytes.</param>
    Dictionary<OutPoint, Money> GetBumpFees(OutPoint[] outputs, Money rate);

    /// <summary>
    /// What the unconfirmed ancestors of outputs lack to a fee rate, those in common counted once; null where there are
    /// too many.
    /// </summary>
    /// <param name="outputs">The outputs.</param>
    /// <param name="rate">The fee for 1,000 bytes.</param>
    Money? GetCombinedBumpFee(OutPoint[] outputs, Money rate);

    /// <summary>A transaction as decoderawtransaction shows it.</summary>
    JsonNode DescribeTransaction(Transaction transaction);

    /// <summary>The height up to which blocks were deleted; null where none were.</summary>
    int? GetPruneHeight();

    /// <summary>Runs what the node's -walletnotify says.</summary>
    /// <param name="wallet">The wallet's name.</param>
    /// <param name="txid">The transaction.</param>
    /// <param name="block">The block that it is in; null for none.</param>
    /// <param name="height">The height of the block; -1 for none.</param>
    void NotifyWalletTransaction(string wallet, uint256 txid, uint256? block, int height);

    /// <summary>Whether the node is about to end.</summary>
    bool ShutdownRequested();

    /// <summary>Shows the user what is being done while the programs start.</summary>
    void InitMessage(string message);

    /// <summary>Warns the user.</summary>
    void InitWarning(string message);

    /// <summary>Tells the user of an error.</summary>
    void InitError(string message);

    /// <summary>The values of an option, in order; none when it was not given.</summary>
    string[] GetSettingsList(string name);

    /// <summary>A setting of settings.json; null for none.</summary>
    JsonNode? GetRwSetting(string name);

    /// <summary>Looks at a setting of settings.json and changes it, while nobody else does.</summary>
    /// <returns>False when it could not be stored.</returns>
    bool UpdateRwSetting(string name, SettingsUpdate update);

    /// <summary>
    /// Waits until all listeners have been told of all that happened, unless the tip is the one the caller knows.
    /// </summary>
    /// <exception cref="TimeoutException">A listener is stuck.</exception>
    void WaitForNotificationsIfTipChanged(uint256 oldTip);

    /// <summary>Adds a method to the node's JSON-RPC server, until the handler is disconnected or disposed.</summary>
    IHandler HandleRpc(RpcCommand command);

    /// <summary>
    /// Tells a listener of all that happens to the chain from now on, until the handler is disconnected or disposed.
    /// </summary>
    /// <param name="notifications">Called in order, on a thread that belongs to this listener alone.</param>
    IHandler HandleNotifications(IChainNotifications notifications);

    /// <summary>
    /// Tells a listener of all that happens to the chain, and of the transactions that come to wait in the node and
    /// leave, until the handler is disconnected or disposed.
    /// </summary>
    /// <param name="notifications">Called in order, on a thread that belongs to this listener alone.</param>
    /// <param name="withTransactions">Whether to tell of transactions too.</param>
    IHandler HandleNotifications(IChainNotifications notifications, bool withTransactions);

    /// <summary>
    /// Has the node answer from indexes of another process, where it has none of that name, until the handler is
    /// disconnected or disposed.
    /// </summary>
    IHandler HandleIndexes(IIndexes indexes);

    /// <summary>
    /// Says which thread runs this, then asks the caller the same, who may call again with a depth smaller by one: the
    /// call goes back and forth.
    /// </summary>
    /// <param name="depth">How often the caller is to be asked, 0 to 100.</param>
    /// <param name="callback">Asks the caller; gets the depth that is left.</param>
    /// <returns>Who ran it at each step, the outermost first.</returns>
    ThreadStep[] RunDeep(int depth, Func<int, ThreadStep[]> callback);
}
