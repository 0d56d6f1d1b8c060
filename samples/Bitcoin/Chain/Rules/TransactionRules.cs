using Bitcoin.Chain.Coins;
using Bitcoin.Primitives;
using NBitcoin;

namespace Bitcoin.Chain.Rules;

/// <summary>
/// The rules of a transaction, alone and with the outputs that it spends. NBitcoin has some of them, without Bitcoin
/// Core's codes.
/// </summary>
internal static class TransactionRules
{
    internal const int CoinbaseMaturity = 100;
    internal const long MaxMoney = 21_000_000 * Money.COIN;

    private const int MaxBytes = 1_000_000;
    private const int MaxCoinbaseScript = 100;
    private const uint LockTimeThreshold = 500_000_000;

    internal static Refusal? Check(Transaction transaction)
    {
        TransactionExtension extension = Currency.Current.ExtensionOf(transaction);
        if (transaction.Inputs.Count == 0 && !extension.MayLackInputs)
        {
            return new Refusal("bad-txns-vin-empty");
        }

        if (transaction.Outputs.Count == 0 && !extension.MayLackOutputs)
        {
            return new Refusal("bad-txns-vout-empty");
        }

        if (extension.Fault is { } fault)
        {
            return new Refusal(fault);
        }

        return transaction.Stripped() > MaxBytes
            ? new Refusal("bad-txns-oversize")
            : CheckOutputs(transaction) ?? CheckInputs(transaction, extension);
    }

    /// <summary>Whether the transaction's lock time has passed.</summary>
    internal static bool IsFinal(Transaction transaction, int height, long time)
    {
        uint lockTime = transaction.LockTime.Value;
        return lockTime == 0
            || lockTime < (lockTime < LockTimeThreshold ? height : time)
            || transaction.Inputs.All(static input => input.Sequence.Value == Sequence.SEQUENCE_FINAL);
    }

    /// <summary>Checks the spent outputs, all of which must be known.</summary>
    internal static Refusal? CheckSpending(
        Transaction transaction, IReadOnlyList<UnspentCoin> spent, int height, out long fee)
    {
        fee = 0;
        long sum = 0;
        foreach (UnspentCoin coin in spent)
        {
            if (coin.IsCoinbase && height - coin.Height < CoinbaseMaturity)
            {
                return new Refusal(
                    "bad-txns-premature-spend-of-coinbase",
                    $"tried to spend coinbase at depth {height - coin.Height}",
                    RefusalKind.Premature);
            }

            sum += coin.Value;
            if (coin.Value is < 0 or > MaxMoney || sum > MaxMoney)
            {
                return new Refusal("bad-txns-inputvalues-outofrange");
            }
        }

        long made = transaction.Outputs.Sum(static output => output.Value.Satoshi);
        if (sum < made)
        {
            return new Refusal("bad-txns-in-belowout", $"value in ({Amount(sum)}) < value out ({Amount(made)})");
        }

        fee = sum - made;
        return fee is >= 0 and <= MaxMoney ? null : new Refusal("bad-txns-fee-outofrange");
    }

    internal static string Amount(long satoshis)
        => Money.Satoshis(satoshis).ToString(fplus: false, trimExcessZero: false);

    private static Refusal? CheckOutputs(Transaction transaction)
    {
        long total = 0;
        foreach (TxOut output in transaction.Outputs)
        {
            long value = output.Value.Satoshi;
            if (value < 0)
            {
                return new Refusal("bad-txns-vout-negative");
            }

            if (value > MaxMoney)
            {
                return new Refusal("bad-txns-vout-toolarge");
            }

            total += value;
            if (total > MaxMoney)
            {
                return new Refusal("bad-txns-txouttotal-toolarge");
            }
        }

        return null;
    }

    private static Refusal? CheckInputs(Transaction transaction, TransactionExtension extension)
    {
        HashSet<OutPoint> spent = new(transaction.Inputs.Count);
        foreach (TxIn input in transaction.Inputs)
        {
            if (!spent.Add(input.PrevOut))
            {
                return new Refusal("bad-txns-inputs-duplicate");
            }
        }

        if (transaction.IsCoinBase)
        {
            int length = transaction.Inputs[0].ScriptSig.Length;
            return length >= extension.LeastCoinbaseScript && length <= MaxCoinbaseScript
                ? null
                : new Refusal("bad-cb-length");
        }

        return spent.Any(static outPoint => outPoint.IsNull) ? new Refusal("bad-txns-prevout-null") : null;
    }
}
