using Bitcoin.Chain;
using Bitcoin.Interfaces;
using Bitcoin.Primitives;

namespace Bitcoin.Node;

/// <summary>A block that a miner works on.</summary>
internal sealed class BlockTemplate : IBlockTemplate
{
    private readonly NodeContext _node;
    private readonly ChainBlock _parent;
    private readonly BlockCreateOptions _options;
    private readonly Block _block;
    private int _isInterrupted;

    internal BlockTemplate(NodeContext node, ChainBlock parent, BlockCreateOptions options)
    {
        _node = node;
        _parent = parent;
        _options = options;
        byte[] anybody = [0x51];
        _block = Miner.MakeTemplate(node.Tree.Network, parent, options.CoinbaseScript ?? anybody, node.Clock.GetUtcNow());
    }

    public byte[] GetBlockHeader() => _block.Header.ToArray();

    public byte[] GetBlock() => _block.ToArray();

    public long[] GetTxFees() => [];

    public byte[] GetCoinbaseTx() => _block.Transactions[0].ToArray();

    // The coinbase is alone in the block, and so the root itself.
    public BlockHash[] GetCoinbaseMerklePath() => [];

    public bool SubmitSolution(uint version, uint time, uint nonce, byte[]? coinbase)
    {
        Transaction first = coinbase is null ? _block.Transactions[0] : Transaction.Parse(coinbase);
        BlockHeader header = _block.Header with { Version = (int)version, Time = time, Nonce = nonce, MerkleRoot = first.Txid };
        return _node.Tree.AcceptBlock(new Block(header, [first, .. _block.Transactions.Skip(1)])).IsTaken;
    }

    public IBlockTemplate? WaitNext(TimeSpan timeout, CancellationToken cancellationToken = default)
    {
        ChainBlock? tip = _node.Tips.Wait(tip => ReferenceEquals(tip, _parent), timeout, cancellationToken, () => Interlocked.Exchange(ref _isInterrupted, 0) != 0);
        return tip is null || ReferenceEquals(tip, _parent) ? null : new BlockTemplate(_node, tip, _options);
    }

    public void InterruptWait()
    {
        Volatile.Write(ref _isInterrupted, 1);
        _node.Tips.Pulse();
    }

    public void Dispose()
    {
        // Nobody waits for what nobody has: a wait ends with the connection of who waits.
        InterruptWait();
    }
}
