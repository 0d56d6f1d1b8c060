using Bitcoin.Descriptors;
using Bitcoin.Interfaces;
using Bitcoin.Primitives;
using Bitcoin.Wallet.Coins;
using Bitcoin.Wallet.Keys;
using NBitcoin;

namespace Bitcoin.Wallet.Spending;

/// <summary>A new transaction, or why there is none.</summary>
internal sealed record MadeTransaction(
    Transaction? Transaction, long Fee, int? ChangePlace, string Reason, string Error)
{
    internal static MadeTransaction Failed(string error) => new(null, 0, null, "", error);
}

/// <summary>Makes transactions: chooses coins, pays the fee, adds change. Used under the wallet's gate.</summary>
internal sealed class TransactionMaker
{
    private const uint ReplaceableSequence = 0xfffffffd;
    private const uint FinalLessOne = 0xfffffffe;
    private const int MinSize = 65;
    private const int NestedInputSize = 91;
    private const string FeeTooHigh = "Fee exceeds maximum configured by user (e.g. -maxtxfee, maxfeerate)";

    private readonly IChain _chain;
    private readonly NetworkParameters _network;
    private readonly WalletOptions _options;
    private readonly KeyRing _keys;
    private readonly Ledger _ledger;
    private readonly AvailableCoins _available;
    private readonly Signing _signing;
    private readonly Action<string> _log;
    private readonly FeeChoice _fees;
    private readonly CoinChoice _choice;

    internal TransactionMaker(
        IChain chain,
        NetworkParameters network,
        WalletOptions options,
        KeyRing keys,
        Ledger ledger,
        AvailableCoins available,
        Signing signing,
        Action<string> log)
    {
        _chain = chain;
        _network = network;
        _options = options;
        _keys = keys;
        _ledger = ledger;
        _available = available;
        _signing = signing;
        _log = log;
        _fees = new FeeChoice(chain, options);
        _choice = new CoinChoice(chain, options);
    }

    internal FeeChoice Fees => _fees;

    internal MadeTransaction Make(List<Recipient> recipients, int? changePlace, CoinControl control, bool signs)
    {
        if (recipients.Count == 0)
        {
            return MadeTransaction.Failed("Transaction must have at least one recipient");
        }

        if (recipients.Exists(static recipient => recipient.Amount < 0))
        {
            return MadeTransaction.Failed("Transaction amounts must not be negative");
        }

        MadeTransaction plain = MakeOnce(recipients, changePlace, control, signs);
        if (plain.Transaction is null || plain.Fee == 0 || _options.MaxApsFee < 0 || control.AvoidsPartialSpends)
        {
            return plain;
        }

        // For privacy, spends all coins of an address together if the extra fee is within the limit of the user.
        CoinControl grouped = control.Copy();
        grouped.AvoidsPartialSpends = true;
        if (plain.ChangePlace is { } place)
        {
            grouped.Change = plain.Transaction.Outputs[place].ScriptPubKey;
        }

        MadeTransaction other = MakeOnce(recipients, changePlace, grouped, signs);
        bool usesOther = other.Transaction is not null && other.Fee <= plain.Fee + _options.MaxApsFee;
        if (other.Transaction is not null)
        {
            _log(
                $"Fee non-grouped = {plain.Fee}, grouped = {other.Fee}, using "
                    + $"{(usesOther ? "grouped" : "non-grouped")}");
        }

        return usesOther ? other : plain;
    }

    /// <summary>The type of change output that differs least from the payments.</summary>
    internal OutputType ChangeType(OutputType? wanted, List<Recipient> recipients)
    {
        if (wanted is not null)
        {
            return wanted.Value;
        }

        if (_options.AddressType == OutputType.Legacy)
        {
            return OutputType.Legacy;
        }

        (ScriptKind Kind, OutputType Type)[] kinds =
            [
                (ScriptKind.Taproot, OutputType.Bech32m),
                (ScriptKind.WitnessKeyHash, OutputType.Bech32),
                (ScriptKind.ScriptHash, OutputType.P2shSegwit),
                (ScriptKind.PublicKeyHash, OutputType.Legacy),
            ];
        foreach ((ScriptKind kind, OutputType type) in kinds)
        {
            if (_keys.Find(type, isInternal: true) is not null
                && recipients.Exists(recipient => ScriptKinds.Of(recipient.Script) == kind))
            {
                return type;
            }
        }

        return _keys.Find(OutputType.Bech32m, isInternal: true) is not null ? OutputType.Bech32m
            : _keys.Find(OutputType.Bech32, isInternal: true) is not null ? OutputType.Bech32
            : _options.AddressType;
    }

    internal bool IsDust(TxOut output, FeeRate rate) => output.Value.Satoshi < DustOf(output, rate);

