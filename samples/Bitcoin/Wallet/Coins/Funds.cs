using Bitcoin.Primitives;
using Bitcoin.Wallet.Keys;
using NBitcoin;

namespace Bitcoin.Wallet.Coins;

/// <summary>The balance of a wallet, in satoshis.</summary>
internal sealed record Balance
{
    internal long Trusted { get; set; }

    internal long Pending { get; set; }

    internal long Immature { get; set; }

    internal long Used { get; set; }

    internal long NonMempool { get; set; }
}

/// <summary>An output that a transaction sends or receives, as a list of transactions shows it.</summary>
internal sealed record Movement(Script Script, long Amount, int Index);

/// <summary>Computes balances and amounts of a wallet's transactions. Used under the wallet's gate.</summary>
internal sealed class Funds(Ledger ledger, KeyRing keys, AddressBook book)
{
    internal bool SpendsUnconfirmedChange { get; set; } = true;

    internal bool AvoidsReuse { get; set; }

    /// <summary>Whether the payments of a transaction to the wallet can be trusted.</summary>
    internal bool IsTrusted(WalletTransaction transaction, HashSet<uint256>? known = null)
    {
        known ??= [];
        if (known.Contains(transaction.Id) || transaction.IsConfirmed)
        {
            return true;
        }

        if (transaction.IsBlockConflicted
            || !SpendsUnconfirmedChange
            || !ledger.IsFromMe(transaction.Transaction)
            || !transaction.IsInMempool)
        {
            return false;
        }

        foreach (TxIn input in transaction.Transaction.Inputs)
        {
            if (!ledger.IsMine(input.PrevOut) || !IsTrusted(ledger.Find(input.PrevOut.Hash)!, known))
            {
                return false;
            }
        }

        known.Add(transaction.Id);
        return true;
    }

    internal Balance GetBalance(int leastDepth, bool avoidsReuse, bool withNonMempool = false)
    {
        Balance balance = new();
        HashSet<uint256> trusted = [];
        foreach ((OutPoint id, WalletTransaction transaction) in ledger.Outputs)
        {
            SpendKind spent = ledger.HowSpent(id);
            if (spent is SpendKind.Confirmed or SpendKind.Mempool || (spent == SpendKind.NonMempool && !withNonMempool))
            {
                continue;
            }

            TxOut output = transaction.Transaction.Outputs[(int)id.N];
            long value = output.Value.Satoshi;
            bool isTrusted = IsTrusted(transaction, trusted);
            bool isImmature = ledger.IsImmature(transaction) && transaction.IsConfirmed;
            bool isReady = isTrusted && ledger.DepthOf(transaction) >= leastDepth;
            bool isPending = !isTrusted && transaction.IsInMempool;
            if (!isImmature && !isReady && !isPending)
            {
                continue;
            }

            if (avoidsReuse && AvoidsReuse && book.WasSpentFrom(output.ScriptPubKey))
            {
                balance.Used += value;
            }
            else if (isImmature)
            {
                balance.Immature += value;
            }
            else if (isReady)
            {
                balance.Trusted += value;
            }
            else
            {
                balance.Pending += value;
            }

            if (spent == SpendKind.NonMempool)
            {
                balance.NonMempool -= value;
            }
        }

        return balance;
    }

    internal long DebitOf(Transaction transaction)
        => transaction.Inputs.Sum(
            input => ledger.Outputs.TryGetValue(
                input.PrevOut,
                out WalletTransaction? owner) ? owner.Transaction.Outputs[(int)input.PrevOut.N].Value.Satoshi : 0);

    internal long CreditOf(WalletTransaction transaction)
        => ledger.IsImmature(transaction)
            ? 0
            : transaction.Transaction.Outputs.Where(
                output => keys.IsMine(output.ScriptPubKey)).Sum(static output => output.Value.Satoshi);

    internal static long ValueOf(Transaction transaction)
        => transaction.Outputs.Sum(static output => output.Value.Satoshi);

    internal bool AllInputsMine(Transaction transaction)
        => transaction.Inputs.All(input => ledger.IsMine(input.PrevOut));

    /// <summary>Whether a script is change: it belongs to the wallet, and its address was given to nobody.</summary>
    internal bool IsChange(Script script)
        => keys.IsMine(script)
            && (ScriptKinds.Of(script) is ScriptKind.PublicKey or ScriptKind.Multisig or ScriptKind.Nonstandard
                || book.Find(script) is null);

    /// <summary>The outputs that a transaction sends and receives, and the fee if the wallet paid it.</summary>
    internal void Amounts(
        WalletTransaction transaction,
        bool withChange,
        out List<Movement> sent,
        out List<Movement> received,
        out long fee)
    {
        sent = [];
        received = [];
        long debit = DebitOf(transaction.Transaction);
        fee = debit > 0 ? debit - ValueOf(transaction.Transaction) : 0;
        for (int i = 0; i < transaction.Transaction.Outputs.Count; i++)
        {
            TxOut output = transaction.Transaction.Outputs[i];
            bool isMine = keys.IsMine(output.ScriptPubKey);
            if (debit > 0 ? !withChange && IsChange(output.ScriptPubKey) : !isMine)
            {
                continue;
            }

            Movement movement = new(output.ScriptPubKey, output.Value.Satoshi, i);
            if (debit > 0)
            {
                sent.Add(movement);
            }

            if (isMine)
            {
                received.Add(movement);
            }
        }
    }

    /// <summary>The balance of each address.</summary>
    internal Dictionary<Script, long> BalancesByScript()
    {
        Dictionary<Script, long> balances = [];
        HashSet<uint256> trusted = [];
        foreach ((OutPoint id, WalletTransaction transaction) in ledger.Outputs)
        {
            if (!IsTrusted(transaction, trusted)
                || ledger.IsImmature(transaction)
                || ledger.DepthOf(transaction) < (ledger.IsFromMe(transaction.Transaction) ? 0 : 1))
            {
                continue;
            }

            TxOut output = transaction.Transaction.Outputs[(int)id.N];
            balances[output.ScriptPubKey] = balances.GetValueOrDefault(output.ScriptPubKey) + (ledger.IsSpent(id)
                ? 0
                : output.Value.Satoshi);
        }

        return balances;
    }

    /// <summary>
    /// Groups of addresses that are publicly linked: spent in one transaction, or change of one another.
    /// </summary>
    internal List<HashSet<Script>> Groupings()
    {
        List<HashSet<Script>> groups = [];
        foreach (WalletTransaction transaction in ledger.InOrder)
        {
            HashSet<Script> together =
                [
                    .. transaction.Transaction.Inputs.Where(input => ledger.IsMine(input.PrevOut)).Select(
                        input => ledger.OutputOf(input.PrevOut)!.ScriptPubKey),
                ];
            if (together.Count > 0)
            {
                together.UnionWith(
                    transaction.Transaction.Outputs.Select(static output => output.ScriptPubKey).Where(IsChange));
                groups.Add(together);
            }

            groups.AddRange(
                transaction.Transaction.Outputs.Where(output => keys.IsMine(output.ScriptPubKey)).Select(
                    static output => new HashSet<Script> { output.ScriptPubKey }));
        }

        List<HashSet<Script>> merged = [];
        foreach (HashSet<Script> group in groups)
        {
            HashSet<Script> all = [.. group];
            foreach (HashSet<Script> other in merged.Where(other => other.Overlaps(group)).ToArray())
            {
                all.UnionWith(other);
                merged.Remove(other);
            }

            merged.Add(all);
        }

        return merged;
    }
}
