using Bitcoin.Chain;
using Bitcoin.Interfaces;
using Bitcoin.Primitives;

namespace Bitcoin.Node;

/// <summary>What miners see of the node.</summary>
public sealed class NodeMining : IMining
{
    private const int MaxBlocks = 10_000;

    private readonly NodeContext _node;

    // Two callers at once would mine on the same tip, and one of each pair of blocks would be for nothing.
    private readonly Lock _oneAtATime = new();

    internal NodeMining(NodeContext node) => _node = node;

    /// <inheritdoc/>
    public bool IsTestChain() => _node.Tree.Network != NetworkParameters.Main;

    /// <inheritdoc/>
    public bool IsInitialBlockDownload() => _node.Tree.Tip.Height == 0;

    /// <inheritdoc/>
    public BlockTip GetTip() => _node.Tree.Tip.ToTip();

    /// <inheritdoc/>
    public BlockTip? WaitTipChanged(BlockHash currentTip, TimeSpan timeout, CancellationToken cancellationToken = default)
    {
        Hash256 current = currentTip.ToHash();
        return _node.Tips.Wait(tip => tip.Hash == current, timeout, cancellationToken)?.ToTip();
    }

    /// <inheritdoc/>
    public IBlockTemplate CreateNewBlock(BlockCreateOptions options)
    {
        ArgumentNullException.ThrowIfNull(options);
        return new BlockTemplate(_node, _node.Tree.Tip, options);
    }

    /// <inheritdoc/>
    public void Interrupt() => _node.Tips.Interrupt();

    /// <inheritdoc/>
    public bool CheckBlock(byte[] block, bool checkPow, out string reason, out string debug)
    {
        Refusal? refusal = Parse(block, out Refusal? malformed) is { } parsed ? _node.Tree.Test(parsed, checkPow) : malformed;
        reason = refusal?.Reason ?? "";
        debug = refusal?.Details ?? "";
        return refusal is null;
    }

    /// <inheritdoc/>
    public bool SubmitBlock(byte[] block, out string reason, out string debug)
    {
        Refusal? refusal = Parse(block, out Refusal? malformed) is { } parsed ? _node.Tree.AcceptBlock(parsed).Refusal : malformed;
        reason = refusal?.Reason ?? "";
        debug = refusal?.Details ?? "";
        return refusal is null;
    }

    /// <inheritdoc/>
    public BlockHash[] Generate(int count, byte[] script)
    {
        ArgumentNullException.ThrowIfNull(script);
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(count);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(count, MaxBlocks);
        if (!_node.Tree.Network.NeverRetargets)
        {
            throw new InvalidOperationException($"Mining takes no more than a moment on regtest only; this is {_node.Tree.Network}.");
        }

        lock (_oneAtATime)
        {
            return [.. Miner.Mine(_node.Tree, count, script, _node.Stopping).Select(static block => block.Hash.ToValue())];
        }
    }

    private static Block? Parse(byte[] bytes, out Refusal? malformed)
    {
        malformed = null;
        try
        {
            return Block.Parse(bytes);
        }
        catch (BitcoinFormatException exception)
        {
            malformed = new Refusal("rejected", exception.Message);
            return null;
        }
    }
}
