using Bitcoin.Chain.Coins;
using Bitcoin.Interfaces;
using Bitcoin.Primitives;
using NBitcoin;

namespace Bitcoin.Node.Commands;

/// <summary>Merges the signatures of copies of a transaction.</summary>
internal static class SignatureMerge
{
    /// <summary>Returns the transaction with the signatures of all copies.</summary>
    /// <param name="transactions">The copies.</param>
    /// <param name="findCoin">Finds the coin that an input spends.</param>
    /// <exception cref="RpcException">The copies are not of the same transaction, or a coin is not found.</exception>
    internal static Transaction Of(Transaction[] transactions, Func<OutPoint, UnspentCoin?> findCoin)
    {
        if (transactions.Length < 2)
        {
            throw Inputs.Error(
                RpcErrorCode.Deserialization, "Missing transactions. At least two transactions required.");
        }

        // Without their signatures, all of them must be equal.
        uint256 unsigned = Unsigned(transactions[0]);
        int odd = Array.FindIndex(transactions, other => Unsigned(other) != unsigned);
        if (odd >= 0)
        {
            throw Inputs.Error(
                RpcErrorCode.InvalidParameter, $"Transaction number {odd + 1} not compatible with first transaction");
        }

        Transaction merged = transactions[0].Clone();
        for (int i = 0; i < merged.Inputs.Count; i++)
        {
            UnspentCoin coin = findCoin(merged.Inputs[i].PrevOut)
                ?? throw Inputs.Error(-25, "Input not found or already spent");
            foreach (Transaction other in transactions.Skip(1).Where(other => other.Inputs.Count > i))
            {
                if (merged.Inputs[i].ScriptSig == other.Inputs[i].ScriptSig
                    && Same(merged.Inputs[i].WitScript, other.Inputs[i].WitScript))
                {
                    continue;
                }

                if (TryMerge(merged, i, other.Inputs[i], coin))
                {
                    continue;
                }

                ScriptSigs ours = new() { ScriptSig = merged.Inputs[i].ScriptSig, WitSig = merged.Inputs[i].WitScript };
                ScriptSigs theirs = new() { ScriptSig = other.Inputs[i].ScriptSig, WitSig = other.Inputs[i].WitScript };
                ScriptSigs both = Script.CombineSignatures(
                    coin.Script, new TransactionChecker(merged, i, coin.ToOutput()), ours, theirs);
                merged.Inputs[i].ScriptSig = both.ScriptSig ?? Script.Empty;
                merged.Inputs[i].WitScript = both.WitSig ?? WitScript.Empty;
            }
        }

        return merged;
    }

    /// <summary>
    /// Merges the signatures for a multisig script behind a witness hash. NBitcoin loses them where the script is
    /// longer than an element of a stack may be.
    /// </summary>
    private static bool TryMerge(Transaction merged, int index, TxIn other, UnspentCoin coin)
    {
        TxIn input = merged.Inputs[index];
        WitScript ours = input.WitScript ?? WitScript.Empty;
        WitScript theirs = other.WitScript ?? WitScript.Empty;
        byte[]? script = ours.Pushes.LastOrDefault() ?? theirs.Pushes.LastOrDefault();
        if (script is null
            || !ScriptKinds.TryMultisig(script, out int required, out List<byte[]> keys)
            || theirs.PushCount == 0
            || !theirs.GetUnsafePush(theirs.PushCount - 1).AsSpan().SequenceEqual(script))
        {
            return false;
        }

        Script code = Script.FromBytesUnsafe(script);
        List<byte[]> given =
            [
                .. ours.Pushes.Concat(theirs.Pushes)
                    .Where(static push => TransactionSignature.ValidLength(push.Length)),
            ];
        List<byte[]> signatures =
            [
                .. keys.Select(key => given.Find(push => Signs(push, key))).OfType<byte[]>().Take(required),
            ];

        // As many elements as a complete stack has, so that the script fails for the lack of a signature only.
        while (signatures.Count < required)
        {
            signatures.Add([]);
        }

        input.WitScript = new WitScript([[], .. signatures, script]);
        input.ScriptSig = input.ScriptSig == Script.Empty ? other.ScriptSig : input.ScriptSig;
        return true;

        bool Signs(byte[] push, byte[] key)
        {
            try
            {
                TransactionSignature signature = new(push);
                return PubKey.TryCreatePubKey(key, out PubKey? known)
                    && known.Verify(
                        merged.GetSignatureHash(
                            code, index, signature.SigHash, coin.ToOutput(), HashVersion.WitnessV0, null),
                        signature.Signature);
            }
            catch (Exception exception) when (exception is FormatException or ArgumentException)
            {
                return false;
            }
        }
    }

    private static bool Same(WitScript? one, WitScript? other)
        => (one ?? WitScript.Empty).ToBytes().AsSpan().SequenceEqual((other ?? WitScript.Empty).ToBytes());

    private static uint256 Unsigned(Transaction transaction)
    {
        Transaction copy = transaction.Clone();
        foreach (TxIn input in copy.Inputs)
        {
            input.ScriptSig = Script.Empty;
            input.WitScript = WitScript.Empty;
        }

        return copy.GetHash();
    }
}
