using Bitcoin.Chain;
using Bitcoin.Primitives;

namespace Bitcoin.Node;

/// <summary>Rules that miners vote for with bits of the version (BIP9). Only one for tests is left.</summary>
internal static class Deployments
{
    internal const int TestBit = 28;
    internal const int TestPeriod = 144;

    private const int TopBits = 0x2000_0000;
    private const int TopMask = unchecked((int)0xe000_0000);
    private const int TestThreshold = 108;

    /// <summary>The start of a rule that always holds, or never.</summary>
    internal const int AlwaysActive = -1;

    internal const int NeverActive = -2;

    internal enum State
    {
        Defined,
        Started,
        LockedIn,
        Active,
        Failed,
    }

    /// <summary>The version of a block with this parent.</summary>
    internal static int BlockVersion(NetworkParameters network, ChainBlock parent)
    {
        return TopBits | (StateAfter(network, parent) is State.Started or State.LockedIn ? 1 << TestBit : 0);
    }

    internal static bool Exists(NetworkParameters network)
        => network.IsPrivate && network.TestRuleStart != NeverActive;

    /// <summary>The state for a block with this parent.</summary>
    internal static State StateAfter(NetworkParameters network, ChainBlock? parent)
    {
        if (!Exists(network))
        {
            return State.Failed;
        }

        if (network.TestRuleStart == AlwaysActive)
        {
            return State.Active;
        }

        State state = State.Defined;
        int periods = parent is null ? 0 : (parent.Height + 1) / TestPeriod;
        for (int period = 1; period <= periods && state is not (State.Active or State.Failed); period++)
        {
            ChainBlock last = parent!.Ancestor((period * TestPeriod) - 1);
            state = state switch
            {
                State.Defined => last.MedianTimePast >= network.TestRuleStart ? State.Started : State.Defined,
                State.Started => Count(last, TestPeriod) >= TestThreshold ? State.LockedIn
                    : last.MedianTimePast >= network.TestRuleTimeout ? State.Failed
                    : State.Started,
                State.LockedIn => last.Height + 1 >= network.TestRuleHeight ? State.Active : State.LockedIn,
                _ => state,
            };
        }

        return state;
    }

    /// <summary>The height since which the state for the next block has been the same.</summary>
    internal static int Since(NetworkParameters network, ChainBlock? parent)
    {
        State state = StateAfter(network, parent);
        int height = parent is null ? 0 : (parent.Height + 1) / TestPeriod * TestPeriod;
        while (height >= TestPeriod
            && parent is not null
            && StateAfter(network, parent.Ancestor(height - TestPeriod == 0 ? 0 : height - TestPeriod - 1)) == state
            && height - TestPeriod > 0)
        {
            height -= TestPeriod;
        }

        return state == State.Defined ? 0 : height;
    }

    /// <summary>How many of the last <paramref name="span"/> blocks voted.</summary>
    internal static int Count(ChainBlock last, int span)
    {
        int count = 0;
        ChainBlock? block = last;
        for (int i = 0; i < span && block is not null; i++, block = block.Previous)
        {
            count += Votes(block) ? 1 : 0;
        }

        return count;
    }

    internal static bool Votes(ChainBlock block)
        => (block.Header.Version & TopMask) == TopBits && (block.Header.Version & (1 << TestBit)) != 0;
}
