using System.Security.Cryptography;
using System.Text;
using Bitcoin.Primitives;
using NBitcoin.Secp256k1;
using SHA256 = System.Security.Cryptography.SHA256;

namespace Bitcoin.Node.Net.Transport;

/// <summary>The keys that two peers agree on for one connection (BIP324).</summary>
/// <param name="Lengths">Encrypts the lengths of sent packets.</param>
/// <param name="Packets">Encrypts sent packets.</param>
/// <param name="Terminator">Ends the garbage that this node sends.</param>
/// <param name="TheirLengths">Decrypts the lengths of received packets.</param>
/// <param name="TheirPackets">Decrypts received packets.</param>
/// <param name="TheirTerminator">Ends the garbage that the peer sends.</param>
/// <param name="Id">The same on both sides, and not on those of somebody between them.</param>
internal sealed record SessionKeys(
    LengthCipher Lengths,
    PacketCipher Packets,
    byte[] Terminator,
    LengthCipher TheirLengths,
    PacketCipher TheirPackets,
    byte[] TheirTerminator,
    byte[] Id) : IDisposable
{
    internal const int TerminatorBytes = 16;

    private const int KeyBytes = 32;

    private static readonly byte[] s_tag = SHA256.HashData("bip324_ellswift_xonly_ecdh"u8);

    /// <summary>Derives the keys.</summary>
    /// <param name="key">This node's key, for this connection alone.</param>
    /// <param name="encoded">Its encoded public key, as it was sent.</param>
    /// <param name="theirs">The peer's encoded public key.</param>
    /// <param name="isInitiator">Whether this node made the connection.</param>
    /// <param name="magic">The network's magic bytes.</param>
    internal static SessionKeys Derive(
        ECPrivKey key, byte[] encoded, byte[] theirs, bool isInitiator, ReadOnlySpan<byte> magic)
    {
        byte[] shared = ECPubKey.Create([2, .. ElligatorSwift.Decode(theirs)]).GetSharedPubkey(key)
            .ToBytes(compressed: true)[1..];
        byte[] secret = SHA256.HashData(
            isInitiator
                ? [.. s_tag, .. s_tag, .. encoded, .. theirs, .. shared]
                : [.. s_tag, .. s_tag, .. theirs, .. encoded, .. shared]);
        byte[] extracted = HKDF.Extract(
            HashAlgorithmName.SHA256,
            secret,
            [.. Encoding.ASCII.GetBytes($"{Currency.Names.Prefix}_v2_shared_secret"), .. magic]);
        byte[] Key(string purpose)
            => HKDF.Expand(HashAlgorithmName.SHA256, extracted, KeyBytes, Encoding.ASCII.GetBytes(purpose));
        (string own, string other) = isInitiator ? ("initiator", "responder") : ("responder", "initiator");
        byte[] terminators = Key("garbage_terminators");
        (byte[] first, byte[] second) = (terminators[..TerminatorBytes], terminators[TerminatorBytes..]);
        SessionKeys keys = new(
            new LengthCipher(Key($"{own}_L")),
            new PacketCipher(Key($"{own}_P")),
            isInitiator ? first : second,
            new LengthCipher(Key($"{other}_L")),
            new PacketCipher(Key($"{other}_P")),
            isInitiator ? second : first,
            Key("session_id"));
        CryptographicOperations.ZeroMemory(shared);
        CryptographicOperations.ZeroMemory(secret);
        CryptographicOperations.ZeroMemory(extracted);
        return keys;
    }

    public void Dispose()
    {
        Packets.Dispose();
        TheirPackets.Dispose();
    }
}
