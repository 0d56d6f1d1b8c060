using NBitcoin;

namespace Bitcoin.Descriptors;

/// <summary>Whose part of an aggregated signature a field is.</summary>
/// <param name="Participant">The key of the participant.</param>
/// <param name="Aggregate">The key that the whole signature is checked with, after all derivation and tweaks.</param>
/// <param name="Leaf">The hash of the leaf; null for the key path.</param>
public sealed record MusigShare(PubKey Participant, PubKey Aggregate, uint256? Leaf);

/// <summary>The fields of a PSBT about aggregated signatures (BIP373). NBitcoin keeps them as unknown ones.</summary>
public static class PsbtMusig
{
    private const byte InputParticipantsField = 0x1a;
    private const byte OutputParticipantsField = 0x08;
    private const byte NonceField = 0x1b;
    private const byte SignatureField = 0x1c;
    private const int KeyBytes = 33;

    /// <summary>Whether a field of an input is one of these.</summary>
    public static bool IsInputField(byte[] key) => key is [InputParticipantsField or NonceField or SignatureField, ..];

    /// <summary>Whether a field of an output is one of these.</summary>
    public static bool IsOutputField(byte[] key) => key is [OutputParticipantsField, ..];

    /// <summary>The aggregated keys, each with the keys that it was made of.</summary>
    public static IEnumerable<(PubKey Aggregate, PubKey[] Participants)> Participants(PSBTCoin coin)
    {
        ArgumentNullException.ThrowIfNull(coin);
        byte type = TypeOf(coin);
        return coin.Unknown.Where(field => field.Key.Length == 1 + KeyBytes && field.Key[0] == type).Select(
            static field => (
                new PubKey(field.Key[1..]),
                (PubKey[])[.. field.Value.Chunk(KeyBytes).Select(static bytes => new PubKey(bytes))]));
    }

    /// <summary>States what an aggregated key was made of.</summary>
    public static void SetParticipants(PSBTCoin coin, PubKey aggregate, IEnumerable<PubKey> participants)
    {
        ArgumentNullException.ThrowIfNull(coin);
        ArgumentNullException.ThrowIfNull(aggregate);
        coin.Unknown[[TypeOf(coin), .. aggregate.ToBytes()]] =
            [.. participants.SelectMany(static key => key.ToBytes())];
    }

    /// <summary>The public nonces.</summary>
    public static IEnumerable<KeyValuePair<MusigShare, byte[]>> Nonces(PSBTInput input) => Shares(input, NonceField);

    /// <summary>The signatures of single participants.</summary>
    public static IEnumerable<KeyValuePair<MusigShare, byte[]>> Signatures(PSBTInput input)
        => Shares(input, SignatureField);

    /// <summary>Adds a public nonce.</summary>
    public static void SetNonce(PSBTInput input, MusigShare share, byte[] nonce)
        => Set(input, NonceField, share, nonce);

    /// <summary>Adds the signature of a participant.</summary>
    public static void SetSignature(PSBTInput input, MusigShare share, byte[] signature)
        => Set(input, SignatureField, share, signature);