    internal static long DustOf(TxOut output, FeeRate rate)
    {
        const int SpendBytes = 32 + 4 + 1 + 107 + 4;
        const int WitnessSpendBytes = 32 + 4 + 1 + (107 / Weights.Scale) + 4;
        byte[] script = output.ScriptPubKey.ToBytes(@unsafe: true);
        bool isUnspendable = script.Length > 0 && (script[0] == 0x6a || script.Length > 10_000);
        bool isWitness = script.Length is >= 4 and <= 42
            && script[1] == script.Length - 2
            && (script[0] == 0 || script[0] is >= 0x51 and <= 0x60);
        return isUnspendable ? 0 : rate.For(Weights.SizeOf(output) + (isWitness ? WitnessSpendBytes : SpendBytes));
    }

    /// <summary>
    /// Sets the lock time to the next block, so that miners gain nothing by replacing the last block.
    /// </summary>
    internal void DiscourageSniping(Transaction transaction)
    {
        const int MaxTipAge = 8 * 60 * 60;
        bool isCurrent = !_chain.IsInitialBlockDownload()
            && _chain.FindBlock(_ledger.Tip.Hash, BlockParts.Time, out FoundBlock? tip)
            && tip!.Time >= _chain.GetTime() - MaxTipAge;
        int height = isCurrent ? _ledger.Tip.Height : 0;
        if (isCurrent && Random.Shared.Next(10) == 0)
        {
            height = Math.Max(0, height - Random.Shared.Next(100));
        }

        transaction.LockTime = new LockTime(height);
    }

    private MadeTransaction MakeOnce(List<Recipient> recipients, int? changePlace, CoinControl control, bool signs)
    {
        Draft draft = new(this, recipients, control);
        string? error = draft.Prepare();
        if (error is not null)
        {
            return MadeTransaction.Failed(error);
        }

        bool isDone = false;
        try
        {
            MadeTransaction made = draft.Finish(changePlace, signs);
            isDone = made.Transaction is not null;
            return made;
        }
        finally
        {
            draft.ReturnChange(isDone);
        }
    }

    private sealed class Draft(TransactionMaker maker, List<Recipient> recipients, CoinControl control)
    {
        private DescriptorKeys? _changeOwner;
        private Script _change = Script.Empty;
        private string _changeError = "";
        private SelectionTerms _terms = new();
        private string _reason = "";
        private long _sum;
        private long _target;
        private List<Candidate> _chosen = [];

        internal string? Prepare()
        {
            FeeChoice fees = maker._fees;
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
                if (maker.IsDust(output, dust))
                {
                    return "Transaction amount too small";
                }

                size += Weights.SizeOf(output);
                _sum += recipient.Amount;
            }

            TakeChange();
            TxOut change = new(Money.Zero, _change);
            int spend = InputSize.VirtualSize(_change, maker._keys.Solve(_change), maker.Grinds);
            ChosenRate rate = fees.Choose(control);
            _reason = rate.Reason;
            if (control.Rate is { } wanted && rate.Rate > wanted)
            {
                string text = $"Fee rate ({wanted}) is lower than the minimum fee rate setting ({rate.Rate}).";
                return rate.Reason == ChosenRate.Required
                    ? $"{text}\nConsider modifying -mintxfee ({maker._options.MinRate}) or -minrelaytxfee "
                        + $"({fees.RelayMinimum})."
                    : text;
            }

            if (rate.Reason == ChosenRate.Fallback && maker._options.FallbackRate.Fee == 0)
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
                LongTermRate = maker._options.ConsolidationRate,
                DiscardRate = discard,
                ChangeOutputSize = changeSize,
                ChangeSpendSize = spendSize,
                ChangeFee = changeFee,
                CostOfChange = discard.For(spendSize) + changeFee,
                MinChangeTarget = Algorithms.ChangeTarget(_sum / recipients.Count, changeFee),
                MinViableChange = Math.Max(discard.For(spendSize) + 1, DustOf(change, discard)),
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

        internal MadeTransaction Finish(int? changePlace, bool signs)
        {
            List<Candidate> others = control.AllowsOthers
                ? maker._available.Find(control, _terms.Rate, new CoinWish())
                : [];
            SelectionOutcome outcome = maker._choice.Choose(others, _chosen, _target, control, _terms);
            if (outcome.Selection is not { } selection)
            {
                return MadeTransaction.Failed(outcome.Error.Length > 0 ? outcome.Error : Lack(others));
            }

            Transaction transaction = maker._network.Network.CreateTransaction();
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
            if (maker.SizeOf(transaction, control) is not { } size)
            {
                return MadeTransaction.Failed("Missing solving data for estimating transaction size");
            }

            return Pay(transaction, selection, place, size, signs);
        }

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

            if (signs && !maker._signing.SignOwn(transaction))
            {
                return MadeTransaction.Failed("Signing transaction failed");
            }

            string? refusal = (signs
                ? Weights.Of(transaction)
                : size.Weight) > Weights.MaxStandard ? "Transaction too large"
                : fee > maker._options.MaxFee ? FeeTooHigh
                : maker._options.RejectsLongChains ? maker._chain.CheckChainLimits(transaction)
                : null;
            if (refusal is not null)
            {
                return MadeTransaction.Failed(refusal);
            }

