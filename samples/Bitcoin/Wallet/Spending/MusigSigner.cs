using Bitcoin.Descriptors;
using Bitcoin.Wallet.Keys;
using NBitcoin;

namespace Bitcoin.Wallet.Spending;

/// <summary>
/// Does the next step of an aggregated signature: nonces first; with all nonces, the wallet's part of the signature;
/// with all parts, the signature.
/// </summary>
/// <param name="data">The keys of the input.</param>
/// <param name="made">The nonces and parts so far; new ones are added.</param>
/// <param name="nonces">The secret nonces of the wallet.</param>
internal sealed class MusigSigner(SolvingData data, InputSignatures made, MusigNonces nonces)
{
    /// <summary>
    /// The signature for a key, in 64 bytes; null if it is not complete yet, or the key is not aggregated.
    /// </summary>
    /// <param name="xOnly">The key in 32 bytes.</param>
    /// <param name="tweak">What taproot adds to the key; null for nothing.</param>
    /// <param name="leaf">The hash of the leaf; null for the key path.</param>
    /// <param name="digest">What is signed.</param>
    internal byte[]? Run(byte[] xOnly, byte[]? tweak, uint256? leaf, uint256 digest)
    {
        foreach (MusigSession session in MusigSession.For(xOnly, data.Aggregates, data.OriginOf, tweak))
        {
            Dictionary<PubKey, byte[]> parts = Of(made.MusigSignatures, session.Signed, leaf);
            Dictionary<PubKey, byte[]> known = Of(made.MusigNonces, session.Signed, leaf);
            if (session.Aggregate(digest, known, parts) is { } whole)
            {
                return whole;
            }

            int before = made.MusigSignatures.Count;
            foreach (PubKey participant in session.Participants.Distinct())
            {
                MusigShare share = new(participant, session.Signed, leaf);
                if (known.Count == session.Participants.Count
                    && data.Secret(participant) is { } secret
                    && !parts.ContainsKey(participant)
                    && nonces.Take(share, digest, known[participant]) is { } nonce
                    && session.Sign(secret, nonce, digest, known) is { } signature)
                {
                    made.MusigSignatures[share] = signature;
                }
            }

            if (parts.Count > 0 || made.MusigSignatures.Count > before)
            {
                continue;
            }

            foreach (PubKey participant in session.Participants.Distinct())
            {
                if (!known.ContainsKey(participant) && data.Secret(participant) is { } secret)
                {
                    MusigShare share = new(participant, session.Signed, leaf);
                    MusigNonce nonce = session.NewNonce(secret, digest);
                    nonces.Keep(share, digest, nonce);
                    made.MusigNonces[share] = [.. nonce.Public];
                }
            }
        }

        return null;
    }

    private static Dictionary<PubKey, byte[]> Of(Dictionary<MusigShare, byte[]> all, PubKey signed, uint256? leaf)
        => all.Where(pair => pair.Key.Aggregate == signed && pair.Key.Leaf == leaf).ToDictionary(
            static pair => pair.Key.Participant, static pair => pair.Value);
}
