using System.Text.Json.Nodes;
using Bitcoin.Descriptors;
using Bitcoin.Interfaces;
using Bitcoin.Rpc;
using Bitcoin.Wallet.Coins;
using Bitcoin.Wallet.Spending;
using Bitcoin.Wallet.Storage;
using NBitcoin;

namespace Bitcoin.Wallet.Rpc;

/// <summary>Methods that send.</summary>
internal sealed class SendCommands(WalletRpc rpc)
{
    private const string FundMembers =
        "add_inputs,include_unsafe,add_to_wallet,change_address:text,change_position,change_type:text,fee_rate,include_watching,inputs,locktime,lock_unspents,psbt,subtract_fee_from_outputs,max_tx_weight,conf_target,estimate_mode:text,replaceable,solving_data,minconf,maxconf";

    private readonly Drafts _drafts = new(rpc);
    private readonly Funding _funding = new(rpc);

    internal IEnumerable<RpcCommand> All =>
    [
        rpc.Synced(
            "sendtoaddress",
            "address:text amount:any comment:text? comment_to:text? subtractfeefromamount:bool? replaceable:bool? "
                + "conf_target:number? estimate_mode:text? avoid_reuse:bool? fee_rate:any? verbose:bool?",
            "Send an amount to a given address.",
            ToAddress),
        rpc.Synced(
            "sendmany",
            "dummy:text? amounts:map minconf:number? comment:text? subtractfeefrom:list? replaceable:bool? "
                + "conf_target:number? estimate_mode:text? fee_rate:any? verbose:bool?",
            "Send multiple times. Amounts are double-precision floating point numbers.",
            Many),
        rpc.Synced(
            "send",
            $"outputs:any conf_target:number? estimate_mode:text? fee_rate:any? options:map?{{{FundMembers}}} "
                + $"version:number?",
            "EXPERIMENTAL warning: this call may be changed in future releases.\n\nSend a transaction.",
            Send),
        rpc.Synced(
            "sendall",
            "recipients:list conf_target:number? estimate_mode:text? fee_rate:any? "
                + "options:map?{add_to_wallet,fee_rate,include_watching,inputs,locktime,lock_unspents,psbt,send_max,minconf,maxconf,version,conf_target,estimate_mode:text,replaceable,solving_data}",
            "EXPERIMENTAL warning: this call may be changed in future releases.\n\nSpend the value of all (or "
                + "specific) confirmed UTXOs and unconfirmed change in the wallet to one or more recipients.",
            new SendAll(rpc, _drafts).Run),
        rpc.Synced(
            "fundrawtransaction",
            "hexstring:text "
                + "options:map?{add_inputs,include_unsafe,minconf,maxconf,changeAddress:text,changePosition,change_type:text,includeWatching,lockUnspents,fee_rate,feeRate,subtractFeeFromOutputs,input_weights,max_tx_weight,conf_target,estimate_mode:text,replaceable,solving_data} iswitness:bool?",
            "If the transaction has no inputs, they will be automatically selected to meet its out value.",
            Fund),
        rpc.Synced(
            "bumpfee",
            "txid:text options:map?{conf_target,fee_rate,replaceable,estimate_mode:text,outputs,original_change_index}",
            "Bumps the fee of a transaction T, replacing it with a new transaction B.",
            (wallet, call) => Bump(wallet, call, wantsPsbt: false)),
        rpc.Synced(
            "psbtbumpfee",
            "txid:text "
                + "options:map?{conf_target,fee_rate,replaceable,estimate_mode:text,outputs,original_change_index,psbt_version}",
            "Bumps the fee of a transaction T, replacing it with a new transaction B.\nReturns a PSBT instead of "
                + "creating and signing a new transaction.",
            (wallet, call) => Bump(wallet, call, wantsPsbt: true)),
    ];

    /// <summary>Signs what can be signed. Sends the transaction if it is complete and the caller wants it.</summary>
    internal static JsonObject Finish(DescriptorWallet wallet, JsonObject options, Transaction transaction)
    {
        if (!options.ContainsKey("locktime")
            && transaction.Inputs.TrueForAll(static input => input.Sequence.Value is 0xfffffffe or 0xfffffffd))
        {
            wallet.Maker.DiscourageSniping(transaction);
        }

        PSBT psbt = PsbtTaproot.Create(transaction, wallet.Network.Network, isFirstVersion: false);
        PsbtError? error = wallet.Psbts.Fill(psbt, new PsbtWish(Sign: false), out _, out _)
            ?? wallet.Psbts.Fill(
                psbt, new PsbtWish(Sign: !wallet.Keys.Vault.IsLocked, WithOrigins: false), out _, out _);
        if (error is not null)
        {
            throw PsbtCommands.Failure(error.Value);
        }

        Transaction? complete = PsbtFilling.Extract(psbt);
        JsonObject reply = [];
        bool wantsPsbt = options.IsSet("psbt") && RpcValues.Bool(options["psbt"]);
        bool adds = !options.IsSet("add_to_wallet") || RpcValues.Bool(options["add_to_wallet"]);
        if (wantsPsbt || complete is null || !adds)
        {
            reply["psbt"] = PsbtText.Format(psbt);
        }

        if (complete is not null)
        {
            reply["txid"] = complete.GetHash().ToString();
            if (adds && !wantsPsbt)
            {
                wallet.Broadcast.Commit(complete);
            }
            else
            {
                reply["hex"] = Convert.ToHexStringLower(complete.ToBytes());
            }
        }

        reply["complete"] = complete is not null;
        return reply;
    }

