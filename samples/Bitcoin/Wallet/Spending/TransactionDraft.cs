using System.Security.Cryptography;
using Bitcoin.Descriptors;
using Bitcoin.Interfaces;
using Bitcoin.Wallet.Coins;
using Bitcoin.Wallet.Keys;
using NBitcoin;

namespace Bitcoin.Wallet.Spending;

/// <summary>One transaction in the making: its change, its fee rate, its coins.</summary>
internal sealed class TransactionDraft(TransactionMaker maker, List<Recipient> recipients, CoinControl control)
{
    private const uint ReplaceableSequence = 0xfffffffd;
    private const uint FinalLessOne = 0xfffffffe;
    private const int MinSize = 65;
    private const int NestedInputSize = 91;
    private const string FeeTooHigh = "Fee exceeds maximum configured by user (e.g. -maxtxfee, maxfeerate)";

    private DescriptorKeys? _changeOwner;
    private Script _change = Script.Empty;
    private string _changeError = "";
    private SelectionTerms _terms = new();
    private string _reason = "";
    private long _sum;
    private long _target;
    private List<Candidate> _chosen = [];

    /// <summary>Checks the wishes, and prepares the selection of coins.</summary>
    /// <returns>Why there is no transaction; null for success.</returns>
    internal string? Prepare()
    {
        FeeChoice fees = maker.Fees;
        long maxWeight = control.MaxWeight ?? Weights.MaxStandard;
        if (maxWeight is < MinSize * Weights.Scale or > Weights.MaxStandard)
        {
            return
                $"Maximum transaction weight must be between {MinSize * Weights.Scale} and {Weights.MaxStandard}";
        }

        long size = 10 + Weights.SizeOfCount(recipients.Count);
        FeeRate dust = fees.Dust;
        foreach (Recipient recipient in recipients)
        {
            TxOut output = new(Money.Satoshis(recipient.Amount), recipient.Script);
            if (Dust.IsDust(output, dust))
            {
                return "Transaction amount too small";
            }

            size += Weights.SizeOf(output);
            _sum += recipient.Amount;
        }

        TakeChange();
        TxOut change = new(Money.Zero, _change);
        int spend = InputSize.VirtualSize(_change, maker.Keys.Solve(_change), maker.Available.Grinds);
        ChosenRate rate = fees.Choose(control);
        _reason = rate.Reason;
        if (control.Rate is { } wanted && rate.Rate > wanted)
        {
            string text = $"Fee rate ({wanted}) is lower than the minimum fee rate setting ({rate.Rate}).";
            return rate.Reason == ChosenRate.Required
                ? $"{text}\nConsider modifying -mintxfee ({maker.Options.MinRate}) or -minrelaytxfee "
                    + $"({fees.RelayMinimum})."
                : text;
        }

        if (rate.Reason == ChosenRate.Fallback && maker.Options.FallbackRate.Fee == 0)
        {
            return "Fee estimation failed. Fallbackfee is disabled. Wait a few blocks or enable -fallbackfee.";
        }

        FeeRate discard = fees.Discard();
        long changeSize = Weights.SizeOf(change);
        long spendSize = spend < 0 ? NestedInputSize : spend;
        long changeFee = rate.Rate.For(changeSize);
        bool subtracts = recipients.Exists(static recipient => recipient.PaysFee);
        _terms = new SelectionTerms
        {
            Rate = rate.Rate,
            LongTermRate = maker.Options.ConsolidationRate,
            DiscardRate = discard,
            ChangeOutputSize = changeSize,
            ChangeSpendSize = spendSize,
            ChangeFee = changeFee,
            CostOfChange = discard.For(spendSize) + changeFee,
            MinChangeTarget = Algorithms.ChangeTarget(_sum / recipients.Count, changeFee),
            MinViableChange = Math.Max(discard.For(spendSize) + 1, Dust.Of(change, discard)),
            SizeWithoutInputs = size,
            SubtractsFee = subtracts,
            AvoidsPartialSpends = control.AvoidsPartialSpends,
            IncludesUnsafe = control.IncludesUnsafe,
            MaxWeight = maxWeight,
            Version = control.Version,
        };
        _target = _sum + rate.Rate.For(subtracts ? 0 : size);
        return _target == 0 && !control.HasInputs
            ? "Transaction requires one destination of non-zero value, a non-zero feerate, or a pre-selected input"
            : control.HasInputs ? FetchChosen()
            : null;
    }

