using System.Text.Json.Nodes;
using Bitcoin.Interfaces;
using Bitcoin.Primitives;
using Bitcoin.Rpc;
using Bitcoin.Wallet.Spending;

namespace Bitcoin.Wallet.Rpc;

/// <summary>Reads the fee that the user wants, from arguments and from options.</summary>
internal static class FeeArguments
{
    private const int MaxTarget = 1008;

    /// <summary>Reads the fee that the user wants.</summary>
    internal static void SetFee(
        CoinControl control, JsonNode? target, JsonNode? mode, JsonNode? rate, bool overridesMinimum)
    {
        if (rate is not null)
        {
            if (target is not null)
            {
                throw Args.Invalid(
                    "Cannot specify both conf_target and fee_rate. Please provide either a confirmation target in "
                        + "blocks for automatic fee estimation, or an explicit fee rate.");
            }

            if (mode is not null && RpcValues.Text(mode) != "unset")
            {
                throw Args.Invalid("Cannot specify both estimate_mode and fee_rate");
            }

            control.Rate = FeeRate.PerKilobyte(RpcValues.Amount(rate, decimals: 3));
            control.OverridesMinimum |= overridesMinimum;
            control.SignalsReplacement ??= true;
            return;
        }

        if (mode is not null)
        {
            control.Mode = RpcValues.Text(mode).ToLowerInvariant() switch
            {
                "unset" => FeeMode.Unset,
                "economical" => FeeMode.Economical,
                "conservative" => FeeMode.Conservative,
                _ => throw Args.Invalid(
                    "Invalid estimate_mode parameter, must be one of: \"unset\", \"economical\", \"conservative\""),
            };
        }

        if (target is not null)
        {
            int blocks = RpcValues.Int(target);
            control.Target = blocks is >= 1 and <= MaxTarget
                ? blocks
                : throw Args.Invalid($"Invalid conf_target, must be between 1 and {MaxTarget}");
        }
    }

    /// <summary>Copies the fee from the arguments to the options. Refuses a fee in both.</summary>
    internal static void MergeFee(JsonObject options, JsonNode? target, JsonNode? mode, JsonNode? rate)
    {
        if (options.ContainsKey("conf_target") || options.ContainsKey("estimate_mode"))
        {
            if (target is not null || mode is not null)
            {
                throw Args.Invalid(
                    "Pass conf_target and estimate_mode either as arguments or in the options object, but not both");
            }
        }
        else
        {
            options["conf_target"] = target?.DeepClone();
            options["estimate_mode"] = mode?.DeepClone();
        }

        if (options.ContainsKey("fee_rate"))
        {
            if (rate is not null)
            {
                throw Args.Invalid("Pass the fee_rate either as an argument, or in the options object, but not both");
            }
        }
        else
        {
            options["fee_rate"] = rate?.DeepClone();
        }

        if (options["conf_target"] is not null
            && (options["estimate_mode"] is not { } given || RpcValues.Text(given) == "unset"))
        {
            throw Args.Invalid("Specify estimate_mode");
        }
    }

    internal static void RefuseOld(JsonObject options)
    {
        foreach ((string old, string now) in (ReadOnlySpan<(string, string)>)
            [
                ("feeRate", $"fee_rate ({Currency.Names.SmallestUnit}/vB)"),
                ("changeAddress", "change_address"),
                ("changePosition", "change_position"),
                ("lockUnspents", "lock_unspents"),
                ("subtractFeeFromOutputs", "subtract_fee_from_outputs")
            ])
        {
            if (options.ContainsKey(old))
            {
                throw Args.Invalid($"Use {now} instead of {old}");
            }
        }
    }
}
