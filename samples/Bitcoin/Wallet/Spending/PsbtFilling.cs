using Bitcoin.Descriptors;
using Bitcoin.Primitives;
using Bitcoin.Wallet.Coins;
using Bitcoin.Wallet.Keys;
using NBitcoin;

namespace Bitcoin.Wallet.Spending;

/// <summary>Options for filling a partially signed transaction.</summary>
/// <param name="Sign">Whether to sign.</param>
/// <param name="Hash">The signature hash type; null for the default.</param>
/// <param name="Completes">Whether to finalize inputs that have all signatures.</param>
/// <param name="WithOrigins">Whether to add the origins of the keys.</param>
internal sealed record PsbtWish(bool Sign, SigHash? Hash = null, bool Completes = true, bool WithOrigins = true);

/// <summary>Adds what a wallet knows to partially signed transactions. Used under the wallet's gate.</summary>
internal sealed class PsbtFilling(KeyRing keys, Ledger ledger, Signing signing)
{
    /// <summary>Fills a partially signed transaction.</summary>
    /// <param name="psbt">The transaction; it is changed.</param>
    /// <param name="wish">The options.</param>
    /// <param name="isComplete">Whether the transaction is complete.</param>
    /// <param name="signed">How many inputs are signed.</param>
    /// <returns>What went wrong; null for success.</returns>
    internal PsbtError? Fill(PSBT psbt, PsbtWish wish, out bool isComplete, out int signed)
    {
        isComplete = false;
        signed = 0;
        foreach (PSBTInput input in psbt.Inputs)
        {
            if (!input.IsFinalized() && input.NonWitnessUtxo is null && ledger.Find(input.PrevOut.Hash) is { } known)
            {
                input.NonWitnessUtxo = known.Transaction;
            }
        }

        Transaction transaction = psbt.GetGlobalTransaction();
        TxOut?[] spent = [.. psbt.Inputs.Select(Spent)];
        InputSigner signer = new(transaction, spent, signing.Nonces);
        for (int i = 0; i < psbt.Inputs.Count; i++)
        {
            if (psbt.Inputs[i].IsFinalized())
            {
                continue;
            }

            if (FillInput(psbt.Inputs[i], i, spent[i], signer, wish) is { } error)
            {
                return error;
            }

            signed += psbt.Inputs[i].IsFinalized() ? 1 : 0;
        }

        foreach (PSBTOutput output in psbt.Outputs)
        {
            if (keys.Solve(output.ScriptPubKey) is { } data)
            {
                Describe(output, output.ScriptPubKey, data, wish.WithOrigins);
            }
        }

        DropUnneeded(psbt);
        isComplete = IsComplete(psbt, spent);
        return null;
    }

    /// <summary>The transaction with all inputs finalized; null if an input cannot be finalized.</summary>
    internal static Transaction? Extract(PSBT psbt)
    {
        if (psbt.Inputs.Any(static input => !input.IsFinalized()))
        {
            return null;
        }

        Transaction transaction = psbt.GetGlobalTransaction();
        for (int i = 0; i < transaction.Inputs.Count; i++)
        {
            transaction.Inputs[i].ScriptSig = psbt.Inputs[i].FinalScriptSig ?? Script.Empty;
            transaction.Inputs[i].WitScript = psbt.Inputs[i].FinalScriptWitness ?? WitScript.Empty;
        }

        return transaction;
    }

    private static bool IsComplete(PSBT psbt, TxOut?[] spent)
    {
        if (Extract(psbt) is not { } transaction || spent.Any(static output => output is null))
        {
            return false;
        }

        return Enumerable.Range(0, spent.Length).All(i => Signing.Verify(transaction, i, spent) is null);
    }

    private static TxOut? Spent(PSBTInput input)
    {
        return input.NonWitnessUtxo is { } whole
            ? input.PrevOut.N < whole.Outputs.Count
            ? whole.Outputs[(int)input.PrevOut.N]
            : null
            : input.WitnessUtxo;
    }

