using Bitcoin.Chain;
using NBitcoin;

namespace Bitcoin.Node;

/// <summary>Submits a block, and says why it was refused as Bitcoin Core's interface for miners does.</summary>
internal static class BlockSubmission
{
    private const string Inconclusive = "inconclusive";

    /// <summary>Whether the block is new and now on the best branch.</summary>
    internal static bool Submit(this NodeContext node, Block block, out string reason, out string debug)
    {
        ArgumentNullException.ThrowIfNull(block);
        AcceptResult result = node.Tree.AcceptBlock(block);
        reason = result.Refusal?.Reason ?? "";
        debug = reason == AcceptResult.Duplicate ? "" : result.Refusal?.Details ?? "";
        if (result.Refusal is null && !ReferenceEquals(node.Tree.AtHeight(result.Block!.Height), result.Block))
        {
            reason = Inconclusive;
        }

        return reason.Length == 0;
    }
}