    private JsonNode ToAddress(DescriptorWallet wallet, RpcCall call)
    {
        CoinControl control = new()
        {
            SignalsReplacement = call.Has(5) ? call.Bool(5) : null,
            AvoidsPartialSpends = wallet.Options.AvoidsPartialSpends,
        };
        control.AvoidsReuse = WalletRpc.AvoidsReuse(wallet, call.Params[8]);
        control.AvoidsPartialSpends |= control.AvoidsReuse;
        FeeArguments.SetFee(control, call.Params[6], call.Params[7], call.Params[9], overridesMinimum: false);
        WalletRpc.MustBeUnlocked(wallet);
        List<TxOut> outputs = _drafts.Parse([(call.Text(0), call.Params[1])]);
        return Pay(
            wallet,
            control,
            Drafts.Recipients(outputs, call.Bool(4) ? [0] : []),
            call.Text(2),
            call.Text(3),
            call.Bool(10));
    }

    private JsonNode Many(DescriptorWallet wallet, RpcCall call)
    {
        if (call.Text(0).Length > 0)
        {
            throw Args.Invalid("Dummy value must be set to \"\"");
        }

        CoinControl control = new()
        {
            SignalsReplacement = call.Has(5) ? call.Bool(5) : null,
            AvoidsPartialSpends = wallet.Options.AvoidsPartialSpends,
        };
        FeeArguments.SetFee(control, call.Params[6], call.Params[7], call.Params[8], overridesMinimum: false);
        List<(string Name, JsonNode? Value)> amounts = Drafts.Outputs(call.Params[1]);
        List<TxOut> outputs = _drafts.Parse(amounts);
        return Pay(
            wallet,
            control,
            Drafts.Recipients(outputs, Drafts.PaysFee(call.Params[4], [.. amounts.Select(static one => one.Name)])),
            call.Text(3),
            "",
            call.Bool(9));
    }

    private static JsonNode Pay(
        DescriptorWallet wallet,
        CoinControl control,
        List<Recipient> recipients,
        string comment,
        string commentTo,
        bool isVerbose)
    {
        WalletRpc.MustBeUnlocked(wallet);
        if (!wallet.HasPrivateKeys)
        {
            throw new RpcException(RpcErrorCode.Wallet, "Error: Private keys are disabled for this wallet");
        }

        Recipient[] shuffled = [.. recipients];
        System.Security.Cryptography.RandomNumberGenerator.Shuffle(shuffled.AsSpan());
        MadeTransaction made = wallet.Maker.Make([.. shuffled], null, control, signs: true);
        if (made.Transaction is null)
        {
            throw new RpcException(RpcErrorCode.WalletInsufficientFunds, made.Error);
        }

        WalletTransaction own = wallet.Broadcast.Commit(made.Transaction, transaction =>
        {
            transaction.Comment = comment.Length > 0 ? comment : transaction.Comment;
            transaction.CommentTo = commentTo.Length > 0 ? commentTo : transaction.CommentTo;
        });
        return isVerbose
            ? new JsonObject { ["txid"] = own.Id.ToString(), ["fee_reason"] = made.Reason }
            : own.Id.ToString();
    }

    private JsonObject Send(DescriptorWallet wallet, RpcCall call)
    {
        JsonObject options = (JsonObject)call.Options(4).DeepClone();
        FeeArguments.MergeFee(options, call.Params[1], call.Params[2], call.Params[3]);
        FeeArguments.RefuseOld(options);
        bool replaces = options.IsSet("replaceable")
            ? RpcValues.Bool(options["replaceable"])
            : wallet.Options.SignalsReplacement;
        List<(string Name, JsonNode? Value)> names = Drafts.Outputs(call.Params[0]);
        List<TxOut> outputs = _drafts.Parse(names);
        List<Recipient> recipients = Drafts.Recipients(
            outputs, Drafts.PaysFee(options["subtract_fee_from_outputs"], [.. names.Select(static one => one.Name)]));
        Transaction raw = _drafts.Make(
            options["inputs"],
            call.Params[0],
            options["locktime"],
            replaces,
            call.Number(5, CoinControl.DefaultVersion));
        CoinControl control = new()
        {
            AllowsOthers = raw.Inputs.Count == 0,
            AvoidsPartialSpends = wallet.Options.AvoidsPartialSpends,
        };
        Funding.TakeWeights(options["inputs"], options);
        raw.Outputs.Clear();
        return Finish(
            wallet,
            options,
            _funding.Fund(wallet, raw, recipients, options, control, overridesMinimum: false).Transaction!);
    }

