using Bitcoin.Primitives;
using NBitcoin;

namespace Dash;

/// <summary>
/// What a block makes: a base that depended on the parent's target in the first years, less a fourteenth (7.14 %) for
/// each 210,240 blocks. A part of it is kept for the treasury, and a part of the rest is meant for a masternode.
/// </summary>
internal static class DashReward
{
    /// <summary>The masternodes' share while it grew from 50 to 60 percent, in thousandths.</summary>
    private static readonly int[] s_reallocation =
        [513, 526, 533, 540, 546, 552, 557, 562, 567, 572, 577, 582, 585, 588, 591, 594, 597, 599, 600];

    internal static BlockReward At(NetworkParameters network, DashHeights heights, int height, uint previousBits)
    {
        if (height == 0)
        {
            return new BlockReward(50 * Money.COIN);
        }

        (long subsidy, long treasury) = Parts(network, heights, height - 1, previousBits);
        bool isSuperblock = height >= heights.Superblocks && height % heights.SuperblockCycle == 0;
        return new BlockReward(subsidy)
        {
            Most = isSuperblock ? subsidy + SuperblockBudget(network, heights, height) : subsidy,
            Shares =
            [
                new("masternode", Masternode(heights, height, subsidy)), new("treasury", treasury),
            ],
        };
    }

    /// <summary>The most that a superblock may pay: what a whole cycle of blocks kept for the treasury.</summary>
    internal static long SuperblockBudget(NetworkParameters network, DashHeights heights, int height)
    {
        uint bits = network.AllowsMinimumDifficulty ? CompactTarget.Compress(network.PowLimit) : 1;
        return Parts(network, heights, height - 1, bits).Treasury * heights.SuperblockCycle;
    }

    /// <summary>The masternode's part of a block's subsidy.</summary>
    internal static long Masternode(DashHeights heights, int height, long subsidy)
    {
        long share = subsidy / 5;
        int first = heights.MasternodeIncrease;
        int period = heights.MasternodeIncreasePeriod;
        for (int step = 0; step <= 9; step++)
        {
            // There was no eighth increase.
            if (step != 8 && height > first + (step * period))
            {
                share += step < 3 ? subsidy / 20 : subsidy / 40;
            }
        }

        int cycle = heights.SuperblockCycle;
        int start = heights.RewardReallocation - (heights.RewardReallocation % cycle) + cycle;
        if (height < heights.RewardReallocation || height < start)
        {
            return share;
        }

        return height >= heights.V20
            ? subsidy * 3 / 4
            : subsidy * s_reallocation[Math.Min((height - start) / (3 * cycle), s_reallocation.Length - 1)] / 1000;
    }

    /// <summary>The subsidy of a block's child, and what is kept of it for the treasury.</summary>
    internal static (long Subsidy, long Treasury) Parts(
        NetworkParameters network, DashHeights heights, int previousHeight, uint previousBits)
    {
        bool isV20 = previousHeight + 1 >= heights.V20;
        long whole = Base(previousHeight, Difficulty(network, previousHeight, previousBits), isV20) * Money.COIN;
        for (int i = network.HalvingInterval; i <= previousHeight; i += network.HalvingInterval)
        {
            whole -= whole / 14;
        }

        long treasury = previousHeight <= heights.BudgetPayments ? 0 : whole / (isV20 ? 5 : 10);
        return (whole - treasury, treasury);
    }

    private static long Base(int height, double difficulty, bool isV20)
    {
        return isV20 ? 5
            : height < 5465 ? Math.Clamp((long)(1111.0 / Math.Pow(difficulty + 1.0, 2.0)), 1, 500)
            : height < 17_000 || (difficulty <= 75 && height < 24_000)
                ? Math.Clamp((long)(11_111.0 / Math.Pow((difficulty + 51.0) / 6.0, 2.0)), 25, 500)
            : Math.Clamp((long)(2_222_222.0 / Math.Pow((difficulty + 2600.0) / 9.0, 2.0)), 5, 25);
    }

    private static double Difficulty(NetworkParameters network, int height, uint bits)
    {
        const int LastWrongHeight = 4500;
        double difficulty = 0xffff / (double)(bits & 0xffffff);

        // The main network's first blocks left the exponent out.
        return network.IsMain && height <= LastWrongHeight
            ? difficulty
            : difficulty * Math.Pow(256, 29 - (int)(bits >> 24));
    }
}
