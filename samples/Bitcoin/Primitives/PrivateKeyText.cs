using System.Diagnostics.CodeAnalysis;
using System.Security.Cryptography;
using NBitcoin;

namespace Bitcoin.Primitives;

/// <summary>
/// Private keys as text in Base58 (WIF), read without a string: the caller can wipe the text, and what is between text
/// and key is wiped here.
/// </summary>
public static class PrivateKeyText
{
    private const int KeyBytes = 32;
    private const int ChecksumBytes = 4;
    private const int MostBytes = 1 + KeyBytes + 1 + ChecksumBytes;

    private static ReadOnlySpan<byte> Alphabet => "123456789ABCDEFGHJKLMNPQRSTUVWXYZabcdefghijkmnopqrstuvwxyz"u8;

    /// <summary>Reads a key. Its owner disposes it.</summary>
    /// <param name="text">The text in ASCII.</param>
    /// <param name="network">The network that it must be of.</param>
    /// <param name="key">The key.</param>
    public static bool TryRead(ReadOnlySpan<byte> text, NetworkParameters network, [NotNullWhen(true)] out Key? key)
    {
        ArgumentNullException.ThrowIfNull(network);
        key = null;
        byte[] bytes = GC.AllocateArray<byte>(MostBytes, pinned: true);
        byte[] secret = GC.AllocateArray<byte>(KeyBytes, pinned: true);
        try
        {
            if (!TryDecode(text, bytes, out int length) || length < MostBytes - 1)
            {
                return false;
            }

            Span<byte> hash = stackalloc byte[SHA256.HashSizeInBytes];
            Span<byte> payload = bytes.AsSpan(MostBytes - length, length - ChecksumBytes);
            SHA256.HashData(payload, hash);
            SHA256.HashData(hash, hash);
            bool isCompressed = length == MostBytes;
            if (!hash[..ChecksumBytes].SequenceEqual(bytes.AsSpan(MostBytes - ChecksumBytes))
                || payload[0] != Address.Version(network, Base58Type.SECRET_KEY)
                || (isCompressed && payload[^1] != 1))
            {
                return false;
            }

            payload.Slice(1, KeyBytes).CopyTo(secret);
            key = new Key(secret, fCompressedIn: isCompressed);
            return true;
        }
        catch (ArgumentException)
        {
            // Zero, or not below the order of the curve.
            return false;
        }
        finally
        {
            CryptographicOperations.ZeroMemory(bytes);
            CryptographicOperations.ZeroMemory(secret);
        }
    }

    // The number stands at the end of the bytes.
    private static bool TryDecode(ReadOnlySpan<byte> text, Span<byte> bytes, out int length)
    {
        length = 0;
        foreach (byte letter in text)
        {
            int carry = Alphabet.IndexOf(letter);
            if (carry < 0)
            {
                return false;
            }

            for (int i = bytes.Length - 1; i >= 0; i--)
            {
                carry += 58 * bytes[i];
                bytes[i] = (byte)carry;
                carry >>= 8;
            }

            if (carry != 0)
            {
                return false;
            }
        }

        // No version of a private key is zero, so no leading zeros belong to it.
        length = bytes.TrimStart((byte)0).Length;
        return true;
    }
}