    private PsbtError? FillInput(PSBTInput input, int index, TxOut? output, InputSigner signer, PsbtWish wish)
    {
        if (output is null)
        {
            return input.NonWitnessUtxo is null ? null : PsbtError.MissingInputs;
        }

        if (input.NonWitnessUtxo is { } whole && whole.GetHash() != input.PrevOut.Hash)
        {
            return PsbtError.MissingInputs;
        }

        bool isTaproot = ScriptKinds.Of(output.ScriptPubKey) == ScriptKind.Taproot;
        if (!PsbtSigHash.TryChoose(input, isTaproot, wish.Hash, out SigHash chosen))
        {
            return PsbtError.SigHashMismatch;
        }

        int hash = (int)chosen;
        if (input.PartialSigs.Values.Any(signature => hash != 0 && (int)signature.SigHash != hash)
            || (input.TaprootKeySignature is { } key && (int)key.SigHash != hash)
            || PsbtTaproot.Signatures(input).Any(one => (one.Signature.Length > 64 ? one.Signature[^1] : 0) != hash))
        {
            return PsbtError.SigHashMismatch;
        }

        SolvingData data = new();
        if (keys.Solve(output.ScriptPubKey, wish.Sign) is { } own)
        {
            data.Merge(own);
        }
        else
        {
            signing.AddOwn(
                [
                    .. input.HDKeyPaths.Keys,
                    .. input.HDTaprootKeyPaths.Keys.SelectMany(static x => Both(x.ToBytes())),
                    .. isTaproot ? Both(output.ScriptPubKey.ToBytes()[2..]) : []
                ],
                data);
        }

        foreach ((PubKey aggregate, PubKey[] participants) in PsbtMusig.Participants(input))
        {
            data.AddAggregate(aggregate, participants);
        }

        foreach ((TaprootPubKey stated, TaprootKeyPath path) in input.HDTaprootKeyPaths)
        {
            data.AddTold(stated.ToBytes(), path.RootedKeyPath);
        }

        foreach (PubKey other in input.HDKeyPaths.Keys)
        {
            if (data.Key(other.Hash) is null)
            {
                data.Add(other);
            }
        }

        if (isTaproot && data.Taproot(output.ScriptPubKey) is null && PsbtTaproot.Spending(input) is { } told)
        {
            data.Add(output.ScriptPubKey, told);
        }

        InputSignatures known = new()
        {
            RedeemScript = input.RedeemScript,
            WitnessScript = input.WitnessScript,
            TaprootKey = input.TaprootKeySignature,
            PreimageOf = (operation, hash) => PsbtPreimages.Find(input, operation, hash),
        };
        foreach ((PubKey pubKey, TransactionSignature signature) in input.PartialSigs)
        {
            known.Partial[pubKey] = signature;
            data.Add(pubKey, data.Origin(pubKey), data.Secret(pubKey));
        }

        foreach ((byte[] xOnly, uint256 leaf, byte[] signature) in PsbtTaproot.Signatures(input))
        {
            known.TaprootLeaves[(Convert.ToHexStringLower(xOnly), leaf)] = signature;
        }

        foreach ((MusigShare share, byte[] nonce) in PsbtMusig.Nonces(input))
        {
            known.MusigNonces[share] = nonce;
        }

        foreach ((MusigShare share, byte[] part) in PsbtMusig.Signatures(input))
        {
            known.MusigSignatures[share] = part;
        }

        InputSignatures made = signer.Sign(index, wish.Sign ? data : data.WithoutSecrets(), (SigHash)hash, known);
        if (input.NonWitnessUtxo is null && !made.IsWitness)
        {
            // The amount of the input can only be trusted with its whole transaction.
            return null;
        }

        Describe(input, output.ScriptPubKey, data, wish.WithOrigins);
        if (made.IsWitness)
        {
            input.WitnessUtxo = output;
        }

        Put(input, made, wish);
        return null;
    }

