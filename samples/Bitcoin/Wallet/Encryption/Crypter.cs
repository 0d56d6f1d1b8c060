using System.Diagnostics.CodeAnalysis;
using System.Security.Cryptography;
using NBitcoin;

namespace Bitcoin.Wallet.Encryption;

/// <summary>AES-256 in CBC mode, as in Bitcoin Core's wallets.</summary>
internal static class Crypter
{
    internal const int KeyBytes = 32;
    internal const int IvBytes = 16;

    [SuppressMessage(
        "Security",
        "CA5401",
        Justification =
            "The form of the file: the vector comes from the public key, and each key encrypts one secret under it.")]
    internal static byte[] Encrypt(ReadOnlySpan<byte> key, ReadOnlySpan<byte> iv, ReadOnlySpan<byte> plain)
    {
        using Aes aes = Aes.Create();
        aes.SetKey(key);
        return aes.EncryptCbc(plain, iv);
    }

    internal static byte[]? Decrypt(ReadOnlySpan<byte> key, ReadOnlySpan<byte> iv, ReadOnlySpan<byte> encrypted)
    {
        using Aes aes = Aes.Create();
        aes.SetKey(key);
        try
        {
            return aes.DecryptCbc(encrypted, iv);
        }
        catch (CryptographicException)
        {
            return null;
        }
    }

    /// <summary>Encrypts a private key under the wallet's key.</summary>
    internal static byte[] EncryptSecret(ReadOnlySpan<byte> key, Key secret)
    {
        byte[] plain = secret.ToBytes();
        try
        {
            return Encrypt(key, Vector(secret.PubKey), plain);
        }
        finally
        {
            CryptographicOperations.ZeroMemory(plain);
        }
    }

    /// <summary>Decrypts a private key; null if the key is wrong or the file is damaged.</summary>
    internal static Key? DecryptSecret(ReadOnlySpan<byte> key, PubKey pubKey, ReadOnlySpan<byte> encrypted)
    {
        if (Decrypt(key, Vector(pubKey), encrypted) is not { } plain)
        {
            return null;
        }

        try
        {
            return plain.Length == KeyBytes
                && new Key(plain, fCompressedIn: pubKey.IsCompressed) is { } secret
                && secret.PubKey == pubKey
                ? secret
                : null;
        }
        catch (ArgumentException)
        {
            return null;
        }
        finally
        {
            CryptographicOperations.ZeroMemory(plain);
        }
    }

    private static ReadOnlySpan<byte> Vector(PubKey pubKey)
    {
        return SHA256.HashData(SHA256.HashData(pubKey.ToBytes())).AsSpan(0, IvBytes);
    }
}
