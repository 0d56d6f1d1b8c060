using Bitcoin.Interfaces;

namespace Bitcoin.Wallet.Spending;

/// <summary>A fee rate and its origin.</summary>
/// <param name="Rate">The rate.</param>
/// <param name="Reason">The origin, in Bitcoin Core's words.</param>
/// <param name="Target">The number of blocks of the estimate; null if it is not an estimate.</param>
internal sealed record ChosenRate(FeeRate Rate, string Reason, int? Target)
{
    internal const string UserSpecified = "User Specified Fee";
    internal const string Estimate = "Fee Rate Estimator";
    internal const string Fallback = "Fallback fee";
    internal const string MempoolMinimum = "Mempool Min Fee";
    internal const string Required = "Minimum Required Fee";
}

/// <summary>Chooses fee rates.</summary>
internal sealed class FeeChoice(IChain chain, WalletOptions options)
{
    internal FeeRate Required => FeeRate.Max(options.MinRate, RelayMinimum);

    internal FeeRate RelayMinimum => FeeRate.PerKilobyte(chain.GetRelayMinFee().Satoshi);

    internal FeeRate Dust => FeeRate.PerKilobyte(chain.GetRelayDustFee().Satoshi);

    internal ChosenRate Choose(CoinControl control)
    {
        FeeRate required = Required;
        if (control.Rate is { } given)
        {
            return control.OverridesMinimum || required <= given
                ? new ChosenRate(given, ChosenRate.UserSpecified, null)
                : new ChosenRate(required, ChosenRate.Required, null);
        }

        bool isConservative = control.Mode == FeeMode.Conservative
            || (control.Mode == FeeMode.Unset && !(control.SignalsReplacement ?? options.SignalsReplacement));
        FeeRate rate = FeeRate.PerKilobyte(
            chain.EstimateFee(control.Target ?? options.Target, isConservative, out int returned)?.Satoshi ?? 0);
        ChosenRate chosen = new(rate, ChosenRate.Estimate, returned);
        if (rate.Fee == 0)
        {
            chosen = new ChosenRate(options.FallbackRate, ChosenRate.Fallback, null);
            if (options.FallbackRate.Fee == 0)
            {
                return chosen;
            }
        }

        FeeRate minimum = FeeRate.PerKilobyte(chain.GetMempoolMinFee().Satoshi);
        if (chosen.Rate < minimum)
        {
            chosen = new ChosenRate(minimum, ChosenRate.MempoolMinimum, null);
        }

        return required > chosen.Rate ? new ChosenRate(required, ChosenRate.Required, null) : chosen;
    }

    /// <summary>The rate that decides which change is too small to keep.</summary>
    internal FeeRate Discard()
    {
        const int LongestTarget = 1008;
        FeeRate estimate = FeeRate.PerKilobyte(chain.EstimateFee(LongestTarget, false, out _)?.Satoshi ?? 0);
        FeeRate rate = estimate.Fee == 0 ? options.DiscardRate : FeeRate.Min(estimate, options.DiscardRate);
        return FeeRate.Max(rate, Dust);
    }
}
