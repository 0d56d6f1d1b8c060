using System.Globalization;
using Bitcoin.Descriptors;
using Bitcoin.Interfaces;
using Bitcoin.Primitives;
using Bitcoin.Wallet.Spending;

namespace Bitcoin.Wallet;

/// <summary>The options of all wallets of a program.</summary>
internal sealed record WalletOptions
{
    private const long Coin = 100_000_000;
    private const long HighRate = Coin / 100;
    private const long HighApsFee = Coin / 10_000;
    private const long HighMaxFee = 100 * HighRate;

    internal OutputType AddressType { get; private init; } = OutputTypes.Usual;

    internal OutputType? ChangeType { get; private init; }

    internal FeeRate MinRate { get; private init; } = FeeRate.PerKilobyte(1000);

    internal FeeRate FallbackRate { get; private init; } = FeeRate.Zero;

    internal FeeRate DiscardRate { get; private init; } = FeeRate.PerKilobyte(10_000);

    internal FeeRate ConsolidationRate { get; private init; } = FeeRate.PerKilobyte(10_000);

    internal long MaxFee { get; private init; } = Coin / 10;

    internal long MaxApsFee { get; private init; }

    internal int Target { get; private init; } = 6;

    internal bool SpendsUnconfirmedChange { get; private init; } = true;

    internal bool SignalsReplacement { get; private init; } = true;

    internal int KeyPool { get; private init; } = 1000;

    internal bool Broadcasts { get; private init; } = true;

    internal bool RejectsLongChains { get; private init; } = true;

    /// <summary>How many unconfirmed ancestors the coins of a payment may have.</summary>
    internal int AncestorLimit { get; private init; } = 25;

    /// <summary>How many transactions the cluster of a coin may have.</summary>
    internal int ClusterLimit { get; private init; } = 25;

    internal bool WaitsForDisk { get; private init; } = true;

    internal bool AllowsOtherChains { get; private init; }

    internal bool AvoidsPartialSpends { get; private init; }

    internal bool Notifies { get; private init; }

    internal IReadOnlyList<string> Warnings { get; private init; } = [];