    /// <summary>Adds the signatures of aggregated keys whose parts are complete.</summary>
    public static void AddWhole(PSBT psbt, PSBTInput input, Transaction transaction, TxOut[] spent)
    {
        ArgumentNullException.ThrowIfNull(input);
        ArgumentNullException.ThrowIfNull(transaction);
        (PubKey, PubKey[])[] aggregates = [.. Participants(input)];
        if (aggregates.Length == 0)
        {
            return;
        }

        TaprootSigHash type = input.TaprootSighashType ?? TaprootSigHash.Default;
        PrecomputedTransactionData precomputed = transaction.PrecomputeTransactionData(spent);
        byte[] output = spent[(int)input.Index].ScriptPubKey.ToBytes()[2..];
        TaprootInternalPubKey? inner = input.TaprootInternalKey;
        byte[]? own = Whole(inner?.ToBytes() ?? output, inner?.ComputeTapTweak(input.TaprootMerkleRoot), null);
        if (own is not null && input.TaprootKeySignature is null)
        {
            input.TaprootKeySignature = TaprootSignature.Parse(own);
        }

        foreach (PsbtLeaf leaf in PsbtTaproot.Leaves(input).ToArray())
        {
            foreach (byte[] key in input.HDTaprootKeyPaths.Keys.Select(static key => key.ToBytes()))
            {
                if (PsbtTaproot.Signature(input, key, leaf.Hash) is null
                    && Whole(key, null, leaf.Hash) is { } signature)
                {
                    PsbtTaproot.AddSignature(input, key, leaf.Hash, signature);
                }
            }
        }

        byte[]? Whole(byte[] xOnly, byte[]? tweak, uint256? leaf)
        {
            TaprootExecutionData execution = leaf is null
                ? new TaprootExecutionData((int)input.Index)
                : new TaprootExecutionData((int)input.Index, leaf);
            execution.SigHash = type;
            uint256 digest = transaction.GetSignatureHashTaproot(precomputed, execution);
            return MusigSession.For(xOnly, aggregates, key => OriginOf(input, key), tweak)
                .Select(session => session.Aggregate(
                    digest, Of(Nonces(input), session.Signed, leaf), Of(Signatures(input), session.Signed, leaf)))
                .OfType<byte[]>()
                .Select(signature => type == TaprootSigHash.Default ? signature : [.. signature, (byte)type])
                .FirstOrDefault();
        }
    }

    /// <summary>The origin of a key in 32 bytes, as an input tells it; null if it does not.</summary>
    public static RootedKeyPath? OriginOf(PSBTInput input, byte[] xOnly)
    {
        ArgumentNullException.ThrowIfNull(input);
        return TaprootPubKey.TryCreate(xOnly, out TaprootPubKey? key)
            && input.HDTaprootKeyPaths.TryGetValue(key!, out TaprootKeyPath? path)
            ? path!.RootedKeyPath
            : null;
    }

    private static Dictionary<PubKey, byte[]> Of(
        IEnumerable<KeyValuePair<MusigShare, byte[]>> all, PubKey signed, uint256? leaf)
        => all.Where(pair => pair.Key.Aggregate == signed && pair.Key.Leaf == leaf).ToDictionary(
            static pair => pair.Key.Participant, static pair => pair.Value);

    private static byte TypeOf(PSBTCoin coin) => coin is PSBTInput ? InputParticipantsField : OutputParticipantsField;

    // By aggregate and leaf, then by participant.
    private static IEnumerable<KeyValuePair<MusigShare, byte[]>> Shares(PSBTInput input, byte type)
    {
        ArgumentNullException.ThrowIfNull(input);
        return input.Unknown.Where(field => field.Key.Length > 2 * KeyBytes && field.Key[0] == type)
            .OrderBy(
                static field => field.Key[(1 + KeyBytes)..],
                Comparer<byte[]>.Create(static (one, other) => one.AsSpan().SequenceCompareTo(other)))
            .Select(static field => KeyValuePair.Create(
                new MusigShare(
                    new PubKey(field.Key[1..(1 + KeyBytes)]),
                    new PubKey(field.Key[(1 + KeyBytes)..(1 + (2 * KeyBytes))]),
                    field.Key.Length > 1 + (2 * KeyBytes) ? new uint256(field.Key[(1 + (2 * KeyBytes))..]) : null),
                field.Value));
    }

    private static void Set(PSBTInput input, byte type, MusigShare share, byte[] value)
    {
        ArgumentNullException.ThrowIfNull(input);
        ArgumentNullException.ThrowIfNull(share);
        byte[] leaf = share.Leaf?.ToBytes() ?? [];
        input.Unknown[[type, .. share.Participant.ToBytes(), .. share.Aggregate.ToBytes(), .. leaf]] = value;
    }
}
