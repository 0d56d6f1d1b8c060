using Bitcoin.Primitives;

namespace Bitcoin.Chain;

/// <summary>The rules a transaction must obey by itself, without looking at what it spends.</summary>
internal static class TransactionRules
{
    private const int MaxWeight = 4_000_000;
    private const uint LockTimeThreshold = 500_000_000;

    internal static Refusal? Check(Transaction transaction)
    {
        if (transaction.Inputs.Count == 0)
        {
            return new Refusal("bad-txns-vin-empty", $"Transaction {transaction.Txid}: expected an input, came none.");
        }

        if (transaction.Outputs.Count == 0)
        {
            return new Refusal("bad-txns-vout-empty", $"Transaction {transaction.Txid}: expected an output, came none.");
        }

        if (4L * transaction.StrippedSize > MaxWeight)
        {
            return new Refusal("bad-txns-oversize", $"Transaction {transaction.Txid}: expected at most {MaxWeight / 4} bytes, came {transaction.StrippedSize}.");
        }

        return CheckOutputs(transaction) ?? CheckInputs(transaction);
    }

    /// <summary>Whether the transaction's lock time has passed.</summary>
    internal static bool IsFinal(Transaction transaction, int height, long time)
    {
        if (transaction.LockTime == 0)
        {
            return true;
        }

        long limit = transaction.LockTime < LockTimeThreshold ? height : time;
        return transaction.LockTime < limit || transaction.Inputs.All(static input => input.Sequence == TxIn.FinalSequence);
    }

    private static Refusal? CheckOutputs(Transaction transaction)
    {
        long total = 0;
        foreach (TxOut output in transaction.Outputs)
        {
            if (output.Value < 0)
            {
                return new Refusal("bad-txns-vout-negative", $"Transaction {transaction.Txid}: expected an amount, came {output.Value}.");
            }

            if (output.Value > Money.Max)
            {
                return new Refusal("bad-txns-vout-toolarge", $"Transaction {transaction.Txid}: expected at most {Money.Max}, came {output.Value}.");
            }

            total += output.Value;
            if (total > Money.Max)
            {
                return new Refusal("bad-txns-txouttotal-toolarge", $"Transaction {transaction.Txid}: expected outputs of at most {Money.Max} together, came {total}.");
            }
        }

        return null;
    }

    private static Refusal? CheckInputs(Transaction transaction)
    {
        HashSet<OutPoint> spent = new(transaction.Inputs.Count);
        foreach (TxIn input in transaction.Inputs)
        {
            if (!spent.Add(input.Previous))
            {
                return new Refusal("bad-txns-inputs-duplicate", $"Transaction {transaction.Txid}: expected each output to be spent once, came {input.Previous} twice.");
            }
        }

        if (transaction.IsCoinbase)
        {
            int length = transaction.Inputs[0].ScriptSig.Length;
            return length is >= 2 and <= 100
                ? null
                : new Refusal("bad-cb-length", $"Coinbase {transaction.Txid}: expected a script of 2 to 100 bytes, came {length}.");
        }

        return spent.Any(static outPoint => outPoint.IsNone)
            ? new Refusal("bad-txns-prevout-null", $"Transaction {transaction.Txid}: expected an output to spend, came none.")
            : null;
    }
}