    private static void Put(PSBTInput input, InputSignatures made, PsbtWish wish)
    {
        if (made.IsComplete && wish.Completes)
        {
            input.FinalScriptSig = made.ScriptSig.Length == 0 ? null : made.ScriptSig;
            input.FinalScriptWitness = made.Witness.PushCount == 0 ? null : made.Witness;
            PsbtTaproot.Clear(input);
            return;
        }

        foreach ((PubKey key, TransactionSignature signature) in made.Partial)
        {
            input.PartialSigs[key] = signature;
        }

        foreach (((string xOnly, uint256 leaf), byte[] signature) in made.TaprootLeaves)
        {
            PsbtTaproot.AddSignature(input, Convert.FromHexString(xOnly), leaf, signature);
        }

        foreach ((MusigShare share, byte[] nonce) in made.MusigNonces)
        {
            PsbtMusig.SetNonce(input, share, nonce);
        }

        foreach ((MusigShare share, byte[] part) in made.MusigSignatures)
        {
            PsbtMusig.SetSignature(input, share, part);
        }

        input.TaprootKeySignature = made.TaprootKey ?? input.TaprootKeySignature;
    }

    private static IEnumerable<PubKey> Both(byte[] xOnly)
    {
        foreach (byte parity in (byte[])[2, 3])
        {
            if (PubKey.TryCreatePubKey([parity, .. xOnly], out PubKey? key))
            {
                yield return key;
            }
        }
    }

    private static void Describe(PSBTCoin coin, Script script, SolvingData data, bool withOrigins)
    {
        if (ScriptKinds.Of(script) == ScriptKind.Taproot)
        {
            DescribeTaproot(coin, script, data, withOrigins);
            return;
        }

        Script inner = script;
        if (ScriptKinds.Of(script) == ScriptKind.ScriptHash && data.Inner(script) is { } redeem)
        {
            coin.RedeemScript = redeem;
            inner = redeem;
        }

        if (ScriptKinds.Of(inner) == ScriptKind.WitnessScriptHash && data.Inner(inner) is { } witness)
        {
            coin.WitnessScript = witness;
        }

        if (withOrigins)
        {
            foreach (PubKey key in data.Keys)
            {
                // An origin that others stated stays: they may know more of the key than a wallet with the key alone.
                if (!coin.HDKeyPaths.ContainsKey(key) && data.Origin(key) is { } origin)
                {
                    coin.HDKeyPaths.Add(key, origin);
                }
            }
        }
    }

    private static void DescribeTaproot(PSBTCoin coin, Script script, SolvingData data, bool withOrigins)
    {
        TaprootSpending? spending = data.Taproot(script);
        if (spending is not null)
        {
            PsbtTaproot.Describe(coin, spending);
        }

        foreach ((PubKey aggregate, PubKey[] participants) in data.Aggregates)
        {
            PsbtMusig.SetParticipants(coin, aggregate, participants);
        }

        if (!withOrigins)
        {
            return;
        }

        foreach (PubKey key in data.Keys)
        {
            if (data.Origin(key) is { } origin)
            {
                uint256[] leaves = [.. spending?.LeavesWith(key).Select(static leaf => leaf.LeafHash) ?? []];
                coin.HDTaprootKeyPaths[key.TaprootInternalKey.AsTaprootPubKey()] = new TaprootKeyPath(origin, leaves);
            }
        }
    }

    // A signature for a taproot input commits to the amounts, so they need no proof.
    private static void DropUnneeded(PSBT psbt)
    {
        bool allTaproot = psbt.Inputs.All(static input => input.WitnessUtxo is { } output
            && Address.TryProgram(output.ScriptPubKey.ToBytes(), out int version, out _) && version > 0
            && ((int?)input.SighashType & (int)SigHash.AnyoneCanPay) is null or 0);
        if (allTaproot)
        {
            foreach (PSBTInput input in psbt.Inputs)
            {
                input.NonWitnessUtxo = null;
            }
        }
    }
}
