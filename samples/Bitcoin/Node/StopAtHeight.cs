using Bitcoin.Chain;
using NBitcoin;

namespace Bitcoin.Node;

/// <summary>Ends the node at the height of -stopatheight.</summary>
internal sealed class StopAtHeight(NodeContext node, int height) : IChainSubscriber
{
    /// <inheritdoc/>
    public void BlockConnected(ChainBlock block, Block data)
    {
    }

    /// <inheritdoc/>
    public void BlockDisconnected(ChainBlock block, Block data)
    {
    }

    /// <inheritdoc/>
    public void TipUpdated(ChainBlock tip)
    {
        if (tip.Height >= height)
        {
            node.Log.Write($"Reached -stopatheight={height}: the tip is block {tip.Height}");
            node.RequestStop();
        }
    }
}
