using Bitcoin.Chain;
using Bitcoin.Chain.Rules;
using Bitcoin.Interfaces;
using Bitcoin.Primitives;
using NBitcoin;

namespace Bitcoin.Node;

/// <summary>What Bitcoin Core's interface for miners adds: reasons of refusals, and waits for fees.</summary>
internal sealed partial class BlockTemplate
{
    private const int LeastReservedWeight = 2000;

    // As often as Bitcoin Core looks whether fees have risen: a new block must be assembled to know.
    private static readonly TimeSpan s_tick = TimeSpan.FromSeconds(1);

    // The template's block, or the last one that was submitted. Replaced as a whole.
    private volatile Block _block;

    public long[] GetTxSigOps() => [.. _assembled.Entries.Select(static entry => (long)entry.SigOpCost)];

    public bool SubmitSolution(
        uint version, uint time, uint nonce, Transaction coinbase, out string reason, out string debug)
    {
        ArgumentNullException.ThrowIfNull(coinbase);
        Block solved = Solve(version, time, nonce, coinbase);
        _block = solved;
        return _node.Submit(solved, out reason, out debug);
    }

    public IBlockTemplate? WaitNextOrFees(
        TimeSpan timeout, Money? feeThreshold, CancellationToken cancellationToken = default)
    {
        if (feeThreshold is null)
        {
            return WaitNext(timeout, cancellationToken);
        }

        bool isBounded = timeout >= TimeSpan.Zero && timeout.TotalMilliseconds < int.MaxValue;
        long end = Environment.TickCount64 + (isBounded ? (long)timeout.TotalMilliseconds : 0);
        long wanted = Fees(_assembled) + feeThreshold.Satoshi;
        while (true)
        {
            TimeSpan left = TimeSpan.FromMilliseconds(Math.Max(0, end - Environment.TickCount64));
            ChainBlock? tip = _node.Tips.Wait(
                tip => ReferenceEquals(tip, _assembled.Parent),
                isBounded && left < s_tick ? left : s_tick,
                cancellationToken,
                () => Interlocked.Exchange(ref _isInterrupted, 0) != 0);
            if (tip is null)
            {
                return null;
            }

            BlockTemplate next = new(_node, _options);
            if (!ReferenceEquals(tip, _assembled.Parent) || Fees(next._assembled) >= wanted)
            {
                return next;
            }

            if (isBounded && Environment.TickCount64 >= end)
            {
                return null;
            }
        }
    }

    private static long Fees(AssembledBlock block) => block.Entries.Sum(static entry => entry.Fee);

    private static void Check(BlockCreateOptions options, NetworkParameters network)
    {
        int mostWeight = network.MaxBlockWeight(int.MaxValue);
        int mostSigOps = network.MaxBlockSignatureCost(int.MaxValue);
        if (options.ReservedWeight is { } weight && (weight < LeastReservedWeight || weight > mostWeight))
        {
            throw new ArgumentException(
                $"ReservedWeight: Expected {LeastReservedWeight:N0} to {mostWeight:N0}, got {weight:N0}.",
                nameof(options));
        }

        if (options.CoinbaseSigOps < 0 || options.CoinbaseSigOps > mostSigOps)
        {
            throw new ArgumentException(
                $"CoinbaseSigOps: Expected at most {mostSigOps:N0}, got "
                    + $"{options.CoinbaseSigOps:N0}.",
                nameof(options));
        }
    }

    // NBitcoin's blocks are mutable. A copy keeps the template's own block unchanged.
    private Block Solve(uint version, uint time, uint nonce, Transaction coinbase)
    {
        Block solved = _node.Tree.Network.Network.Consensus.ConsensusFactory.CreateBlock();
        solved.Header.HashPrevBlock = _assembled.Block.Header.HashPrevBlock;
        solved.Header.Bits = _assembled.Block.Header.Bits;
        solved.Header.Version = (int)version;
        solved.Header.BlockTime = DateTimeOffset.FromUnixTimeSeconds(time);
        solved.Header.Nonce = nonce;
        solved.Transactions = [coinbase, .. _assembled.Block.Transactions.Skip(1)];
        Miner.SealRoot(solved);
        return solved;
    }
}
