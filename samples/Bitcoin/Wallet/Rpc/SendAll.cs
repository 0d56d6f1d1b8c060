using System.Text.Json.Nodes;
using Bitcoin.Interfaces;
using Bitcoin.Rpc;
using Bitcoin.Wallet.Coins;
using Bitcoin.Wallet.Spending;
using NBitcoin;

namespace Bitcoin.Wallet.Rpc;

/// <summary>Sends the whole balance, or the value of some coins.</summary>
internal sealed class SendAll(WalletRpc rpc, Drafts drafts)
{
    internal JsonNode Run(DescriptorWallet wallet, RpcCall call)
    {
        JsonObject options = (JsonObject)call.Options(4).DeepClone();
        FeeArguments.MergeFee(options, call.Params[1], call.Params[2], call.Params[3]);
        FeeArguments.RefuseOld(options);
        HashSet<string> open = [];
        JsonArray pairs = [];
        foreach (JsonNode? recipient in RpcValues.List(call.Params[0]))
        {
            if (RpcValues.TypeOf(recipient) == "string")
            {
                pairs.Add((JsonNode)new JsonObject { [RpcValues.Text(recipient)] = 0 });
                open.Add(RpcValues.Text(recipient));
            }
            else
            {
                pairs.Add(recipient?.DeepClone());
            }
        }

        if (open.Count == 0)
        {
            throw Args.Invalid("Must provide at least one address without a specified amount");
        }

        CoinControl control = new() { AvoidsPartialSpends = wallet.Options.AvoidsPartialSpends };
        TakeOptions(options, control);
        bool replaces = options.IsSet("replaceable")
            ? RpcValues.Bool(options["replaceable"])
            : wallet.Options.SignalsReplacement;
        ChosenRate rate = Rate(wallet, control);
        Transaction transaction = drafts.Make(options["inputs"], pairs, options["locktime"], replaces, control.Version);
        long total = options.IsSet("inputs")
            ? Chosen(wallet, transaction, options, control)
            : Everything(wallet, transaction, options, control, rate.Rate, replaces);
        Share(
            wallet,
            transaction,
            open,
            total,
            rate.Rate,
            control,
            options.IsSet("send_max") && RpcValues.Bool(options["send_max"]));
        if (options.IsSet("lock_unspents") && RpcValues.Bool(options["lock_unspents"]))
        {
            transaction.Inputs.ForEach(input => wallet.Ledger.LockCoin(input.PrevOut, persists: false));
        }

        return SendCommands.Finish(wallet, options, transaction);
    }

    private static void TakeOptions(JsonObject options, CoinControl control)
    {
        FeeArguments.SetFee(
            control, options["conf_target"], options["estimate_mode"], options["fee_rate"], overridesMinimum: false);
        if (options.IsSet("minconf"))
        {
            int depth = RpcValues.Int(options["minconf"]);
            control.MinDepth = depth >= 0
                ? depth
                : throw Args.Invalid($"Invalid minconf (minconf cannot be negative): {depth}");
        }

        if (options.IsSet("maxconf"))
        {
            control.MaxDepth = RpcValues.Int(options["maxconf"]);
            if (control.MaxDepth < control.MinDepth)
            {
                throw Args.Invalid($"maxconf can't be lower than minconf: {control.MaxDepth} < {control.MinDepth}");
            }
        }

        control.Version = options.IsSet("version") ? RpcValues.UInt(options["version"]) : control.Version;
        control.MaxWeight = control.Version == CoinControl.RestrictedVersion
            ? CoinControl.MaxRestrictedWeight
            : Weights.MaxStandard;
    }

    private static ChosenRate Rate(DescriptorWallet wallet, CoinControl control)
    {
        ChosenRate rate = wallet.Maker.Fees.Choose(control);
        if (control.Rate is { } wanted && rate.Rate > wanted)
        {
            string text = $"Fee rate ({wanted}) is lower than the minimum fee rate setting ({rate.Rate}).";
            throw Args.Invalid(
                rate.Reason == ChosenRate.Required
                    ? $"{text}\nConsider modifying -mintxfee ({wallet.Options.MinRate}) or -minrelaytxfee "
                        + $"({wallet.Maker.Fees.RelayMinimum})."
                    : text);
        }

        return rate.Reason == ChosenRate.Fallback && wallet.Options.FallbackRate.Fee == 0
            ? throw new RpcException(
                RpcErrorCode.Wallet,
                "Fee estimation failed. Fallbackfee is disabled. Wait a few blocks or enable -fallbackfee.")
            : rate;
    }

