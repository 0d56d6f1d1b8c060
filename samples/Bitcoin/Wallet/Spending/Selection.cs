using Bitcoin.Wallet.Coins;
using NBitcoin;

namespace Bitcoin.Wallet.Spending;

/// <summary>The parameters of a coin selection.</summary>
internal sealed record SelectionTerms
{
    internal FeeRate Rate { get; init; }

    internal FeeRate LongTermRate { get; init; }

    internal FeeRate DiscardRate { get; init; }

    internal long ChangeOutputSize { get; init; }

    internal long ChangeSpendSize { get; init; }

    internal long ChangeFee { get; init; }

    internal long CostOfChange { get; init; }

    internal long MinChangeTarget { get; init; }

    internal long MinViableChange { get; init; }

    internal long SizeWithoutInputs { get; init; }

    internal bool SubtractsFee { get; init; }

    internal bool AvoidsPartialSpends { get; init; }

    internal bool IncludesUnsafe { get; init; }

    internal long MaxWeight { get; init; } = Weights.MaxStandard;

    internal uint Version { get; init; } = CoinControl.DefaultVersion;
}

/// <summary>A selection of coins.</summary>
internal sealed class Selection(string algorithm, long target)
{
    private readonly Dictionary<OutPoint, Candidate> _coins = [];
    private bool _usesEffective = true;

    internal string Algorithm { get; private set; } = algorithm;

    internal long Target { get; private set; } = target;

    internal IReadOnlyCollection<Candidate> Coins => _coins.Values;

    internal long Weight { get; private set; }

    internal long Waste { get; private set; }

    /// <summary>By how much the sum of the single bump fees of the coins exceeds their common bump fee.</summary>
    internal long BumpDiscount { get; set; }

    internal long Value => _coins.Values.Sum(static coin => coin.Value);

    internal long EffectiveValue => _coins.Values.Sum(static coin => coin.EffectiveValue) + BumpDiscount;

    internal long BumpFees => _coins.Values.Sum(static coin => coin.BumpFee) - BumpDiscount;

    internal void Add(CoinGroup group)
    {
        group.Coins.ForEach(coin => _coins[coin.Id] = coin);
        _usesEffective = !group.SubtractsFee;
        Weight += group.Weight;
    }

    internal void Add(IEnumerable<Candidate> coins, bool subtractsFee)
    {
        foreach (Candidate coin in coins)
        {
            _coins[coin.Id] = coin;
            Weight += Math.Max(coin.InputBytes, 0) * Weights.Scale;
        }

        _usesEffective = !subtractsFee;
    }

    internal void Merge(Selection other)
    {
        foreach (Candidate coin in other.Coins)
        {
            _coins[coin.Id] = coin;
        }

        Target += other.Target;
        _usesEffective |= other._usesEffective;
        Algorithm = Algorithm == "manual" ? other.Algorithm : Algorithm;
        Weight += other.Weight;
    }

    internal void Clear()
    {
        _coins.Clear();
        Weight = 0;
    }

    /// <summary>The change, if it is worth an output; otherwise 0.</summary>
    internal long ChangeOf(long minViable, long changeFee)
    {
        long change = _usesEffective ? EffectiveValue - Target - changeFee : Value - Target;
        return change < minViable ? 0 : change;
    }

    /// <summary>
    /// The waste: the extra cost against spending the same coins later, plus the excess that is given away or the cost
    /// of change.
    /// </summary>
    internal void Measure(long minViable, long costOfChange, long changeFee)
    {
        long waste = _coins.Values.Sum(static coin => coin.Fee - coin.LongTermFee) - BumpDiscount;
        waste += ChangeOf(minViable, changeFee) > 0 ? costOfChange : (_usesEffective ? EffectiveValue : Value) - Target;
        Waste = waste;
    }

    internal bool IsBetterThan(Selection other)
        => Waste < other.Waste || (Waste == other.Waste && _coins.Count > other._coins.Count);
}

/// <summary>The result of an algorithm: a selection, or an error.</summary>
/// <param name="selection">The selection; null for none.</param>
/// <param name="error">Why there is none; null or empty if the coins are not enough.</param>
internal readonly struct SelectionOutcome(Selection? selection, string? error = null)
{
    internal Selection? Selection => selection;

    internal string Error => error ?? "";
}
