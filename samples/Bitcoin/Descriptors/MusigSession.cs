using NBitcoin;
using NBitcoin.Secp256k1;
using NBitcoin.Secp256k1.Musig;

namespace Bitcoin.Descriptors;

/// <summary>The signing of one digest by all keys of an aggregated one (BIP327).</summary>
public sealed class MusigSession
{
    private readonly PubKey[] _participants;
    private readonly IReadOnlyList<(byte[] Bytes, bool IsXOnly)> _tweaks;

    private MusigSession(PubKey[] participants, IReadOnlyList<(byte[], bool)> tweaks)
    {
        _participants = participants;
        _tweaks = tweaks;
        _ = Context(uint256.Zero, null, out ECPubKey signed);
        Signed = new PubKey(signed.ToBytes(compressed: true));
    }

    /// <summary>The participants, in the order in which they were aggregated.</summary>
    public IReadOnlyList<PubKey> Participants => _participants;

    /// <summary>The key that the signature is checked with.</summary>
    public PubKey Signed { get; }

    /// <summary>The sessions that sign for a key in a script or for the key of an output.</summary>
    /// <param name="xOnly">The key in 32 bytes; for the key path with a tweak, the internal key.</param>
    /// <param name="aggregates">The aggregated keys that are known, each with its participants.</param>
    /// <param name="originOf">The origin of a key in 32 bytes; null if it is not known.</param>
    /// <param name="tweak">What taproot adds to the key; null for nothing.</param>
    public static IEnumerable<MusigSession> For(
        byte[] xOnly,
        IEnumerable<(PubKey Aggregate, PubKey[] Participants)> aggregates,
        Func<byte[], RootedKeyPath?> originOf,
        byte[]? tweak)
    {
        foreach ((PubKey aggregate, PubKey[] participants) in aggregates)
        {
            if (participants.Length == 0 || MusigKeys.Aggregate(participants) != aggregate)
            {
                continue;
            }

            List<(byte[], bool)> tweaks = [];
            PubKey found = aggregate;
            if (!XOnly(aggregate).AsSpan().SequenceEqual(xOnly))
            {
                // The key is derived from the aggregated one.
                if (originOf(xOnly) is not { } origin
                    || origin.MasterFingerprint != aggregate.GetHDFingerPrint()
                    || origin.KeyPath.Indexes.Any(static step => step > int.MaxValue))
                {
                    continue;
                }

                ExtPubKey key = MusigKeys.Extend(aggregate);
                foreach (uint step in origin.KeyPath.Indexes)
                {
                    tweaks.Add((MusigKeys.Tweak(key, step), false));
                    key = key.Derive(step);
                }

                found = key.PubKey;
            }

            if (!XOnly(found).AsSpan().SequenceEqual(xOnly))
            {
                continue;
            }

            if (tweak is not null)
            {
                tweaks.Add((tweak, true));
            }

            yield return new MusigSession(participants, tweaks);
        }
    }

    /// <summary>A new nonce of a participant. It must be used for one signature only.</summary>
    /// <param name="secret">The participant's private key.</param>
    /// <param name="digest">What is signed.</param>
    public MusigNonce NewNonce(Key secret, uint256 digest)
    {
        ArgumentNullException.ThrowIfNull(secret);
        using ECPrivKey key = ECPrivKey.Create(secret.ToBytes());
        MusigPrivNonce nonce = Context(digest, secret.PubKey).GenerateNonce(key);
        return new MusigNonce(nonce);
    }

    /// <summary>The signature of a participant; null if a nonce is not valid.</summary>
    /// <param name="secret">The participant's private key.</param>
    /// <param name="nonce">The participant's nonce. It is used up.</param>
    /// <param name="digest">What is signed.</param>
    /// <param name="nonces">The public nonces of all participants.</param>
    public byte[]? Sign(Key secret, MusigNonce nonce, uint256 digest, IReadOnlyDictionary<PubKey, byte[]> nonces)
    {
        ArgumentNullException.ThrowIfNull(secret);
        ArgumentNullException.ThrowIfNull(nonce);
        using (nonce)
        {
            MusigContext context = Context(digest, secret.PubKey);
            if (!TryProcess(context, nonces))
            {
                return null;
            }

            using ECPrivKey key = ECPrivKey.Create(secret.ToBytes());
            return context.Sign(key, nonce.Secret).ToBytes();
        }
    }

    /// <summary>The whole signature, in 64 bytes; null if a nonce or a signature is missing or not valid.</summary>
    /// <param name="digest">What is signed.</param>
    /// <param name="nonces">The public nonces of all participants.</param>
    /// <param name="signatures">The signatures of all participants.</param>
    public byte[]? Aggregate(
        uint256 digest, IReadOnlyDictionary<PubKey, byte[]> nonces, IReadOnlyDictionary<PubKey, byte[]> signatures)
    {
        ArgumentNullException.ThrowIfNull(signatures);
        if (_participants.Any(key => !signatures.ContainsKey(key)))
        {
            return null;
        }

        MusigContext context = Context(digest, null);
        if (!TryProcess(context, nonces))
        {
            return null;
        }

        try
        {
            return context.AggregateSignatures(
                [.. _participants.Select(key => new MusigPartialSignature(signatures[key]))]).ToBytes();
        }
        catch (Exception exception) when (exception is FormatException or ArgumentException)
        {
            return null;
        }
    }

    private static byte[] XOnly(PubKey key) => key.ToBytes()[1..];

    private bool TryProcess(MusigContext context, IReadOnlyDictionary<PubKey, byte[]> nonces)
    {
        ArgumentNullException.ThrowIfNull(nonces);
        try
        {
            if (_participants.Any(key => !nonces.ContainsKey(key)))
            {
                return false;
            }

            context.ProcessNonces([.. _participants.Select(key => new MusigPubNonce(nonces[key]))]);
            return true;
        }
        catch (Exception exception) when (exception is FormatException or ArgumentException)
        {
            return false;
        }
    }

    private MusigContext Context(uint256 digest, PubKey? signer) => Context(digest, signer, out _);

    private MusigContext Context(uint256 digest, PubKey? signer, out ECPubKey signed)
    {
        MusigContext context = new(
            [.. _participants.Select(MusigKeys.ToCurve)],
            sort: false,
            digest.ToBytes(),
            signer is null ? null : MusigKeys.ToCurve(signer));
        signed = context.AggregatePubKey;
        foreach ((byte[] bytes, bool isXOnly) in _tweaks)
        {
            signed = context.Tweak(bytes, isXOnly);
        }

        return context;
    }
}
