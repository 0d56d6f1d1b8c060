using Bitcoin.Chain;
using Bitcoin.Interfaces;
using Bitcoin.Primitives;
using NBitcoin;

namespace Bitcoin.Node;

/// <summary>The node's interface for miners.</summary>
public sealed partial class NodeMining : IMining
{
    private const int MaxBlocks = 10_000;

    private readonly NodeContext _node;

    // Two callers at the same time would mine on the same tip, and one of each two blocks would be useless.
    private readonly Lock _oneAtATime = new();


    internal NodeMining(NodeContext node) => _node = node;

    /// <inheritdoc/>
    public bool IsTestChain() => !_node.Tree.Network.IsMain;

    /// <inheritdoc/>
    public bool IsInitialBlockDownload() => _node.IsInitialDownload;

    /// <inheritdoc/>
    public BlockTip GetTip() => _node.Tree.Tip.ToTip();

    /// <inheritdoc/>
    public BlockTip? WaitTipChanged(uint256 currentTip, TimeSpan timeout, CancellationToken cancellationToken = default)
    {
        return _node.Tips.Wait(tip => tip.Hash == currentTip, timeout, cancellationToken)?.ToTip();
    }

    /// <inheritdoc/>
    public IBlockTemplate CreateNewBlock(BlockCreateOptions options)
    {
        ArgumentNullException.ThrowIfNull(options);
        return new BlockTemplate(_node, options);
    }

    /// <inheritdoc/>
    public void Interrupt() => _node.Tips.Interrupt();

    /// <inheritdoc/>
    public bool CheckBlock(Block block, bool checkPow, out string reason, out string debug)
    {
        return Tell(_node.Tree.Test(block, checkPow), out reason, out debug);
    }

    /// <inheritdoc/>
    public bool SubmitBlock(Block block, out string reason, out string debug)
    {
        return _node.Submit(block, out reason, out debug);
    }

    /// <inheritdoc/>
    public uint256[] Generate(int count, Script script)
    {
        ArgumentNullException.ThrowIfNull(script);
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(count);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(count, MaxBlocks);
        if (!_node.Tree.Network.NeverRetargets)
        {
            throw new InvalidOperationException(
                $"Mining takes no more than a moment on regtest only; this is {_node.Tree.Network}.");
        }

        return [.. Mine(count, script, ulong.MaxValue)];
    }

    /// <summary>Runs an action while no other caller mines.</summary>
    internal T Alone<T>(Func<T> mine)
    {
        lock (_oneAtATime)
        {
            return mine();
        }
    }

    /// <summary>Mines blocks with the pool's transactions.</summary>
    /// <param name="count">The number of blocks.</param>
    /// <param name="script">The output script that receives subsidy and fees.</param>
    /// <param name="tries">The largest number of hashes for all blocks together.</param>
    /// <returns>The hashes of the blocks that were found.</returns>
    internal List<uint256> Mine(int count, Script script, ulong tries)
    {
        lock (_oneAtATime)
        {
            List<uint256> mined = [];
            uint extraNonce = 0;
            while (mined.Count < count && tries > 0 && !_node.Stopping.IsCancellationRequested)
            {
                Block block = _node.Assembler.Assemble(script, extraNonce: extraNonce).Block;
                uint256? hash = Solve(block, ref tries);
                if (hash is not null && _node.Tree.Find(hash) is not null)
                {
                    // An equal block, with the same time and transactions, was mined before and then left the chain.
                    extraNonce++;
                }
                else if (hash is not null)
                {
                    extraNonce = 0;
                    AcceptResult result = _node.Tree.AcceptBlock(block);
                    mined.Add(
                        result.IsTaken
                            ? hash
                            : throw new InvalidOperationException(
                                $"ProcessNewBlock, block not accepted: {result.Refusal}"));
                }
            }

            return mined;
        }
    }

    /// <summary>Does the proof of work for a block.</summary>
    internal uint256? Solve(Block block, ref ulong tries)
    {
        uint first = block.Header.Nonce;
        bool isSolved = Miner.TrySolve(block, _node.Tree.Network, tries, _node.Stopping);
        ulong used = (ulong)(block.Header.Nonce - first) + 1;
        tries = tries == ulong.MaxValue ? tries : tries - Math.Min(tries, used);
        return isSolved ? block.GetHash() : null;
    }

    private static bool Tell(Refusal? refusal, out string reason, out string debug)
    {
        reason = refusal?.Reason ?? "";
        debug = refusal?.Details ?? "";
        return refusal is null;
    }
}
