using System.Text.Json.Nodes;
using Bitcoin.Chain;
using Bitcoin.Hosting;
using Bitcoin.Interfaces;
using Bitcoin.Node.Mempool;
using Microsoft.Win32.SafeHandles;
using NBitcoin;

namespace Bitcoin.Node;

/// <summary>The node's chain, for other processes.</summary>
public sealed class NodeChain : IChain
{
    private const int MaxDepth = 100;
    private const int MaxTransactions = 100;

    private const int LocatorStep = 10;

    private static readonly TimeSpan s_listenerPatience = TimeSpan.FromSeconds(60);

    private readonly NodeContext _node;
    private readonly DebugLog _log;
    private readonly ChainListeners _listeners;
    private readonly Func<RpcCommand, IHandler> _registerRpc;
    private readonly ChildFiles? _files;

    internal NodeChain(NodeContext node)
        : this(
            node,
            new ChainListeners(node, node.Log, exception => node.Rpc.IsDisconnection(exception)),
            command => node.Rpc.Register(command))
    {
    }

    private NodeChain(
        NodeContext node, ChainListeners listeners, Func<RpcCommand, IHandler> registerRpc, ChildFiles? files = null)
    {
        _node = node;
        _log = node.Log;
        _listeners = listeners;
        _registerRpc = registerRpc;
        _files = files;
    }

    /// <inheritdoc/>
    public string GetNetwork() => Tree.Network.Name;

    /// <inheritdoc/>
    public int GetHeight() => Tree.Tip.Height;

    /// <inheritdoc/>
    public uint256 GetTipHash() => Tree.Tip.Hash;

    /// <inheritdoc/>
    public uint256 GetBlockHash(int height)
    {
        return Tree.AtHeight(height)?.Hash
            ?? throw new ArgumentOutOfRangeException(
                nameof(height), $"Block height: Expected 0 to {Tree.Tip.Height}, got {height}.");
    }

    /// <inheritdoc/>
    public BlockHeaderInfo? GetBlockHeader(uint256 hash) => Tree.Find(hash)?.ToHeaderInfo();

    /// <inheritdoc/>
    public Block? GetBlock(uint256 hash) => Tree.Find(hash) is { } block ? Tree.Read(block) : null;

    /// <inheritdoc/>
    public BlockInfo? FindBlock(uint256 hash)
        => Tree.Find(hash) is { } block ? block.ToInfo(Tree.IsActive(block)) : null;

    /// <inheritdoc/>
    public bool FindBlock(uint256 hash, BlockParts wanted, out FoundBlock? found)
        => Show(Tree.Find(hash), wanted, out found);

    /// <inheritdoc/>
    public bool FindFirstBlockWithTimeAndHeight(long minTime, int minHeight, BlockParts wanted, out FoundBlock? found)
    {
        long highest = 0;
        for (int height = 0; Tree.AtHeight(height) is { } block; height++)
        {
            highest = block.MaxTime;
            if (height >= minHeight && highest >= minTime)
            {
                return Show(block, wanted, out found);
            }
        }

        found = null;
        return false;
    }

    /// <inheritdoc/>
    public bool FindAncestorByHeight(uint256 hash, int ancestorHeight, BlockParts wanted, out FoundBlock? ancestor)
    {
        ChainBlock? block = Tree.Find(hash);
        return Show(
            block is not null && ancestorHeight >= 0 && ancestorHeight <= block.Height
                ? block.Ancestor(ancestorHeight)
                : null,
            wanted,
            out ancestor);
    }

    /// <inheritdoc/>
    public bool FindCommonAncestor(
        uint256 first,
        uint256 second,
        BlockParts wanted,
        out FoundBlock? ancestor,
        out FoundBlock? firstFound,
        out FoundBlock? secondFound)
    {
        ChainBlock? one = Tree.Find(first);
        ChainBlock? other = Tree.Find(second);
        Show(one, wanted, out firstFound);
        Show(other, wanted, out secondFound);
        if (one is null || other is null)
        {
            return Show(null, wanted, out ancestor);
        }

        return Show(ChainBlock.Fork(one, other), wanted, out ancestor);
    }

    /// <inheritdoc/>
    public void FindCoins(ref Dictionary<OutPoint, Interfaces.Coin?> coins)
    {
        ArgumentNullException.ThrowIfNull(coins);
        lock (Tree.Gate)
        {
            foreach (OutPoint id in coins.Keys.ToArray())
            {
                coins[id] = _node.Pool.FindCoin(id) is { } coin
                    ? new Interfaces.Coin(coin.ToOutput(), coin.Height, coin.IsCoinbase)
                    : null;
            }
        }
    }

    /// <inheritdoc/>
    public uint256[] GetTipLocator()
    {
        List<uint256> hashes = [];
        int step = 1;
        for (int height = Tree.Tip.Height; height > 0; height -= step)
        {
            hashes.Add(GetBlockHash(height));
            step = hashes.Count > LocatorStep ? step * 2 : 1;
        }

        return [.. hashes, GetBlockHash(0)];
    }

