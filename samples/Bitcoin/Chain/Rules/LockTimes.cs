using Bitcoin.Chain.Coins;
using Bitcoin.Primitives;
using NBitcoin;

namespace Bitcoin.Chain.Rules;

/// <summary>Relative lock times (BIP68): the last block that must not contain a transaction yet.</summary>
internal readonly record struct LockTimes(int Height, long Time)
{
    private const uint Disabled = 1u << 31;
    private const uint InTime = 1u << 22;
    private const uint Mask = 0xffff;
    private const int Granularity = 9;

    /// <summary>The lock times from the inputs' sequence numbers.</summary>
    /// <param name="transaction">The transaction.</param>
    /// <param name="spent">The outputs that it spends.</param>
    /// <param name="parent">The parent of the block that would contain the transaction.</param>
    internal static LockTimes Of(Transaction transaction, IReadOnlyList<UnspentCoin> spent, ChainBlock parent)
    {
        int minHeight = -1;
        long minTime = -1;
        bool isRelative = Currency.Current.ExtensionOf(transaction).Version >= 2;
        for (int i = 0; isRelative && i < spent.Count; i++)
        {
            uint sequence = transaction.Inputs[i].Sequence.Value;
            if ((sequence & Disabled) != 0)
            {
                continue;
            }

            if ((sequence & InTime) != 0)
            {
                // A transaction of the pool counts as part of the next block, so the tip's time is the last known one.
                long time = parent.Ancestor(Math.Clamp(spent[i].Height - 1, 0, parent.Height)).MedianTimePast;
                minTime = Math.Max(minTime, time + ((long)(sequence & Mask) << Granularity) - 1);
            }
            else
            {
                minHeight = Math.Max(minHeight, spent[i].Height + (int)(sequence & Mask) - 1);
            }
        }

        return new LockTimes(minHeight, minTime);
    }

    /// <summary>Whether a child of a block may contain the transaction.</summary>
    internal bool HavePassed(ChainBlock parent) => Height < parent.Height + 1 && Time < parent.MedianTimePast;
}
