using System.Collections.Immutable;
using Bitcoin.Chain;
using Bitcoin.Hosting;
using Bitcoin.Interfaces;

namespace Bitcoin.Node;

/// <summary>The node's chain as other processes see it.</summary>
public sealed class NodeChain : IChain
{
    private const int MaxDepth = 100;

    private readonly BlockTree _tree;
    private readonly ThisProcess _process;
    private readonly DebugLog _log;
    private ImmutableList<ListenerQueue> _listeners = [];
    private int _listenerNumber;

    /// <summary>Shows a chain.</summary>
    public NodeChain(BlockTree tree, ThisProcess process, DebugLog log)
    {
        _tree = tree;
        _process = process;
        _log = log;
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
    public IHandler HandleNotifications(IChainNotifications notifications)
    {
        ArgumentNullException.ThrowIfNull(notifications);
        int number = Interlocked.Increment(ref _listenerNumber);
        ListenerQueue listener = new($"b-notify.{number}", notifications, _log, Forget);
        listener.Start(_tree);
        ImmutableInterlocked.Update(ref _listeners, static (list, added) => list.Add(added), listener);
        if (listener.HasEnded)
        {
            // It ended before it was in the list it takes itself out of.
            Forget(listener);
        }

        return listener;
    }

    /// <inheritdoc/>
    public ThreadStep[] RunDeep(int depth, Func<int, ThreadStep[]> callback)
    {
        ArgumentNullException.ThrowIfNull(callback);
        ArgumentOutOfRangeException.ThrowIfNegative(depth);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(depth, MaxDepth);
        ThreadStep here = _process.DescribeThread();
        return depth == 0 ? [here] : [here, .. callback(depth - 1)];
    }

    /// <summary>Whether anybody listens to the chain.</summary>
    public bool HasListeners() => !_listeners.IsEmpty;

    /// <summary>Waits until every listener has been told of all that has happened so far.</summary>
    /// <returns>False when it took longer than the bound.</returns>
    public bool WaitForListeners(TimeSpan bound) => _listeners.All(listener => listener.WaitUntilTold(bound));

    private void Forget(ListenerQueue listener)
    {
        ImmutableInterlocked.Update(ref _listeners, static (list, gone) => list.Remove(gone), listener);
    }
}