    /// <inheritdoc/>
    public int? FindLocatorFork(uint256[] locator)
    {
        ArgumentNullException.ThrowIfNull(locator);
        return locator.Select(hash => Tree.Find(hash)).FirstOrDefault(
            block => block is not null && Tree.IsActive(block))?.Height;
    }

    /// <inheritdoc/>
    public bool HasBlocks(int minHeight, bool withSpent) => Tree.HasBlocks(minHeight, withSpent);

    /// <inheritdoc/>
    public void UpdatePruneLock(string name, int height) => Tree.UpdatePruneLock(name, height);

    /// <inheritdoc/>
    public double GuessVerificationProgress(uint256 hash)
    {
        return Tree.Find(hash) is { } block ? Progress.Of(Tree, block) : 0;
    }

    /// <inheritdoc/>
    public void GetTransactionAncestry(
        uint256 txid, out long ancestors, out long cluster, out long? ancestorSize, out Money? ancestorFees)
    {
        ancestors = cluster = 0;
        ancestorSize = null;
        ancestorFees = null;
        lock (Tree.Gate)
        {
            if (_node.Pool.Find(txid) is { } entry)
            {
                HashSet<PoolEntry> before = entry.Ancestors();
                ancestors = before.Count;
                cluster = entry.Cluster.Members.Count;
                ancestorSize = before.Sum(static other => (long)other.Size);
                ancestorFees = Money.Satoshis(before.Sum(static other => other.ModifiedFee));
            }
        }
    }

    /// <inheritdoc/>
    public Money GetRelayMinFee() => Money.Satoshis(_node.Pool.Options.MinRelay.PerKilobyte);

    /// <inheritdoc/>
    public Money GetMempoolMinFee()
    {
        lock (Tree.Gate)
        {
            return Money.Satoshis(_node.Pool.MinFee().PerKilobyte);
        }
    }

    /// <inheritdoc/>
    public Money GetRelayIncrementalFee() => Money.Satoshis(_node.Pool.Options.Incremental.PerKilobyte);

    /// <inheritdoc/>
    public Money GetRelayDustFee() => Money.Satoshis(_node.Pool.Options.Dust.PerKilobyte);

    /// <inheritdoc/>
    public Money? EstimateFee(int target, bool isConservative, out int returned)
    {
        returned = target;
        lock (Tree.Gate)
        {
            return _node.Fees?.Estimate(target) is { } rate ? Money.Satoshis(rate.PerKilobyte) : null;
        }
    }

    /// <inheritdoc/>
    public long GetTime() => _node.Clock.GetUtcNow().ToUnixTimeSeconds();

    /// <inheritdoc/>
    public bool IsInitialBlockDownload() => _node.IsInitialDownload;

    /// <inheritdoc/>
    public bool BroadcastTransaction(Transaction transaction, Money maxFee, bool relays, out string error)
    {
        ArgumentNullException.ThrowIfNull(transaction);
        ArgumentNullException.ThrowIfNull(maxFee);
        return PoolBroadcast.Offer(_node, transaction, maxFee.Satoshi, relays, out error);
    }

    /// <inheritdoc/>
    public bool IsInMempool(uint256 txid)
    {
        lock (Tree.Gate)
        {
            return _node.Pool.Find(txid) is not null;
        }
    }

    /// <inheritdoc/>
    public bool HasDescendantsInMempool(uint256 txid)
    {
        lock (Tree.Gate)
        {
            return _node.Pool.Find(txid)?.Children.Count > 0;
        }
    }

    /// <inheritdoc/>
    public uint256[] GetMempoolIds()
    {
        lock (Tree.Gate)
        {
            return
            [
                .. _node.Pool.Entries.OrderBy(
                    static entry => entry.Ancestors().Count).Select(static entry => entry.Txid),
            ];
        }
    }

    /// <inheritdoc/>
    public Transaction[] FindMempoolTransactions(uint256[] ids)
    {
        ArgumentNullException.ThrowIfNull(ids);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(ids.Length, MaxTransactions);
        lock (Tree.Gate)
        {
            return [.. ids.Select(id => _node.Pool.Find(id)?.Transaction).OfType<Transaction>()];
        }
    }

    /// <inheritdoc/>
    public string? CheckChainLimits(Transaction transaction)
    {
        ArgumentNullException.ThrowIfNull(transaction);
        lock (Tree.Gate)
        {
            return PoolBroadcast.ChainLimits(_node.Pool, transaction);
        }
    }

    /// <inheritdoc/>
    public Dictionary<OutPoint, Money> GetBumpFees(OutPoint[] outputs, Money rate)
    {
        ArgumentNullException.ThrowIfNull(outputs);
        ArgumentNullException.ThrowIfNull(rate);
        lock (Tree.Gate)
        {
            return outputs.Distinct().ToDictionary(
                static id => id, id => Money.Satoshis(BumpFees.Of(_node.Pool, [id], rate.Satoshi)));
        }
    }

