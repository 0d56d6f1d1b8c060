using Bitcoin.Primitives;

namespace Dash;

/// <summary>The heights from which rules hold that only Dash has, for one network.</summary>
internal sealed record DashHeights
{
    internal static DashHeights Main { get; } = new()
    {
        KimotoGravityWell = 15_200,
        DarkGravityWave = 34_140,
        MasternodeIncrease = 158_000,
        MasternodeIncreasePeriod = 576 * 30,
        BudgetPayments = 328_008,
        Superblocks = 614_820,
        SuperblockCycle = 16_616,
        RewardReallocation = 1_374_912,
        V20 = 1_987_776,
    };

    internal static DashHeights Test { get; } = new()
    {
        // Equal heights: the second rule was never used.
        KimotoGravityWell = 4002,
        DarkGravityWave = 4002,
        MasternodeIncrease = 4030,
        MasternodeIncreasePeriod = 10,
        BudgetPayments = 4100,
        Superblocks = 4200,
        SuperblockCycle = 24,
        RewardReallocation = 387_500,
        V20 = 905_100,
    };

    internal static DashHeights Regtest { get; } = new()
    {
        KimotoGravityWell = 15_200,
        DarkGravityWave = 34_140,
        MasternodeIncrease = 350,
        MasternodeIncreasePeriod = 10,
        BudgetPayments = 1000,
        Superblocks = 1500,
        SuperblockCycle = 20,
        RewardReallocation = 1,
        V20 = 432,
    };

    /// <summary>The first height with the second rule for targets.</summary>
    internal required int KimotoGravityWell { get; init; }

    /// <summary>The first height with the third rule for targets.</summary>
    internal required int DarkGravityWave { get; init; }

    /// <summary>The last height at which masternodes get a fifth.</summary>
    internal required int MasternodeIncrease { get; init; }

    /// <summary>The number of blocks between two increases.</summary>
    internal required int MasternodeIncreasePeriod { get; init; }

    /// <summary>The height whose children are the first to keep a part for the treasury.</summary>
    internal required int BudgetPayments { get; init; }

    /// <summary>From where on the treasury pays in superblocks.</summary>
    internal required int Superblocks { get; init; }

    /// <summary>The number of blocks from one superblock to the next.</summary>
    internal required int SuperblockCycle { get; init; }

    /// <summary>From where on the masternodes' half grows to 60 percent.</summary>
    internal required int RewardReallocation { get; init; }

    /// <summary>From where on the subsidy does not depend on targets, and the treasury gets a fifth.</summary>
    internal required int V20 { get; init; }

    internal static DashHeights Of(NetworkParameters network)
        => network.IsMain ? Main : network.IsPrivate ? Regtest : Test;
}