    private JsonObject Fund(DescriptorWallet wallet, RpcCall call)
    {
        Transaction raw = rpc.Transaction(call.Text(0), "TX decode failed", call.Has(2) ? call.Bool(2) : null);
        JsonObject options = (JsonObject)call.Options(1).DeepClone();
        List<Recipient> recipients = Drafts.Recipients(
            [.. raw.Outputs],
            Drafts.PaysFee(options["subtractFeeFromOutputs"], [.. raw.Outputs.Select(static _ => "dummy")]));
        CoinControl control = new() { AllowsOthers = true, AvoidsPartialSpends = wallet.Options.AvoidsPartialSpends };
        raw.Outputs.Clear();
        MadeTransaction made = _funding.Fund(wallet, raw, recipients, options, control, overridesMinimum: true);
        return new JsonObject
        {
            ["hex"] = Convert.ToHexStringLower(made.Transaction!.ToBytes()),
            ["fee"] = Args.Value(made.Fee),
            ["changepos"] = made.ChangePlace ?? -1,
        };
    }

    private JsonObject Bump(DescriptorWallet wallet, RpcCall call, bool wantsPsbt)
    {
        if (!wallet.HasPrivateKeys && !wantsPsbt)
        {
            throw new RpcException(
                RpcErrorCode.Wallet,
                "bumpfee is not available with wallets that have private keys disabled. Use psbtbumpfee instead.");
        }

        uint256 id = RpcValues.Hash(call.Params[0], "txid");
        CoinControl control = new()
        {
            SignalsReplacement = true,
            AvoidsPartialSpends = wallet.Options.AvoidsPartialSpends,
        };
        JsonObject options = call.Options(1);
        Args.Check(
            options,
            ("confTarget", "number"),
            ("conf_target", "number"),
            ("fee_rate", null),
            ("replaceable", "bool"),
            ("estimate_mode", "string"),
            ("outputs", null),
            ("original_change_index", "number"),
            ("psbt_version", "number"));
        if (options.IsSet("confTarget") && options.IsSet("conf_target"))
        {
            throw Args.Invalid(
                "confTarget and conf_target options should not both be set. Use conf_target (confTarget is "
                    + "deprecated).");
        }

        if (options.IsSet("replaceable"))
        {
            control.SignalsReplacement = RpcValues.Bool(options["replaceable"]);
        }

        FeeArguments.SetFee(
            control,
            options["confTarget"] ?? options["conf_target"],
            options["estimate_mode"],
            options["fee_rate"],
            overridesMinimum: false);
        List<TxOut> outputs = [];
        if (options["outputs"] is { } wanted)
        {
            outputs = wanted is JsonArray { Count: 0 }
                ? throw Args.Invalid("Invalid parameter, output argument cannot be an empty array")
                : _drafts.Parse(Drafts.Outputs(wanted));
        }

        int? changeIndex = options.IsSet("original_change_index")
            ? (int)RpcValues.UInt(options["original_change_index"])
            : null;
        long version = options.IsSet("psbt_version") ? RpcValues.Long(options["psbt_version"]) : 2;
        if (version is not (0 or 2))
        {
            throw Args.Invalid("The PSBT version can only be 2 or 0");
        }

        WalletRpc.MustBeUnlocked(wallet);
        Bump bump = wallet.Bumper.Make(id, control, mustBeOwn: !wantsPsbt, outputs, changeIndex);
        JsonObject reply = [];
        if (wantsPsbt)
        {
            PSBT psbt = PsbtTaproot.Create(bump.Transaction, rpc.Network.Network, isFirstVersion: version == 0);
            wallet.Psbts.Fill(psbt, new PsbtWish(Sign: false), out _, out _);
            reply["psbt"] = PsbtText.Format(psbt);
        }
        else
        {
            reply["txid"] = Replace(wallet, id, bump.Transaction).ToString();
        }

        reply["origfee"] = Args.Value(bump.OldFee);
        reply["fee"] = Args.Value(bump.NewFee);
        reply["errors"] = new JsonArray();
        return reply;
    }

    private static uint256 Replace(DescriptorWallet wallet, uint256 id, Transaction transaction)
    {
        if (!wallet.Signing.SignOwn(transaction))
        {
            throw new RpcException(RpcErrorCode.Wallet, "Can't sign transaction.");
        }

        WalletTransaction old = wallet.Ledger.Find(id)!;
        wallet.Bumper.Check(old, mustBeOwn: false);
        WalletTransaction own = wallet.Broadcast.Commit(transaction, made =>
        {
            made.Replaces = id;
            made.Comment = old.Comment;
            made.CommentTo = old.CommentTo;
            made.Requests = [.. old.Requests];
        });
        old.ReplacedBy = own.Id;
        wallet.Ledger.RefreshMempool(old);
        wallet.Ledger.Store(old);
        return own.Id;
    }
}