    /// <summary>Reads the options.</summary>
    /// <param name="values">Returns the last value of an option; null if it was not given.</param>
    /// <param name="chain">The chain, for its least fee.</param>
    /// <param name="options">The options.</param>
    /// <param name="error">What is wrong with an option, in Bitcoin Core's words.</param>
    internal static bool TryMake(
        Func<string, string?> values, IChain chain, out WalletOptions options, out string error)
    {
        List<string> warnings = [];
        options = new WalletOptions();
        error = "";
        string? wrong = null;
        OutputType? addressType = Type("addresstype", "address");
        OutputType? changeType = Type("changetype", "change");
        long? minFee = Amount("mintxfee", static (name, text) => $"Invalid amount for -{name}=<amount>: '{text}'");
        long? fallback = Amount("fallbackfee", static (name, text) => $"Invalid amount for -{name}=<amount>: '{text}'");
        long? discard = Amount("discardfee", static (name, text) => $"Invalid amount for -{name}=<amount>: '{text}'");
        long? consolidation = Amount(
            "consolidatefeerate", static (name, text) => $"Invalid amount for -{name}=<amount>: '{text}'");
        long? maxFee = Amount("maxtxfee", static (name, text) => $"Invalid amount for -{name}=<amount>: '{text}'");
        long? aps = values("maxapsfee") == "-1"
            ? -1
            : Amount("maxapsfee", static (name, text) => $"Invalid amount for -{name}=<amount>: '{text}'");
        Warn(
            minFee > HighRate,
            "-mintxfee is set very high! This is the minimum transaction fee you pay on every transaction.");
        Warn(
            aps > HighApsFee,
            "-maxapsfee is set very high! This is the maximum transaction fee you pay (in addition to the normal fee) "
                + "to prioritize partial spend avoidance over regular coin selection.");
        Warn(
            fallback > HighRate,
            "-fallbackfee is set very high! This is the transaction fee you may pay when fee estimates are not "
                + "available.");
        Warn(
            discard > HighRate,
            "-discardfee is set very high! This is the transaction fee you may discard if change is smaller than dust "
                + "at this level");
        Warn(maxFee > HighMaxFee, "-maxtxfee is set very high! Fees this large could be paid on a single transaction.");
        if (wrong is null && maxFee is not null)
        {
            FeeRate relay = FeeRate.PerKilobyte(chain.GetRelayMinFee().Satoshi);
            if (FeeRate.PerKilobyte(maxFee.Value) < relay)
            {
                wrong =
                    $"Invalid amount for -maxtxfee=<amount>: '{values("maxtxfee")}' (must be at least the minrelay fee "
                        + $"of {Amounts.Format(relay.PerK)} {Currency.Names.Unit}/kvB to prevent stuck transactions)";
            }
        }

        Warn(
            chain.GetRelayMinFee().Satoshi > HighRate,
            "-minrelaytxfee is set very high! The wallet will avoid paying less than the minimum relay fee.");
        bool? replaces = Bool("walletrbf");
        Warn(replaces is not null, "-walletrbf is deprecated and will be fully removed in the next release.");
        error = wrong ?? "";
        options = options with
        {
            AddressType = addressType ?? options.AddressType,
            ChangeType = changeType,
            MinRate = minFee is { } least ? FeeRate.PerKilobyte(least) : options.MinRate,
            FallbackRate = FeeRate.PerKilobyte(fallback ?? 0),
            DiscardRate = discard is { } rate ? FeeRate.PerKilobyte(rate) : options.DiscardRate,
            ConsolidationRate = consolidation is { } low ? FeeRate.PerKilobyte(low) : options.ConsolidationRate,
            MaxFee = maxFee ?? options.MaxFee,
            MaxApsFee = aps ?? 0,
            Target = Number("txconfirmtarget") ?? options.Target,
            SpendsUnconfirmedChange = Bool("spendzeroconfchange") ?? true,
            SignalsReplacement = replaces ?? true,
            KeyPool = Math.Max(Number("keypool") ?? options.KeyPool, 1),
            Broadcasts = Bool("walletbroadcast") ?? Bool("blocksonly") != true,
            AncestorLimit = Math.Max(1, Number("limitancestorcount") ?? options.AncestorLimit),
            ClusterLimit = Math.Max(1, Number("limitdescendantcount") ?? options.ClusterLimit),
            RejectsLongChains = Bool("walletrejectlongchains") ?? true,
            WaitsForDisk = Bool("unsafesqlitesync") != true,
            AllowsOtherChains = Bool("walletcrosschain") == true,
            AvoidsPartialSpends = Bool("avoidpartialspends") == true,
            Notifies = values("walletnotify") is { Length: > 0 },
            Warnings = warnings,
        };
        return wrong is null;

        OutputType? Type(string name, string kind)
        {
            if (values(name) is not { Length: > 0 } text)
            {
                return null;
            }

            OutputType? type = OutputTypes.Parse(text);
            wrong ??= type is null ? $"Unknown {kind} type '{text}'" : null;
            return type;
        }

        long? Amount(string name, Func<string, string, string> complain)
        {
            if (values(name) is not { } text)
            {
                return null;
            }

            long? amount = Amounts.Parse(text);
            wrong ??= amount is null ? complain(name, text) : null;
            return amount;
        }

        bool? Bool(string name)
            => values(name) is { } text
                ? text.Length == 0
                    || (int.TryParse(text, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out int number)
                        && number != 0)
                : null;

        int? Number(string name)
            => values(name) is { } text
                && int.TryParse(text, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out int number)
                ? number
                : null;

        void Warn(bool? condition, string text)
        {
            if (condition == true)
            {
                warnings.Add(text);
            }
        }
    }
}
