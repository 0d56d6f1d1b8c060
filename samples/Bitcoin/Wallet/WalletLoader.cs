using Bitcoin.Hosting;
using Bitcoin.Interfaces;
using Bitcoin.Primitives;

namespace Bitcoin.Wallet;

/// <summary>The wallet, driven by its node and calling it back.</summary>
public sealed class WalletLoader : IWalletLoader, IChainNotifications
{
    private readonly IChain _chain;
    private readonly ThisProcess _process;
    private readonly DebugLog _log;
    private readonly Narrator _narrator;
    private IHandler? _handler;
    private int _blocksSeen;

    /// <summary>A wallet on a node's chain.</summary>
    public WalletLoader(IChain chain, ThisProcess process, DebugLog log, Narrator narrator)
    {
        _chain = chain;
        _process = process;
        _log = log;
        _narrator = narrator;
    }

    /// <inheritdoc/>
    public int Rescan(int fromHeight, int toHeight)
    {
        int transactions = 0;
        for (int height = fromHeight; height <= toHeight; height++)
        {
            BlockHash hash = _narrator.Tell($"    Chain.GetBlockHash({height})", () => _chain.GetBlockHash(height));
            byte[] bytes = _chain.GetBlock(hash) ?? throw new InvalidOperationException($"The node has no block {hash}, though it named it.");
            transactions += Block.Parse(bytes).Transactions.Count;
        }

        _log.Write($"Rescanned blocks {fromHeight} to {toHeight}: {transactions} transactions");
        return transactions;
    }

    /// <inheritdoc/>
    public void Follow() => Interlocked.Exchange(ref _handler, _chain.HandleNotifications(this))?.Dispose();

    /// <inheritdoc/>
    public int GetBlocksSeen() => Volatile.Read(ref _blocksSeen);

    /// <inheritdoc/>
    public ThreadStep[] GoDeep(int depth) => [_process.DescribeThread(), .. _chain.RunDeep(depth, Answer)];

    /// <inheritdoc/>
    public void BlockConnected(BlockInfo block)
    {
        Interlocked.Increment(ref _blocksSeen);
        int height = _chain.GetHeight();
        _narrator.Say($"    is told: block {block.Height} connected, {block.Hash}; asks back: Chain.GetHeight() -> {height}; thread {Environment.CurrentManagedThreadId} \"{Thread.CurrentThread.Name}\"");
        _log.Write($"Block {block.Height} connected: {block.Hash}");
    }

    /// <inheritdoc/>
    public void BlockDisconnected(BlockInfo block) => _log.Write($"Block {block.Height} disconnected: {block.Hash}");

    /// <inheritdoc/>
    public void UpdatedBlockTip(BlockInfo tip) => _log.Write($"The tip is now block {tip.Height}");

    /// <inheritdoc/>
    public void Dispose()
    {
        Interlocked.Exchange(ref _handler, null)?.Dispose();
        _log.Write("Wallet unloaded");
    }

    private ThreadStep[] Answer(int depth) => [_process.DescribeThread(), .. _chain.RunDeep(depth, Answer)];
}