    /// <summary>Selects coins, and makes the transaction.</summary>
    internal MadeTransaction Finish(int? changePlace, bool signs)
    {
        List<Candidate> others = control.AllowsOthers
            ? maker.Available.Find(control, _terms.Rate, new CoinWish())
            : [];
        SelectionOutcome outcome = maker.Choice.Choose(others, _chosen, _target, control, _terms);
        if (outcome.Selection is not { } selection)
        {
            return MadeTransaction.Failed(outcome.Error.Length > 0 ? outcome.Error : Lack(others));
        }

        Transaction transaction = maker.Network.Network.CreateTransaction();
        transaction.Version = control.Version;
        recipients.ForEach(
            recipient => transaction.Outputs.Add(new TxOut(Money.Satoshis(recipient.Amount), recipient.Script)));
        long change = selection.ChangeOf(_terms.MinViableChange, _terms.ChangeFee);
        int? place = null;
        if (change > 0)
        {
            place = changePlace ?? Random.Shared.Next(transaction.Outputs.Count + 1);
            if (place > transaction.Outputs.Count)
            {
                return MadeTransaction.Failed("Transaction change output index out of range");
            }

            transaction.Outputs.Insert(place.Value, new TxOut(Money.Satoshis(change), _change));
        }

        AddInputs(transaction, selection);
        if (maker.Sizes.Of(transaction, control) is not { } size)
        {
            return MadeTransaction.Failed("Missing solving data for estimating transaction size");
        }

        return Pay(transaction, selection, place, size, signs);
    }

    /// <summary>Gives the change address back if it is not used.</summary>
    internal void ReturnChange(bool isUsed)
    {
        if (_changeOwner is not null && !isUsed)
        {
            _changeOwner.Return(_change);
        }
    }

    private MadeTransaction Pay(
        Transaction transaction, Selection selection, int? place, (long Size, long Weight) size, bool signs)
    {
        long needed = _terms.Rate.For(size.Size) + selection.BumpFees;
        long fee = selection.Value - Funds.ValueOf(transaction);
        if (place is { } at && needed < fee)
        {
            transaction.Outputs[at].Value += Money.Satoshis(fee - needed);
            fee = needed;
        }

        if (_terms.SubtractsFee)
        {
            if (Subtract(transaction, place, needed - fee) is { } error)
            {
                return MadeTransaction.Failed(error);
            }

            fee = selection.Value - Funds.ValueOf(transaction);
        }

        if (needed > fee)
        {
            return MadeTransaction.Failed($"Internal bug detected: Fee needed > fee paid ({needed} > {fee})");
        }

        if (_change.Length == 0 && place is not null)
        {
            return MadeTransaction.Failed(_changeError);
        }

        if (signs && !maker.Signing.SignOwn(transaction))
        {
            return MadeTransaction.Failed("Signing transaction failed");
        }

        string? refusal = (signs
            ? Weights.Of(transaction)
            : size.Weight) > Weights.MaxStandard ? "Transaction too large"
            : fee > maker.Options.MaxFee ? FeeTooHigh
            : maker.Options.RejectsLongChains ? maker.Chain.CheckChainLimits(transaction)
            : null;
        if (refusal is not null)
        {
            return MadeTransaction.Failed(refusal);
        }

        maker.Log($"Coin Selection: Algorithm:{selection.Algorithm}, Waste Metric Score:{selection.Waste}");
        return new MadeTransaction(transaction, fee, place, _reason, "");
    }

    private string? Subtract(Transaction transaction, int? place, long total)
    {
        int count = recipients.Count(static recipient => recipient.PaysFee);
        bool isFirst = true;
        int i = 0;
        FeeRate dust = maker.Fees.Dust;
        foreach (Recipient recipient in recipients)
        {
            i += i == place ? 1 : 0;
            TxOut output = transaction.Outputs[i++];
            if (!recipient.PaysFee)
            {
                continue;
            }

            long value = output.Value.Satoshi - (total / count) - (isFirst ? total % count : 0);
            isFirst = false;
            if (value < 0)
            {
                return "The transaction amount is too small to pay the fee";
            }

            output.Value = Money.Satoshis(value);
            if (Dust.IsDust(output, dust))
            {
                return "The transaction amount is too small to send after the fee has been deducted";
            }
        }

        return null;
    }

