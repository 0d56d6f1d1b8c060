using Org.BouncyCastle.Crypto;
using Org.BouncyCastle.Crypto.Digests;

namespace Dash.Hashes;

/// <summary>
/// X11, the hash of Dash's block headers: eleven hash functions of 512 bits, each over the one before, in a fixed
/// order. Its result is the first half of the last one. Skein and Keccak are BouncyCastle's. Any number of threads may
/// call it.
/// </summary>
public static class X11
{
    /// <summary>The 32 bytes of a message's hash: as a number, the lowest byte first, as in a block.</summary>
    /// <param name="message">The message; for a block its header's 80 bytes.</param>
    public static byte[] Hash(ReadOnlySpan<byte> message)
    {
        byte[] hash = Blake512.Hash(message);
        hash = BlueMidnightWish512.Hash(hash);
        hash = Groestl512.Hash(hash);
        hash = Skein512(hash);
        hash = Jh512.Hash(hash);
        hash = Keccak512(hash);
        hash = Luffa512.Hash(hash);
        hash = CubeHash512.Hash(hash);
        hash = Shavite512.Hash(hash);
        hash = Simd512.Hash(hash);
        return Echo512.Hash(hash)[..32];
    }

    /// <summary>Skein-512-512, version 1.3.</summary>
    internal static byte[] Skein512(ReadOnlySpan<byte> message)
        => Digest(new SkeinDigest(SkeinDigest.SKEIN_512, 512), message);

    /// <summary>Keccak with 512 bits in the competition's padding, which SHA-3 changed.</summary>
    internal static byte[] Keccak512(ReadOnlySpan<byte> message) => Digest(new KeccakDigest(512), message);

    private static byte[] Digest(IDigest digest, ReadOnlySpan<byte> message)
    {
        byte[] hash = new byte[digest.GetDigestSize()];
        digest.BlockUpdate(message);
        digest.DoFinal(hash);
        return hash;
    }
}
