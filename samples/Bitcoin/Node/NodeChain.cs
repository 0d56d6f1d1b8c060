using System.Text.Json.Nodes;
using Bitcoin.Chain;
using Bitcoin.Hosting;
using Bitcoin.Interfaces;
using Bitcoin.Primitives;

namespace Bitcoin.Node;

/// <summary>The node's chain as other processes see it.</summary>
public sealed class NodeChain : IChain
{
    private const int MaxDepth = 100;

    private const int LocatorStep = 10;
    private const long RelayFee = 100;

    private static readonly TimeSpan s_listenerPatience = TimeSpan.FromSeconds(60);

    private readonly NodeContext _node;
    private readonly BlockTree _tree;
    private readonly DebugLog _log;
    private readonly ChainListeners _listeners;
    private readonly Func<RpcCommand, IHandler> _registerRpc;

    internal NodeChain(NodeContext node)
        : this(node, new ChainListeners(node.Tree, node.Log, exception => node.Rpc.IsDisconnection(exception)), command => node.Rpc.Register(command))
    {
    }

    private NodeChain(NodeContext node, ChainListeners listeners, Func<RpcCommand, IHandler> registerRpc)
    {
        _node = node;
        _tree = node.Tree;
        _log = node.Log;
        _listeners = listeners;
        _registerRpc = registerRpc;
    }

    /// <inheritdoc/>
    public string GetNetwork() => _tree.Network.Name;

    /// <inheritdoc/>
    public int GetHeight() => _tree.Tip.Height;

    /// <inheritdoc/>
    public BlockHash GetTipHash() => _tree.Tip.Hash.ToValue();

    /// <inheritdoc/>
    public BlockHash GetBlockHash(int height)
    {
        return _tree.AtHeight(height)?.Hash.ToValue()
            ?? throw new ArgumentOutOfRangeException(nameof(height), $"Block height {height} is outside the chain: expected 0 to {_tree.Tip.Height}.");
    }

    /// <inheritdoc/>
    public BlockHeaderInfo? GetBlockHeader(BlockHash hash) => _tree.Find(hash.ToHash())?.ToHeaderInfo();

    /// <inheritdoc/>
    public byte[]? GetBlock(BlockHash hash) => _tree.Find(hash.ToHash())?.Block.ToArray();

    /// <inheritdoc/>
    public BlockInfo? FindBlock(BlockHash hash) => _tree.Find(hash.ToHash()) is { } block ? block.ToInfo(_tree.IsActive(block)) : null;

    /// <inheritdoc/>
    public bool FindBlock(BlockHash hash, BlockParts wanted, out FoundBlock? found) => Show(_tree.Find(hash.ToHash()), wanted, out found);

    /// <inheritdoc/>
    public bool FindFirstBlockWithTimeAndHeight(long minTime, int minHeight, BlockParts wanted, out FoundBlock? found)
    {
        long highest = 0;
        for (int height = 0; _tree.AtHeight(height) is { } block; height++)
        {
            highest = Math.Max(highest, block.Header.Time);
            if (height >= minHeight && highest >= minTime)
            {
                return Show(block, wanted, out found);
            }
        }

        found = null;
        return false;
    }

    /// <inheritdoc/>
    public bool FindAncestorByHeight(BlockHash hash, int ancestorHeight, BlockParts wanted, out FoundBlock? ancestor)
    {
        ChainBlock? block = _tree.Find(hash.ToHash());
        return Show(block is not null && ancestorHeight >= 0 && ancestorHeight <= block.Height ? block.Ancestor(ancestorHeight) : null, wanted, out ancestor);
    }