    private void TakeChange()
    {
        if (control.Change is not null)
        {
            _change = control.Change;
            return;
        }

        OutputType type = maker.ChangeType(control.ChangeType ?? maker.Options.ChangeType, recipients);
        const string Needed = "Transaction needs a change address, but we can't generate it.";
        if (maker.Keys.Find(type, isInternal: true) is not { } owner)
        {
            _changeError = $"{Needed} Error: No {type.Name()} addresses available.";
            return;
        }

        if (!owner.CanGiveAddresses || owner.Take() is not { } script)
        {
            _changeError =
                $"{Needed} "
                    + $"{(owner.CanGiveAddresses ? "Error: Keypool ran out, please call keypoolrefill first" : "No addresses available")}";
            return;
        }

        _changeOwner = owner;
        _change = script;
    }

    private string? FetchChosen()
    {
        _chosen = [];
        foreach ((OutPoint id, ChosenInput input) in control.Inputs)
        {
            long size = control.WeightOf(id) is { } weight ? Weights.VirtualSize(weight) : -1;
            TxOut output;
            if (maker.Ledger.Outputs.TryGetValue(id, out WalletTransaction? owner))
            {
                output = owner.Transaction.Outputs[(int)id.N];
                size = size < 0 ? maker.Sizes.OfInput(output, control, id) : size;
                if (maker.VersionConflict(owner, control) is { } conflict)
                {
                    return conflict;
                }
            }
            else if (input.Output is { } external)
            {
                output = external;
            }
            else
            {
                return $"Not found pre-selected input {Text(id)}";
            }

            size = size < 0
                ? InputSize.VirtualSize(output.ScriptPubKey, control.Solving, grinds: false)
                : size;
            if (size < 0)
            {
                return $"Not solvable pre-selected input {Text(id)}";
            }

            _chosen.Add(new Candidate(id, output, 0, (int)size, isSafe: true, 0, isFromMe: false, _terms.Rate));
        }

        maker.Available.AddBumpFees(_chosen, _terms.Rate);
        return null;
    }

    private string Lack(List<Candidate> others)
    {
        long all = _chosen.Concat(others).Sum(static coin => coin.Value);
        long effective = _chosen.Concat(others).Sum(static coin => coin.EffectiveValue);
        return all >= _sum && effective < _target
            ? $"The total exceeds your balance when the {Amounts.Format(_target - _sum)} transaction fee is "
                + $"included."
            : "Insufficient funds";
    }

    private void AddInputs(Transaction transaction, Selection selection)
    {
        Candidate[] coins = [.. selection.Coins];
        RandomNumberGenerator.Shuffle(coins.AsSpan());
        coins =
            [
                .. coins.OrderBy(
                    coin => control.Inputs.TryGetValue(
                        coin.Id, out ChosenInput? chosen) ? chosen.Place ?? int.MaxValue : int.MaxValue),
            ];
        uint sequence = control.SignalsReplacement ?? maker.Options.SignalsReplacement
            ? ReplaceableSequence
            : FinalLessOne;
        bool locks = control.LockTime is null;
        foreach (Candidate coin in coins)
        {
            ChosenInput? chosen = control.Inputs.GetValueOrDefault(coin.Id);
            locks &= chosen?.Sequence is null;
            transaction.Inputs.Add(
                new TxIn(
                    coin.Id,
                    chosen?.ScriptSig
                        ?? Script.Empty) { Sequence = chosen?.Sequence
                        ?? sequence, WitScript = chosen?.Witness
                        ?? WitScript.Empty });
        }

        if (control.LockTime is { } given)
        {
            transaction.LockTime = new LockTime(given);
        }

        if (locks)
        {
            maker.DiscourageSniping(transaction);
        }
    }

    private static string Text(OutPoint id) => $"COutPoint({id.Hash.ToString()[..10]}, {id.N})";
}