            maker._log($"Coin Selection: Algorithm:{selection.Algorithm}, Waste Metric Score:{selection.Waste}");
            return new MadeTransaction(transaction, fee, place, _reason, "");
        }

        private string? Subtract(Transaction transaction, int? place, long total)
        {
            int count = recipients.Count(static recipient => recipient.PaysFee);
            bool isFirst = true;
            int i = 0;
            FeeRate dust = maker._fees.Dust;
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
                if (maker.IsDust(output, dust))
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

            OutputType type = maker.ChangeType(control.ChangeType ?? maker._options.ChangeType, recipients);
            const string Needed = "Transaction needs a change address, but we can't generate it.";
            if (maker._keys.Find(type, isInternal: true) is not { } owner)
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
                if (maker._ledger.Outputs.TryGetValue(id, out WalletTransaction? owner))
                {
                    output = owner.Transaction.Outputs[(int)id.N];
                    size = size < 0 ? maker.InputSizeOf(output, control, id) : size;
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
                    ? Bitcoin.Wallet.Spending.InputSize.VirtualSize(output.ScriptPubKey, control.Solving, grinds: false)
                    : size;
                if (size < 0)
                {
                    return $"Not solvable pre-selected input {Text(id)}";
                }

                _chosen.Add(new Candidate(id, output, 0, (int)size, isSafe: true, 0, isFromMe: false, _terms.Rate));
            }

            maker._available.AddBumpFees(_chosen, _terms.Rate);
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
            System.Security.Cryptography.RandomNumberGenerator.Shuffle(coins.AsSpan());
            coins =
                [
                    .. coins.OrderBy(
                        coin => control.Inputs.TryGetValue(
                            coin.Id, out ChosenInput? chosen) ? chosen.Place ?? int.MaxValue : int.MaxValue),
                ];
            uint sequence = control.SignalsReplacement ?? maker._options.SignalsReplacement
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

    private bool Grinds => _available.Grinds;

    private int InputSizeOf(TxOut output, CoinControl control, OutPoint id)
    {
        bool isExternal = control.Inputs.TryGetValue(id, out ChosenInput? chosen) && chosen.Output is not null;
        return InputSize.VirtualSize(
            output.ScriptPubKey, SolvingFor(output.ScriptPubKey, control), Grinds && !isExternal);
    }

    private SolvingData SolvingFor(Script script, CoinControl? control)
    {
        SolvingData data = new();
        if (_keys.Solve(script) is { } own)
        {
            data.Merge(own);
        }

        if (control is not null)
        {
            data.Merge(control.Solving);
        }

        return data;
    }

    /// <summary>Why a transaction of a version cannot spend an unconfirmed coin; null if it can.</summary>
    internal string? VersionConflict(WalletTransaction owner, CoinControl control)
    {
        bool isRestricted = owner.Transaction.Version == CoinControl.RestrictedVersion;
        return _ledger.DepthOf(owner) != 0 || isRestricted == (control.Version == CoinControl.RestrictedVersion) ? null
            : isRestricted ? $"Can't spend unconfirmed version 3 pre-selected input with a version {control.Version} tx"
            : $"Can't spend unconfirmed version {owner.Transaction.Version} pre-selected input with a version 3 tx";
    }

    /// <summary>How large a transaction will be when it is signed; null if unknown.</summary>
    internal (long Size, long Weight)? SizeOf(Transaction transaction, CoinControl? control)
    {
        List<(TxOut Output, bool IsExternal)> spent = [];
        foreach (TxIn input in transaction.Inputs)
        {
            TxOut? external = control?.Inputs.GetValueOrDefault(input.PrevOut)?.Output;
            if ((_ledger.OutputOf(input.PrevOut) ?? external) is not { } output)
            {
                return null;
            }

            spent.Add((output, external is not null));
        }

        bool isWitness = spent.Exists(
            one => InputSize.IsWitness(one.Output.ScriptPubKey, SolvingFor(one.Output.ScriptPubKey, control)));
        long weight = (4 + 4 + Weights.SizeOfCount(transaction.Inputs.Count) + Weights.SizeOfCount(
            transaction.Outputs.Count)) * Weights.Scale;
        weight += isWitness ? 2 : 0;
        weight += transaction.Outputs.Sum(static output => (long)Weights.SizeOf(output)) * Weights.Scale;
        for (int i = 0; i < spent.Count; i++)
        {
            (TxOut output, bool isExternal) = spent[i];
            long? input = control?.WeightOf(transaction.Inputs[i].PrevOut)
                ?? InputSize.Weight(
                    output.ScriptPubKey, SolvingFor(output.ScriptPubKey, control), isWitness, Grinds && !isExternal);
            if (input is null)
            {
                return null;
            }

            weight += input.Value;
        }

        return (Weights.VirtualSize(weight), weight);
    }
}
