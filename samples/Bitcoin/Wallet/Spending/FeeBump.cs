using Bitcoin.Interfaces;
using Bitcoin.Wallet.Coins;
using NBitcoin;

namespace Bitcoin.Wallet.Spending;

/// <summary>A transaction that pays more than the one it replaces.</summary>
internal sealed record Bump(Transaction Transaction, long OldFee, long NewFee);

/// <summary>Replaces an unconfirmed transaction by one with a higher fee. Used under the wallet's gate.</summary>
internal sealed class FeeBump(IChain chain, WalletOptions options, Ledger ledger, Funds funds, TransactionMaker maker)
{
    private const long WalletIncrement = 5000;

    /// <exception cref="RpcException">The transaction cannot be replaced, or not at this fee.</exception>
    internal Bump Make(uint256 id, CoinControl control, bool mustBeOwn, List<TxOut> outputs, int? changeIndex)
    {
        if (outputs.Count > 0 && changeIndex is not null)
        {
            throw new RpcException(
                RpcErrorCode.InvalidParameter,
                "The options 'outputs' and 'original_change_index' are incompatible. You can only either specify a new "
                    + "set of outputs, or designate a change output to be recycled.");
        }

        WalletTransaction old = ledger.Find(id)
            ?? throw new RpcException(RpcErrorCode.InvalidAddressOrKey, "Invalid or non-wallet transaction id");
        if (changeIndex >= old.Transaction.Outputs.Count || changeIndex < 0)
        {
            throw new RpcException(RpcErrorCode.InvalidParameter, "Change position is out of range");
        }

        long inputs = TakeInputs(old, control);
        Check(old, mustBeOwn);
        long oldFee = inputs - Funds.ValueOf(old.Transaction);
        List<TxOut> wanted = outputs.Count > 0 ? outputs : [.. old.Transaction.Outputs];
        List<Recipient> recipients = [];
        for (int i = 0; i < wanted.Count; i++)
        {
            if (changeIndex is { } index ? index == i : funds.IsChange(wanted[i].ScriptPubKey))
            {
                control.Change = wanted[i].ScriptPubKey;
            }
            else
            {
                recipients.Add(new Recipient(wanted[i].ScriptPubKey, wanted[i].Value.Satoshi, PaysFee: false));
            }
        }

        if (recipients.Count == 0)
        {
            // All outputs pay the wallet: the change pays the fee.
            recipients.Add(
                new Recipient(
                    control.Change
                        ?? throw new RpcException(
                            RpcErrorCode.InvalidParameter,
                            "Unable to create transaction. Transaction must have at least one recipient"),
                    wanted.Sum(static output => output.Value.Satoshi),
                    PaysFee: true));
            control.Change = null;
        }

        if (control.Rate is { } rate)
        {
            CheckRate(old, wanted, rate, oldFee, control);
        }
        else
        {
            control.Rate = Estimate(old, oldFee, control);
        }

        control.AllowsOthers = true;
        control.MinDepth = 1;
        MadeTransaction made = maker.Make(recipients, null, control, signs: false);
        return made.Transaction is null
            ? throw new RpcException(RpcErrorCode.Wallet, $"Unable to create transaction. {made.Error}")
            : new Bump(made.Transaction, oldFee, made.Fee);
    }

    /// <summary>Whether a transaction can be replaced.</summary>
    /// <exception cref="RpcException">It cannot be replaced.</exception>
    internal void Check(WalletTransaction old, bool mustBeOwn)
    {
        string? descendants = ledger.HasWalletSpend(old)
            ? "Transaction has descendants in the wallet"
            : chain.HasDescendantsInMempool(old.Id)
            ? "Transaction has descendants in the mempool"
            : null;
        if (descendants is not null)
        {
            throw new RpcException(RpcErrorCode.InvalidParameter, descendants);
        }

        string? refusal = ledger.DepthOf(
            old) != 0 ? "Transaction has been mined, or is conflicted with a mined transaction"
            : old.ReplacedBy
                is { } by ? $"Cannot bump transaction {old.Id} which was already bumped by transaction {by}"
            : mustBeOwn
                && !funds.AllInputsMine(
                    old.Transaction) ? "Transaction contains inputs that don't belong to this wallet"
            : null;
        if (refusal is not null)
        {
            throw new RpcException(RpcErrorCode.Wallet, refusal);
        }
    }

