using Bitcoin.Chain;
using Bitcoin.Primitives;
using NBitcoin;

namespace Bitcoin.Node;

/// <summary>
/// Warns when miners have voted for rules that this node does not know: it may accept invalid blocks then.
/// </summary>
/// <remarks>Called on one thread at a time.</remarks>
internal sealed class UnknownRules(NodeContext node) : IChainSubscriber
{
    // Miners use the higher bits as a nonce.
    private const int Bits = 5;
    private const int MainPeriod = 2016;
    private const int MainThreshold = 1815;
    private const int TopMask = unchecked((int)0xe000_0000);
    private const int TopBits = 0x2000_0000;

    // The states after complete periods, by the last block of the period. They never change.
    private readonly Dictionary<(uint256 Block, int Bit), Deployments.State> _states = [];
    private readonly HashSet<int> _warned = [];

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
        if (node.IsInitialDownload)
        {
            return;
        }

        for (int bit = 0; bit < Bits; bit++)
        {
            if (StateAfter(tip, bit) == Deployments.State.Active && _warned.Add(bit))
            {
                string warning = $"Unknown new rules activated (versionbit {bit})";
                node.Log.Warn(warning);
                node.Messages.Show(warning, isError: false);
            }
        }
    }

    private Deployments.State StateAfter(ChainBlock tip, int bit)
    {
        bool isTest = !node.Tree.Network.IsMain;
        int period = isTest ? node.Tree.Network.RetargetInterval : MainPeriod;
        int threshold = isTest ? period * 3 / 4 : MainThreshold;
        int periods = (tip.Height + 1) / period;

        // Go back to a period whose state is known, then forward from there.
        int known = periods;
        Deployments.State state = Deployments.State.Defined;
        while (known > 0 && !_states.TryGetValue((tip.Ancestor((known * period) - 1).Hash, bit), out state))
        {
            known--;
        }

        state = known == 0 ? Deployments.State.Defined : state;
        for (int next = known + 1; next <= periods; next++)
        {
            ChainBlock last = tip.Ancestor((next * period) - 1);
            state = state switch
            {
                Deployments.State.Defined => Deployments.State.Started,
                Deployments.State.Started
                    => Votes(last, bit, period) >= threshold ? Deployments.State.LockedIn : Deployments.State.Started,
                Deployments.State.LockedIn => Deployments.State.Active,
                _ => state,
            };
            _states[(last.Hash, bit)] = state;
        }

        return state;
    }

    private int Votes(ChainBlock last, int bit, int period)
    {
        int votes = 0;
        for (int i = 0; i < period; i++)
        {
            ChainBlock block = last.Ancestor(last.Height - i);
            bool isVote = block.Height >= node.Tree.Network.UnknownRulesHeight
                && (block.Header.Version & TopMask) == TopBits
                && (block.Header.Version & (1 << bit)) != 0;
            votes += isVote ? 1 : 0;
        }

        return votes;
    }
}
