using Bitcoin.Interfaces;
using Bitcoin.Primitives;
using Bitcoin.Wallet.Coins;
using Bitcoin.Wallet.Keys;
using NBitcoin;

namespace Bitcoin.Wallet.Spending;

/// <summary>Signs with a wallet's keys. Used under the wallet's gate.</summary>
internal sealed class Signing(KeyRing keys, Ledger ledger)
{
    /// <summary>The nonces of signatures that others take part in.</summary>
    internal MusigNonces Nonces { get; } = new();

    /// <summary>Signs a transaction. The wallet must know the outputs that it spends.</summary>
    /// <returns>Whether the transaction is complete.</returns>
    internal bool SignOwn(Transaction transaction)
    {
        TxOut?[] spent = [.. transaction.Inputs.Select(input => ledger.OutputOf(input.PrevOut))];
        return spent.All(static output => output is not null) && Sign(transaction, spent, null).Count == 0;
    }

    /// <summary>Signs the inputs that can be signed.</summary>
    /// <param name="transaction">The transaction; it is changed.</param>
    /// <param name="spent">The outputs that its inputs spend; null for an unknown one.</param>
    /// <param name="hash">The signature hash type; null for the default.</param>
    /// <param name="extra">Scripts that the wallet may not know.</param>
    /// <returns>The errors of incomplete inputs, in Bitcoin Core's words.</returns>
    internal Dictionary<int, string> Sign(
        Transaction transaction, TxOut?[] spent, SigHash? hash, SolvingData? extra = null)
    {
        Dictionary<int, string> errors = [];
        InputSigner signer = new(transaction, spent);
        for (int i = 0; i < transaction.Inputs.Count; i++)
        {
            if (spent[i] is not { } output)
            {
                errors[i] = "Input not found or already spent";
                continue;
            }

            bool isSingleBeyond = hash is { } type
                && ((int)type & 0x1f) == (int)SigHash.Single
                && i >= transaction.Outputs.Count;
            SolvingData data = DataFor(output.ScriptPubKey, extra);
            if (!isSingleBeyond && !IsSigned(transaction, i, spent))
            {
                InputSignatures made = signer.Sign(i, data, hash, signer.Known(i, data));
                if (made.IsComplete)
                {
                    transaction.Inputs[i].ScriptSig = made.ScriptSig;
                    transaction.Inputs[i].WitScript = made.Witness;
                }
                else if (made.Partial.Count > 0 || made.RedeemScript is not null)
                {
                    PutPartial(transaction.Inputs[i], output, made);
                }
            }
        }

        for (int i = 0; i < transaction.Inputs.Count; i++)
        {
            if (spent[i] is not null && Verify(transaction, i, spent) is { } error)
            {
                errors[i] = error;
            }
        }

        return errors;
    }

    // Others have signed it, perhaps in a way that the wallet does not know.
    private static bool IsSigned(Transaction transaction, int index, TxOut?[] spent)
    {
        TxIn input = transaction.Inputs[index];
        return (input.ScriptSig.Length > 0 || input.WitScript is { PushCount: > 0 })
            && Verify(transaction, index, spent) is null;
    }

    /// <summary>The error of an input; null if it is complete.</summary>
    internal static string? Verify(Transaction transaction, int index, TxOut?[] spent)
    {
        ScriptError result;
        if (spent.All(static output => output is not null))
        {
            result = transaction.CreateValidator(spent!).ValidateInput(index).Error ?? ScriptError.OK;
        }
        else
        {
            transaction.Inputs.FindIndexedInput(
                transaction.Inputs[index].PrevOut).VerifyScript(spent[index]!, out result);
        }

        return result switch
        {
            ScriptError.OK => null,
            ScriptError.InvalidStackOperation => "Unable to sign input, invalid stack size (possibly missing key)",
            ScriptError.NullFail => "CHECK(MULTI)SIG failing with non-zero signature (possibly need more signatures)",
            ScriptError.WitnessProgramEmpty => "Witness program was passed an empty witness",
            ScriptError.WitnessProgramMissmatch => "Witness program hash mismatch",
            ScriptError.EqualVerify => "Script failed an OP_EQUALVERIFY operation",
            ScriptError.CheckSigVerify => "Script failed an OP_CHECKSIGVERIFY operation",
            ScriptError.UnsatisfiedLockTime => "Locktime requirement not satisfied",
            ScriptError.EvalFalse => "Script evaluated without error but finished with a false/empty top stack element",
            _ => result.ToString(),
        };
    }

    internal SolvingData DataFor(Script script, SolvingData? extra)
    {
        SolvingData data = new();
        if (keys.Solve(script, withSecrets: true) is { } own)
        {
            data.Merge(own);
        }
        else if (extra is not null)
        {
            // A script of others that has a key of the wallet.
            AddOwnKeys(script, extra, data);
        }

        if (extra is not null)
        {
            data.Merge(extra);
        }

        return data;
    }

    /// <summary>Adds the private keys for those of some public keys that belong to the wallet.</summary>
    internal void AddOwn(IEnumerable<PubKey> candidates, SolvingData data)
    {
        foreach (PubKey key in candidates)
        {
            foreach (DescriptorKeys owner in keys.All)
            {
                if (owner.IndexOf(key) is { } index)
                {
                    data.Merge(owner.Solve(index, withSecrets: true));
                }
            }
        }
    }

    private void AddOwnKeys(Script script, SolvingData extra, SolvingData data)
    {
        Script inner = extra.Inner(script) is { } redeem ? extra.Inner(redeem) ?? redeem : script;
        if (ScriptKinds.TryMultisig(inner.ToBytes(), out _, out List<byte[]> pushed))
        {
            AddOwn(
                pushed.Select(
                    static bytes => PubKey.TryCreatePubKey(bytes, out PubKey? key) ? key : null).OfType<PubKey>(),
                data);
        }
    }

    private static void PutPartial(TxIn input, TxOut output, InputSignatures made)
    {
        // For other signers: the signatures so far, in order, and the scripts.
        Script inner = made.WitnessScript ?? made.RedeemScript ?? output.ScriptPubKey;
        List<byte[]> stack = [];
        if (ScriptKinds.TryMultisig(inner.ToBytes(), out _, out List<byte[]> keys) && made.Partial.Count > 0)
        {
            stack.Add([]);
            stack.AddRange(
                keys.Where(bytes => made.Partial.Keys.Any(key => key.ToBytes().AsSpan().SequenceEqual(bytes)))
                    .Select(
                        bytes => made.Partial.First(
                            pair => pair.Key.ToBytes().AsSpan().SequenceEqual(bytes)).Value.ToBytes()));
        }

        if (made.WitnessScript is not null)
        {
            input.WitScript = new WitScript([.. stack, made.WitnessScript.ToBytes()]);
            input.ScriptSig = made.RedeemScript is null
                ? Script.Empty
                : new Script(Op.GetPushOp(made.RedeemScript.ToBytes()));
        }
        else if (made.RedeemScript is not null && !made.IsWitness)
        {
            input.ScriptSig = new Script(
            [
                .. stack.Select(static item => item.Length == 0 ? (Op)OpcodeType.OP_0 : Op.GetPushOp(item)),
                Op.GetPushOp(made.RedeemScript.ToBytes())
            ]);
        }
        else if (stack.Count > 0)
        {
            input.ScriptSig = new Script(
                stack.Select(static item => item.Length == 0 ? (Op)OpcodeType.OP_0 : Op.GetPushOp(item)));
        }
    }
}