    private long TakeInputs(WalletTransaction old, CoinControl control)
    {
        const int MaxSignatureGrowth = 72;
        Dictionary<OutPoint, Interfaces.Coin?> coins = old.Transaction.Inputs.ToDictionary(
            static input => input.PrevOut, static _ => (Interfaces.Coin?)null);
        chain.FindCoins(ref coins);
        long sum = 0;
        foreach (TxIn input in old.Transaction.Inputs)
        {
            // The node finds no coin of an unconfirmed parent; the wallet may know it.
            TxOut output = coins[input.PrevOut]?.Output
                ?? UnconfirmedOutput(input.PrevOut)
                ?? throw new RpcException(
                    RpcErrorCode.Misc, $"{input.PrevOut.Hash}:{input.PrevOut.N} is already spent");
            ChosenInput chosen = control.Choose(input.PrevOut);
            sum += output.Value.Satoshi;
            if (ledger.IsMine(input.PrevOut))
            {
                continue;
            }

            // The weight of the signed input, with room for slightly longer signatures.
            chosen.Output = output;
            long scriptSig = input.ScriptSig.Length;
            long witness = input.WitScript is { PushCount: > 0 } stack ? stack.ToBytes().Length : 1;
            long signatures = input.ScriptSig
                .ToOps()
                .Select(static op => op.PushData)
                .Concat((input.WitScript ?? WitScript.Empty).Pushes)
                .OfType<byte[]>()
                .Where(static push => push.Length is > 64 and < MaxSignatureGrowth + 1)
                .Sum(static push => MaxSignatureGrowth - push.Length);
            bool isWitness = input.WitScript is { PushCount: > 0 };
            control.SetWeight(
                input.PrevOut,
                ((32 + 4 + 4 + Weights.SizeOfCount(scriptSig) + scriptSig) * Weights.Scale)
                    + witness
                    + (signatures * (isWitness ? 1 : Weights.Scale)));
        }

        return sum;
    }

    private TxOut? UnconfirmedOutput(OutPoint id)
        => ledger.Find(id.Hash) is { IsInMempool: true } ? ledger.OutputOf(id) : null;

    private FeeRate Estimate(WalletTransaction old, long oldFee, CoinControl control)
    {
        long size = Weights.VirtualSize(old.Transaction);
        long increment = Math.Max(chain.GetRelayIncrementalFee().Satoshi, WalletIncrement);
        FeeRate rate = FeeRate.PerKilobyte(new FeeRate(oldFee, size).PerK + 1 + increment);
        return FeeRate.Max(rate, maker.Fees.Choose(control).Rate);
    }

    private void CheckRate(WalletTransaction old, List<TxOut> outputs, FeeRate rate, long oldFee, CoinControl control)
    {
        FeeRate minimum = FeeRate.PerKilobyte(chain.GetMempoolMinFee().Satoshi);
        if (rate.PerK < minimum.PerK)
        {
            throw new RpcException(
                RpcErrorCode.Wallet,
                $"New fee rate ({Amounts.Format(rate.PerK)}) is lower than the minimum fee rate "
                    + $"({Amounts.Format(minimum.PerK)}) to get into the mempool -- ");
        }

        Transaction bare = old.Transaction.Clone();
        foreach (TxIn input in bare.Inputs)
        {
            input.ScriptSig = Script.Empty;
            input.WitScript = WitScript.Empty;
        }

        bare.Outputs.Clear();
        outputs.ForEach(output => bare.Outputs.Add(output));
        long size = maker.Sizes.Of(bare, control)?.Size ?? Weights.VirtualSize(old.Transaction);
        long bump = chain.GetCombinedBumpFee(
            [.. bare.Inputs.Select(static input => input.PrevOut)], Money.Satoshis(rate.PerK))?.Satoshi
            ?? 0;
        long newFee = rate.For(size) + bump;
        long increment = FeeRate.PerKilobyte(chain.GetRelayIncrementalFee().Satoshi).For(size);
        if (newFee < oldFee + increment)
        {
            throw new RpcException(
                RpcErrorCode.InvalidParameter,
                $"Insufficient total fee {Amounts.Format(newFee)}, must be at least "
                    + $"{Amounts.Format(oldFee + increment)} (oldFee {Amounts.Format(oldFee)} + incrementalFee "
                    + $"{Amounts.Format(increment)})");
        }

        long required = maker.Fees.Required.For(size);
        if (newFee < required)
        {
            throw new RpcException(
                RpcErrorCode.InvalidParameter,
                $"Insufficient total fee (cannot be less than required fee {Amounts.Format(required)})");
        }

        if (newFee > options.MaxFee)
        {
            throw new RpcException(
                RpcErrorCode.Wallet,
                $"Specified or calculated fee {Amounts.Format(newFee)} is too high (cannot be higher than -maxtxfee "
                    + $"{Amounts.Format(options.MaxFee)})");
        }
    }
}