    /// <inheritdoc/>
    public bool FindCommonAncestor(BlockHash first, BlockHash second, BlockParts wanted, out FoundBlock? ancestor, out FoundBlock? firstFound, out FoundBlock? secondFound)
    {
        ChainBlock? one = _tree.Find(first.ToHash());
        ChainBlock? other = _tree.Find(second.ToHash());
        Show(one, wanted, out firstFound);
        Show(other, wanted, out secondFound);
        if (one is null || other is null)
        {
            return Show(null, wanted, out ancestor);
        }

        int height = Math.Min(one.Height, other.Height);
        (one, other) = (one.Ancestor(height), other.Ancestor(height));
        while (!ReferenceEquals(one, other))
        {
            (one, other) = (one.Previous!, other.Previous!);
        }

        return Show(one, wanted, out ancestor);
    }

    /// <inheritdoc/>
    public void FindCoins(ref Dictionary<CoinId, Coin?> coins)
    {
        ArgumentNullException.ThrowIfNull(coins);
        foreach (CoinId id in coins.Keys.ToArray())
        {
            coins[id] = _node.Coins.Find(new OutPoint(id.Txid.ToHash(), id.Index)) is { } coin
                ? new Coin(coin.Value, coin.Script.ToArray(), coin.Height, coin.IsCoinbase)
                : null;
        }
    }

    /// <inheritdoc/>
    public BlockHash[] GetTipLocator()
    {
        List<BlockHash> hashes = [];
        int step = 1;
        for (int height = _tree.Tip.Height; height > 0; height -= step)
        {
            hashes.Add(GetBlockHash(height));
            step = hashes.Count > LocatorStep ? step * 2 : 1;
        }

        return [.. hashes, GetBlockHash(0)];
    }

    /// <inheritdoc/>
    public int? FindLocatorFork(BlockHash[] locator)
    {
        ArgumentNullException.ThrowIfNull(locator);
        return locator.Select(hash => _tree.Find(hash.ToHash())).FirstOrDefault(block => block is not null && _tree.IsActive(block))?.Height;
    }

    /// <inheritdoc/>
    public double GuessVerificationProgress(BlockHash hash)
    {
        int tip = _tree.Tip.Height;
        return _tree.Find(hash.ToHash()) is { } block ? tip == 0 ? 1 : Math.Min(1, (double)block.Height / tip) : 0;
    }

    /// <inheritdoc/>
    public void GetTransactionAncestry(BlockHash txid, out long ancestors, out long descendants, out long? ancestorSize, out long? ancestorFees)
    {
        // No transaction waits: blocks alone bring them.
        ancestors = descendants = 0;
        ancestorSize = ancestorFees = null;
    }

    /// <inheritdoc/>
    public long GetRelayMinFee() => RelayFee;

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
    public void WaitForNotificationsIfTipChanged(BlockHash oldTip)
    {
        if (oldTip != GetTipHash() && !WaitForListeners(s_listenerPatience))
        {
            throw new TimeoutException($"A listener to the chain has not been told of everything within {s_listenerPatience.TotalSeconds} seconds.");
        }
    }

    /// <inheritdoc/>
    public IHandler HandleRpc(RpcCommand command) => _registerRpc(command);

    /// <inheritdoc/>
    public IHandler HandleNotifications(IChainNotifications notifications)
    {
        ArgumentNullException.ThrowIfNull(notifications);
        return _listeners.Add(notifications);
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

    /// <summary>Whether anybody listens to the chain.</summary>
    public bool HasListeners() => _listeners.Any;

    /// <summary>Waits until every listener has been told of all that has happened so far.</summary>
    /// <returns>False when it took longer than the bound.</returns>
    public bool WaitForListeners(TimeSpan bound) => _listeners.WaitUntilTold(bound);

    /// <summary>The same chain for somebody whose JSON-RPC methods go elsewhere than straight into the table.</summary>
    internal NodeChain WithRpc(Func<RpcCommand, IHandler> register) => new(_node, _listeners, register);

    private bool Show(ChainBlock? block, BlockParts wanted, out FoundBlock? found)
    {
        found = block?.ToFound(_tree, wanted);
        return block is not null;
    }

    private void Tell(string kind, string message, bool isError)
    {
        _log.Write($"{kind}: {message}");
        _node.Messages.Show(message, isError);
        _node.Complain?.Invoke($"{kind}: {message}");
    }
}
