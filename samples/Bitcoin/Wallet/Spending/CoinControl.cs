using Bitcoin.Descriptors;
using Bitcoin.Wallet.Keys;
using NBitcoin;

namespace Bitcoin.Wallet.Spending;

/// <summary>How a fee is estimated.</summary>
internal enum FeeMode
{
    Unset,
    Economical,
    Conservative,
}

/// <summary>An input that the user chose.</summary>
internal sealed class ChosenInput
{
    /// <summary>The output that it spends, if the wallet does not know it.</summary>
    internal TxOut? Output { get; set; }

    internal uint? Sequence { get; set; }

    internal long? Weight { get; set; }

    internal Script? ScriptSig { get; set; }

    internal WitScript? Witness { get; set; }

    internal int? Place { get; set; }
}

/// <summary>The wishes of the user for a transaction.</summary>
internal sealed class CoinControl
{
    internal const uint DefaultVersion = 2;
    internal const uint RestrictedVersion = 3;
    internal const long MaxRestrictedWeight = 10_000 * 4;
    internal const long MaxRestrictedChildWeight = 1_000 * 4;

    internal Script? Change { get; set; }

    internal OutputType? ChangeType { get; set; }

    internal bool IncludesUnsafe { get; set; }

    internal bool AllowsOthers { get; set; } = true;

    internal FeeRate? Rate { get; set; }

    internal bool OverridesMinimum { get; set; }

    internal int? Target { get; set; }

    internal bool? SignalsReplacement { get; set; }

    internal bool AvoidsPartialSpends { get; set; }

    internal bool AvoidsReuse { get; set; } = true;

    internal FeeMode Mode { get; set; }

    internal int MinDepth { get; set; }

    internal int MaxDepth { get; set; } = 9_999_999;

    internal uint? LockTime { get; set; }

    internal uint Version { get; set; } = DefaultVersion;

    internal long? MaxWeight { get; set; }

    internal SolvingData Solving { get; init; } = new();

    internal Dictionary<OutPoint, ChosenInput> Inputs { get; init; } = [];

    internal bool HasInputs => Inputs.Count > 0;

    internal ChosenInput Choose(OutPoint id)
    {
        if (!Inputs.TryGetValue(id, out ChosenInput? input))
        {
            Inputs[id] = input = new ChosenInput();
        }

        input.Place ??= Inputs.Values.Count(static other => other.Place is not null);
        return input;
    }

    internal bool IsChosen(OutPoint id) => Inputs.ContainsKey(id);

    /// <summary>Sets the weight of an input, and adds the input if it is not there.</summary>
    internal void SetWeight(OutPoint id, long weight)
    {
        Weights[id] = weight;
        Inputs.TryAdd(id, new ChosenInput());
    }

    internal Dictionary<OutPoint, long> Weights { get; init; } = [];

    internal long? WeightOf(OutPoint id) => Weights.TryGetValue(id, out long weight) ? weight : null;

    internal CoinControl Copy() => (CoinControl)MemberwiseClone();
}

/// <summary>A recipient of a payment.</summary>
internal sealed record Recipient(Script Script, long Amount, bool PaysFee);
