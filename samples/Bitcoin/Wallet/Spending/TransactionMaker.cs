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
        Chain = chain;
        Network = network;
        Options = options;
        Keys = keys;
        Ledger = ledger;
        Available = available;
        Signing = signing;
        Log = log;
        Fees = new FeeChoice(chain, options);
        Choice = new CoinChoice(chain, options);
        Sizes = new TransactionSizes(keys, ledger, available);
    }

    internal IChain Chain { get; }

    internal NetworkParameters Network { get; }

    internal WalletOptions Options { get; }

    internal KeyRing Keys { get; }

    internal Ledger Ledger { get; }

    internal AvailableCoins Available { get; }

    internal Signing Signing { get; }

    internal Action<string> Log { get; }

    internal FeeChoice Fees { get; }

    internal CoinChoice Choice { get; }

    internal TransactionSizes Sizes { get; }

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
        if (plain.Transaction is null || plain.Fee == 0 || Options.MaxApsFee < 0 || control.AvoidsPartialSpends)
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
        bool usesOther = other.Transaction is not null && other.Fee <= plain.Fee + Options.MaxApsFee;
        if (other.Transaction is not null)
        {
            Log(
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

        if (Options.AddressType == OutputType.Legacy)
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
            if (Keys.Find(type, isInternal: true) is not null
                && recipients.Exists(recipient => ScriptKinds.Of(recipient.Script) == kind))
            {
                return type;
            }
        }

        return Keys.Find(OutputType.Bech32m, isInternal: true) is not null ? OutputType.Bech32m
            : Keys.Find(OutputType.Bech32, isInternal: true) is not null ? OutputType.Bech32
            : Options.AddressType;
    }

    /// <summary>
    /// Sets the lock time to the next block, so that miners gain nothing by replacing the last block.
    /// </summary>
    internal void DiscourageSniping(Transaction transaction)
    {
        const int MaxTipAge = 8 * 60 * 60;
        bool isCurrent = !Chain.IsInitialBlockDownload()
            && Chain.FindBlock(Ledger.Tip.Hash, BlockParts.Time, out FoundBlock? tip)
            && tip!.Time >= Chain.GetTime() - MaxTipAge;
        int height = isCurrent ? Ledger.Tip.Height : 0;
        if (isCurrent && Random.Shared.Next(10) == 0)
        {
            height = Math.Max(0, height - Random.Shared.Next(100));
        }

        transaction.LockTime = new LockTime(height);
    }

    private MadeTransaction MakeOnce(List<Recipient> recipients, int? changePlace, CoinControl control, bool signs)
    {
        TransactionDraft draft = new(this, recipients, control);
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

    /// <summary>Why a transaction of a version cannot spend an unconfirmed coin; null if it can.</summary>
    internal string? VersionConflict(WalletTransaction owner, CoinControl control)
    {
        bool isRestricted = owner.Transaction.Version == CoinControl.RestrictedVersion;
        return Ledger.DepthOf(owner) != 0 || isRestricted == (control.Version == CoinControl.RestrictedVersion) ? null
            : isRestricted ? $"Can't spend unconfirmed version 3 pre-selected input with a version {control.Version} tx"
            : $"Can't spend unconfirmed version {owner.Transaction.Version} pre-selected input with a version 3 tx";
    }
}
