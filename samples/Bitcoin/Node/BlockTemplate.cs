using Bitcoin.Chain;
using Bitcoin.Chain.Rules;
using Bitcoin.Interfaces;
using NBitcoin;

namespace Bitcoin.Node;

/// <summary>A block for a miner to work on.</summary>
internal sealed partial class BlockTemplate : IBlockTemplate
{
    private static readonly Script s_anybody = new(OpcodeType.OP_TRUE);

    private readonly NodeContext _node;
    private readonly BlockCreateOptions _options;
    private readonly AssembledBlock _assembled;
    private int _isInterrupted;

    internal BlockTemplate(NodeContext node, BlockCreateOptions options)
    {
        _node = node;
        _options = options;
        Check(options, node.Tree.Network);
        _assembled = node.Assembler.Assemble(
            options.CoinbaseScript ?? s_anybody,
            options.UseMempool,
            reservedWeight: options.ReservedWeight,
            coinbaseSigOps: options.CoinbaseSigOps);
        _block = _assembled.Block;
    }

    public BlockHeader GetBlockHeader() => _block.Header;

    public Block GetBlock() => _block;

    public Money[] GetTxFees() => [.. _assembled.Entries.Select(static entry => Money.Satoshis(entry.Fee))];

    public Transaction GetCoinbaseTx() => _assembled.Block.Transactions[0];

    public uint256[] GetCoinbaseMerklePath()
        =>
            [
                .. Merkle.PathOfFirst(
                    [.. _assembled.Block.Transactions.Select(static transaction => transaction.GetHash())]),
            ];

    public bool SubmitSolution(uint version, uint time, uint nonce, Transaction? coinbase)
    {
        Block solved = Solve(version, time, nonce, coinbase ?? _assembled.Block.Transactions[0]);
        return _node.Tree.AcceptBlock(solved).IsTaken;
    }

    public IBlockTemplate? WaitNext(TimeSpan timeout, CancellationToken cancellationToken = default)
    {
        ChainBlock? tip = _node.Tips.Wait(
            tip => ReferenceEquals(tip, _assembled.Parent),
            timeout,
            cancellationToken,
            () => Interlocked.Exchange(ref _isInterrupted, 0) != 0);
        return tip is null || ReferenceEquals(tip, _assembled.Parent) ? null : new BlockTemplate(_node, _options);
    }

    public void InterruptWait()
    {
        Volatile.Write(ref _isInterrupted, 1);
        _node.Tips.Pulse();
    }

    public void Dispose()
    {
        // Only the owner of the template can wait on it, and a wait ends with the owner's connection.
        InterruptWait();
    }
}