    private static long Chosen(
        DescriptorWallet wallet, Transaction transaction, JsonObject options, CoinControl control)
    {
        if (options.IsSet("send_max"))
        {
            throw Args.Invalid("Cannot combine send_max with specific inputs.");
        }

        if (options.IsSet("minconf") || options.IsSet("maxconf"))
        {
            throw Args.Invalid("Cannot combine minconf or maxconf with specific inputs.");
        }

        long total = 0;
        foreach (TxIn input in transaction.Inputs)
        {
            OutPoint id = input.PrevOut;
            string? wrong = wallet.Ledger.IsSpent(
                id) ? $"Input not available. UTXO ({id.Hash}:{id.N}) was already spent."
                : !wallet.Ledger.IsMine(id) ? $"Input not found. UTXO ({id.Hash}:{id.N}) is not part of wallet."
                : wallet.Maker.VersionConflict(wallet.Ledger.Find(id.Hash)!, control);
            total += wrong is null ? wallet.Ledger.OutputOf(id)!.Value.Satoshi : throw Args.Invalid(wrong);
        }

        return total;
    }

    private static long Everything(
        DescriptorWallet wallet,
        Transaction transaction,
        JsonObject options,
        CoinControl control,
        FeeRate rate,
        bool replaces)
    {
        bool onlyWorth = options.IsSet("send_max") && RpcValues.Bool(options["send_max"]);
        long total = 0;
        foreach (Candidate coin in wallet.Coins.Find(control, rate, new CoinWish { MinAmount = 0 }))
        {
            if (onlyWorth && rate.For(coin.InputBytes) > coin.Value)
            {
                continue;
            }

            if (coin.Depth == 0 && control.Version == CoinControl.RestrictedVersion)
            {
                control.MaxWeight = CoinControl.MaxRestrictedChildWeight;
            }

            transaction.Inputs.Add(new TxIn(coin.Id) { Sequence = replaces ? 0xfffffffd : 0xfffffffe });
            total += coin.Value;
        }

        return total;
    }

    private void Share(
        DescriptorWallet wallet,
        Transaction transaction,
        HashSet<string> open,
        long total,
        FeeRate rate,
        CoinControl control,
        bool onlyWorth)
    {
        (long Size, long Weight) size = wallet.Maker.Sizes.Of(transaction, null)
            ?? throw new RpcException(
                RpcErrorCode.Wallet,
                "Unable to determine the size of the transaction, the wallet contains unsolvable descriptors");
        long fee = rate.For(size.Size);
        long bump = rpc.Chain.GetCombinedBumpFee(
            [.. transaction.Inputs.Select(static input => input.PrevOut)], Money.Satoshis(rate.PerK))?.Satoshi
            ?? 0;
        long effective = total - fee - bump;
        if (fee > wallet.Options.MaxFee)
        {
            throw new RpcException(
                RpcErrorCode.Wallet, "Fee exceeds maximum configured by user (e.g. -maxtxfee, maxfeerate)");
        }

        if (effective <= 0)
        {
            throw new RpcException(RpcErrorCode.WalletInsufficientFunds, onlyWorth
                ? "Total value of UTXO pool too low to pay for transaction, try using lower feerate."
                : "Total value of UTXO pool too low to pay for transaction. Try using lower feerate or excluding uneconomic UTXOs with 'send_max' option.");
        }

        if (size.Weight > control.MaxWeight)
        {
            throw new RpcException(RpcErrorCode.Wallet, "Transaction too large.");
        }

        long claimed = Funds.ValueOf(transaction);
        long left = effective - claimed;
        string? lack = claimed > total
            ? "Assigned more value to outputs than available funds."
            : left < 0
            ? "Insufficient funds for fees after creating specified outputs."
            : null;
        if (lack is not null)
        {
            throw new RpcException(RpcErrorCode.WalletInsufficientFunds, lack);
        }

        bool isFirst = true;
        foreach (TxOut output in transaction.Outputs)
        {
            string address = rpc.AddressOf(output.ScriptPubKey) ?? "";
            bool isOpen = open.Contains(address);
            if (isOpen)
            {
                output.Value = Money.Satoshis((left / open.Count) + (isFirst ? left % open.Count : 0));
                isFirst = false;
            }

            if (Dust.IsDust(output, wallet.Maker.Fees.Dust))
            {
                throw isOpen
                    ? new RpcException(
                        RpcErrorCode.WalletInsufficientFunds, "Dynamically assigned remainder results in dust output.")
                    : Args.Invalid($"Specified output amount to {address} is below dust threshold.");
            }
        }
    }
}
