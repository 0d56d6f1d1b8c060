using Bitcoin.Descriptors;
using Bitcoin.Descriptors.Miniscripts;
using Bitcoin.Primitives;
using Bitcoin.Wallet.Keys;
using NBitcoin;

namespace Bitcoin.Wallet.Spending;

/// <summary>The signatures and scripts of an input.</summary>
internal sealed class InputSignatures
{
    internal Script ScriptSig { get; set; } = Script.Empty;

    internal WitScript Witness { get; set; } = WitScript.Empty;

    internal bool IsComplete { get; set; }

    internal bool IsWitness { get; set; }

    internal Script? RedeemScript { get; set; }

    internal Script? WitnessScript { get; set; }

    internal Dictionary<PubKey, TransactionSignature> Partial { get; } = [];

    internal TaprootSignature? TaprootKey { get; set; }

    internal Dictionary<MusigShare, byte[]> MusigNonces { get; } = [];

    internal Dictionary<MusigShare, byte[]> MusigSignatures { get; } = [];

    /// <summary>What a hash in a script was made of, by the operation; null if it is not known.</summary>
    internal Func<OpcodeType, byte[], byte[]?> PreimageOf { get; init; } = static (_, _) => null;

    /// <summary>Signatures for scripts of a taproot output, by the key in hexadecimal digits and the leaf.</summary>
    internal Dictionary<(string Key, uint256 Leaf), byte[]> TaprootLeaves { get; } = [];
}

/// <summary>Signs inputs of a transaction.</summary>
/// <param name="transaction">The transaction.</param>
/// <param name="spent">The outputs that its inputs spend; null for an unknown one.</param>
/// <param name="nonces">
/// The wallet's nonces; null if aggregated keys do not sign, because nobody keeps what the first steps make.
/// </param>
internal sealed class InputSigner(Transaction transaction, TxOut?[] spent, MusigNonces? nonces = null)
{
    private readonly PrecomputedTransactionData _precomputed = spent.All(static output => output is not null)
        ? transaction.PrecomputeTransactionData(spent!)
        : transaction.PrecomputeTransactionData();

    /// <summary>Makes the signatures of an input that the keys allow.</summary>
    /// <param name="index">The index of the input.</param>
    /// <param name="data">The keys and scripts.</param>
    /// <param name="hash">The signature hash type; null for the default.</param>
    /// <param name="known">Existing signatures of others.</param>
    internal InputSignatures Sign(int index, SolvingData data, SigHash? hash, InputSignatures? known = null)
    {
        InputSignatures made = new()
        {
            TaprootKey = known?.TaprootKey,
            PreimageOf = known?.PreimageOf ?? (static (_, _) => null),
        };
        foreach ((PubKey key, TransactionSignature signature) in known?.Partial ?? [])
        {
            made.Partial[key] = signature;
        }

        foreach (((string, uint256) place, byte[] signature) in known?.TaprootLeaves ?? [])
        {
            made.TaprootLeaves[place] = signature;
        }

        foreach ((MusigShare share, byte[] nonce) in known?.MusigNonces ?? [])
        {
            made.MusigNonces[share] = nonce;
        }

        foreach ((MusigShare share, byte[] part) in known?.MusigSignatures ?? [])
        {
            made.MusigSignatures[share] = part;
        }

        TxOut output = spent[index]
            ?? throw new InvalidOperationException("The output that the input spends is unknown.");
        new Attempt(this, index, output, data, hash, made).Run(known);
        return made;
    }

    /// <summary>The signatures that the scripts of an input already have, by public key.</summary>
    internal InputSignatures Known(int index, SolvingData data)
    {
        InputSignatures found = new();
        TxIn input = transaction.Inputs[index];
        if (spent[index] is not { } output)
        {
            return found;
        }

        byte[][] pushes =
            [
                .. input.ScriptSig.ToOps().Select(static op => op.PushData).OfType<byte[]>(),
                .. (input.WitScript ?? WitScript.Empty).Pushes,
            ];
        Script? redeem = ScriptKinds.Of(output.ScriptPubKey) == ScriptKind.ScriptHash
            ? Last(input.ScriptSig.ToOps().Select(static op => op.PushData).OfType<byte[]>())
            : null;
        Script inner = redeem ?? output.ScriptPubKey;
        if (redeem is not null)
        {
            data.Add(redeem);
        }

        bool isWitness = ScriptKinds.Of(inner) is ScriptKind.WitnessScriptHash or ScriptKind.WitnessKeyHash;
        if (ScriptKinds.Of(inner) == ScriptKind.WitnessScriptHash
            && Last((input.WitScript ?? WitScript.Empty).Pushes) is { } witness)
        {
            data.Add(witness);
            inner = witness;
        }

        if (!ScriptKinds.TryMultisig(inner.ToBytes(), out _, out List<byte[]> keys))
        {
            return found;
        }

        foreach (byte[] push in pushes.Where(static push => push.Length is > 8 and < 74))
        {
            foreach (byte[] bytes in keys)
            {
                if (PubKey.TryCreatePubKey(bytes, out PubKey? key)
                    && TransactionSignature.ValidLength(push.Length)
                    && Try(push) is { } signature
                    && key.Verify(
                        transaction.GetSignatureHash(
                            inner,
                            index,
                            signature.SigHash,
                            output,
                            isWitness ? HashVersion.WitnessV0 : HashVersion.Original,
                            _precomputed),
                        signature.Signature))
                {
                    found.Partial[key] = signature;
                }
            }
        }

        return found;

        static Script? Last(IEnumerable<byte[]> all)
            => all.LastOrDefault() is { Length: > 0 } bytes ? Script.FromBytesUnsafe(bytes) : null;
    }