    /// <inheritdoc/>
    public Money? GetCombinedBumpFee(OutPoint[] outputs, Money rate)
    {
        ArgumentNullException.ThrowIfNull(outputs);
        ArgumentNullException.ThrowIfNull(rate);
        lock (Tree.Gate)
        {
            return Money.Satoshis(BumpFees.Of(_node.Pool, outputs, rate.Satoshi));
        }
    }

    /// <inheritdoc/>
    public JsonNode DescribeTransaction(Transaction transaction)
        => Commands.Values.Transaction(transaction, Tree.Network, hasHex: false);

    /// <inheritdoc/>
    public int? GetPruneHeight()
    {
        if (!Tree.HasPruned)
        {
            return null;
        }

        int height = Tree.Tip.Height;
        while (height > 0 && Tree.HasData(Tree.AtHeight(height)!))
        {
            height--;
        }

        return height;
    }

    /// <inheritdoc/>
    public void Log(string category, string line) => _log.Write(category.Length == 0 ? null : category, line);

    /// <inheritdoc/>
    public SafeFileHandle OpenLog() => Files.OpenLog();

    /// <inheritdoc/>
    public SafeFileHandle OpenNamedFile(string path, bool isNew) => Files.OpenNamed(path, isNew);

    /// <inheritdoc/>
    public void NotifyWalletTransaction(string wallet, uint256 txid, uint256? block, int height)
        => _node.WalletNotify?.Invoke(wallet, txid, block, height);

    /// <inheritdoc/>
    public bool ShutdownRequested() => _node.Stopping.IsCancellationRequested;

    /// <inheritdoc/>
    public void InitMessage(string message)
    {
        _log.Write($"init message: {message}");
        _node.Messages.Init(message);
    }

    /// <inheritdoc/>
    public void InitWarning(string message) => Tell("Warning", message, isError: false);

    /// <inheritdoc/>
    public void InitError(string message) => Tell("Error", message, isError: true);

    /// <inheritdoc/>
    public string[] GetSettingsList(string name) => [.. _node.Settings?.All(name) ?? []];

    /// <inheritdoc/>
    public JsonNode? GetRwSetting(string name) => _node.Stored.Get(name);

    /// <inheritdoc/>
    public bool UpdateRwSetting(string name, SettingsUpdate update)
    {
        ArgumentNullException.ThrowIfNull(update);
        return _node.Stored.Update(name, update);
    }

    /// <inheritdoc/>
    public void WaitForNotificationsIfTipChanged(uint256 oldTip)
    {
        if (oldTip != GetTipHash() && !WaitForListeners(s_listenerPatience))
        {
            throw new TimeoutException(
                $"A listener to the chain has not been told of everything within {s_listenerPatience.TotalSeconds} "
                    + $"seconds.");
        }
    }

    /// <inheritdoc/>
    public IHandler HandleRpc(RpcCommand command) => _registerRpc(command);

    /// <inheritdoc/>
    public IHandler HandleNotifications(IChainNotifications notifications)
        => HandleNotifications(notifications, withTransactions: false);

    /// <inheritdoc/>
    public IHandler HandleNotifications(IChainNotifications notifications, bool withTransactions)
    {
        ArgumentNullException.ThrowIfNull(notifications);
        return _listeners.Add(notifications, withTransactions);
    }

    /// <inheritdoc/>
    public IHandler HandleIndexes(IIndexes indexes)
    {
        ArgumentNullException.ThrowIfNull(indexes);
        return (_node.Indexes ?? throw new InvalidOperationException("The node takes no indexes yet.")).Attach(indexes);
    }

    /// <inheritdoc/>
    public ThreadStep[] RunDeep(int depth, Func<int, ThreadStep[]> callback)
    {
        ArgumentNullException.ThrowIfNull(callback);
        ArgumentOutOfRangeException.ThrowIfNegative(depth);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(depth, MaxDepth);
        ThreadStep here = _node.Process.DescribeThread();
        return depth == 0 ? [here] : [here, .. callback(depth - 1)];
    }

    private BlockTree Tree => _node.Tree;

    /// <summary>Whether the chain has listeners.</summary>
    public bool HasListeners() => _listeners.Any;

    /// <summary>Waits until all listeners have processed all that has happened so far.</summary>
    /// <returns>False if it took longer than the bound.</returns>
    public bool WaitForListeners(TimeSpan bound) => _listeners.WaitUntilTold(bound);

    /// <summary>The same chain, with another registration of JSON-RPC methods.</summary>
    internal NodeChain WithRpc(Func<RpcCommand, IHandler> register) => new(_node, _listeners, register, _files);

    /// <summary>The chain as a confined child sees it.</summary>
    internal NodeChain WithFiles(ChildFiles files) => new(_node, _listeners, _registerRpc, files);

    private ChildFiles Files
        => _files ?? throw new UnauthorizedAccessException("Files are opened for a confined child only.");

    private bool Show(ChainBlock? block, BlockParts wanted, out FoundBlock? found)
    {
        found = block?.ToFound(Tree, wanted);
        return block is not null;
    }

    private void Tell(string kind, string message, bool isError)
    {
        _log.Write($"{kind}: {message}");
        _node.Complain?.Invoke($"{kind}: {message}");
        _node.Messages.Show(message, isError);
    }
}