    private static TransactionSignature? Try(byte[] bytes)
    {
        try
        {
            return new TransactionSignature(bytes);
        }
        catch (Exception exception) when (exception is FormatException or ArgumentException)
        {
            return null;
        }
    }

    private sealed class Attempt(
        InputSigner signer, int index, TxOut output, SolvingData data, SigHash? hash, InputSignatures made)
    {
        internal void Run(InputSignatures? known)
        {
            if (known?.RedeemScript is { } redeem)
            {
                data.Add(redeem);
            }

            if (known?.WitnessScript is { } witness)
            {
                data.Add(witness);
            }

            Script script = output.ScriptPubKey;
            switch (ScriptKinds.Of(script))
            {
                case ScriptKind.Taproot:
                    made.IsWitness = true;
                    RunTaproot(script);
                    break;
                case ScriptKind.WitnessKeyHash or ScriptKind.WitnessScriptHash:
                    RunWitness(script);
                    break;
                case ScriptKind.ScriptHash when data.Inner(script) is { } inner:
                    made.RedeemScript = inner;
                    if (ScriptKinds.Of(inner) is ScriptKind.WitnessKeyHash or ScriptKind.WitnessScriptHash)
                    {
                        RunWitness(inner);
                        made.ScriptSig = new Script(Op.GetPushOp(inner.ToBytes()));
                    }
                    else if (Satisfy(inner, HashVersion.Original) is { } stack)
                    {
                        made.ScriptSig = Pushes([.. stack, inner.ToBytes()]);
                        made.IsComplete = true;
                    }

                    break;
                case ScriptKind.Anchor:
                    made.IsComplete = true;
                    break;
                default:
                    if (Satisfy(script, HashVersion.Original) is { } items)
                    {
                        made.ScriptSig = Pushes(items);
                        made.IsComplete = true;
                    }

                    break;
            }
        }

        private static Script Pushes(IEnumerable<byte[]> items)
            => new(items.Select(static item => item.Length == 0 ? (Op)OpcodeType.OP_0 : Op.GetPushOp(item)));

        private void RunWitness(Script program)
        {
            made.IsWitness = true;
            if (ScriptKinds.Of(program) == ScriptKind.WitnessKeyHash)
            {
                if (data.Key(new KeyId(program.ToBytes()[2..])) is { } key
                    && Signature(key, key.Hash.ScriptPubKey, HashVersion.WitnessV0) is { } signature)
                {
                    made.Witness = new WitScript([signature, key.ToBytes()]);
                    made.IsComplete = true;
                }

                return;
            }

            if (data.Inner(program) is not { } script)
            {
                return;
            }

            made.WitnessScript = script;
            if (Satisfy(script, HashVersion.WitnessV0) is { } stack)
            {
                made.Witness = new WitScript([.. stack, script.ToBytes()]);
                made.IsComplete = true;
            }
        }

        private byte[][]? Satisfy(Script script, HashVersion version)
        {
            byte[] bytes = script.ToBytes();
            switch (ScriptKinds.Of(script))
            {
                case ScriptKind.PublicKey:
                    return PubKey.TryCreatePubKey(bytes[1..^1], out PubKey? only)
                        && Signature(only, script, version) is { } signature
                        ? [signature]
                        : null;
                case ScriptKind.PublicKeyHash:
                    return data.Key(new KeyId(bytes[3..23])) is { } key && Signature(key, script, version) is { } hashed
                        ? [hashed, key.ToBytes()]
                        : null;
                case ScriptKind.Multisig when ScriptKinds.TryMultisig(bytes, out int required, out List<byte[]> keys):
                    List<byte[]> stack = [[]];
                    foreach (byte[] one in keys)
                    {
                        if (PubKey.TryCreatePubKey(one, out PubKey? pubKey)
                            && Signature(pubKey, script, version) is { } part
                            && stack.Count <= required)
                        {
                            stack.Add(part);
                        }
                    }

                    return stack.Count == required + 1 ? [.. stack] : null;
                default:
                    return version != HashVersion.WitnessV0 ? null : MiniscriptSpending.Satisfy(
                        script,
                        isTapscript: false,
                        signer.Transaction,
                        index,
                        one => PubKey.TryCreatePubKey(one, out PubKey? signing)
                            ? Signature(signing, script, version)
                            : null,
                        hash => data.Key(new KeyId(hash))?.ToBytes(),
                        made.PreimageOf)?.ToArray();
            }
        }

        private byte[]? Signature(PubKey key, Script code, HashVersion version)
        {
            if (made.Partial.TryGetValue(key, out TransactionSignature? known))
            {
                return known.ToBytes();
            }

            if (data.Secret(key) is not { } secret)
            {
                return null;
            }

            SigHash type = hash is null or 0 ? SigHash.All : hash.Value;
            uint256 digest = signer.Hash(code, index, type, output, version);
            TransactionSignature signature = new(secret.Sign(digest, useLowR: true), type);
            made.Partial[key] = signature;
            return signature.ToBytes();
        }

        private void RunTaproot(Script script)
        {
            TaprootSigHash type = (TaprootSigHash)(hash ?? 0);
            TaprootSpending? spending = data.Taproot(script);
            if (made.TaprootKey is null && signer.KnowsAll)
            {
                if (spending is not null
                    && data.Key(spending.Internal.ToBytes()) is { } inner
                    && data.Secret(inner) is { } secret)
                {
                    made.TaprootKey = secret.SignTaprootKeySpend(
                        signer.TaprootHash(index, type, null), spending.Root, type);
                }
                else if (data.Key(script.ToBytes().AsSpan(2)) is { } raw && data.Secret(raw) is { } rawSecret)
                {
                    made.TaprootKey = rawSecret.SignTaprootScriptSpend(signer.TaprootHash(index, type, null), type);
                }
                else if (Aggregated(
                    spending?.Internal.ToBytes() ?? script.ToBytes()[2..],
                    spending?.Internal.ComputeTapTweak(spending.Root),
                    null,
                    type) is { } whole)
                {
                    made.TaprootKey = TaprootSignature.Parse(whole);
                }
            }

            if (made.TaprootKey is not null)
            {
                made.Witness = new WitScript([made.TaprootKey.ToBytes()]);
                made.IsComplete = true;
                return;
            }

            if (spending is null || !signer.KnowsAll)
            {
                return;
            }

            WitScript? witness = TaprootStack.Best(
                spending,
                signer.Transaction,
                index,
                (key, leaf) => LeafSignature(key, leaf, type),
                hash => data.Keys.Select(static key => key.TaprootInternalKey.ToBytes()).FirstOrDefault(
                    key => NBitcoin.Crypto.Hashes.Hash160(key).ToBytes().AsSpan().SequenceEqual(hash)),
                made.PreimageOf);
            if (witness is not null)
            {
                made.Witness = witness;
                made.IsComplete = true;
            }
        }

        private byte[]? Aggregated(byte[] xOnly, byte[]? tweak, uint256? leaf, TaprootSigHash type)
        {
            if (signer.Nonces is not { } nonces)
            {
                return null;
            }

            byte[]? whole = new MusigSigner(data, made, nonces).Run(
                xOnly, tweak, leaf, signer.TaprootHash(index, type, leaf));
            return whole is null || type == TaprootSigHash.Default ? whole : [.. whole, (byte)type];
        }

        private byte[]? LeafSignature(byte[] xOnly, uint256 leaf, TaprootSigHash type)
        {
            (string, uint256) place = (Convert.ToHexStringLower(xOnly), leaf);
            if (made.TaprootLeaves.TryGetValue(place, out byte[]? known))
            {
                return known;
            }

            if (data.Key(xOnly) is not { } key || data.Secret(key) is not { } secret)
            {
                byte[]? whole = Aggregated(xOnly, null, leaf, type);
                return whole is null ? null : made.TaprootLeaves[place] = whole;
            }

            return made.TaprootLeaves[place] =
                secret.SignTaprootScriptSpend(signer.TaprootHash(index, type, leaf), type).ToBytes();
        }
    }

    private Transaction Transaction => transaction;

    private MusigNonces? Nonces => nonces;

    private bool KnowsAll => spent.All(static output => output is not null);

    private uint256 Hash(Script code, int index, SigHash type, TxOut output, HashVersion version)
        => transaction.GetSignatureHash(code, index, type, output, version, _precomputed);

    private uint256 TaprootHash(int index, TaprootSigHash type, uint256? leaf)
    {
        TaprootExecutionData execution = leaf is null
            ? new TaprootExecutionData(index)
            : new TaprootExecutionData(index, leaf);
        execution.SigHash = type;
        return transaction.GetSignatureHashTaproot(_precomputed, execution);
    }
}
