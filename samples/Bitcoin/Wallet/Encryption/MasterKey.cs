using System.Diagnostics;
using System.Security.Cryptography;
using Bitcoin.Wallet.Storage;

namespace Bitcoin.Wallet.Encryption;

/// <summary>
/// The key that encrypts the private keys of a wallet. The wallet's file has it encrypted with a passphrase.
/// </summary>
/// <param name="Encrypted">The encrypted key.</param>
/// <param name="Salt">The salt of the passphrase.</param>
/// <param name="Method">How to derive a key from the passphrase. 0: repeated SHA-512.</param>
/// <param name="Iterations">How many times.</param>
/// <param name="Other">Parameters of other methods.</param>
internal sealed record MasterKey(byte[] Encrypted, byte[] Salt, uint Method, uint Iterations, byte[] Other)
{
    private const int SaltBytes = 8;
    private const int MinIterations = 25_000;
    private const double TargetMilliseconds = 100;

    internal static MasterKey Read(ReadOnlySpan<byte> bytes)
    {
        RecordReader reader = new(bytes);
        return new MasterKey(reader.Vector(), reader.Vector(), reader.UInt(), reader.UInt(), reader.Vector());
    }

    internal byte[] Write()
        => new RecordWriter().Vector(Encrypted).Vector(Salt).UInt(Method).UInt(Iterations).Vector(Other).ToArray();

    /// <summary>
    /// Encrypts a key with a passphrase. The number of rounds is chosen so that it takes a tenth of a second on this
    /// machine.
    /// </summary>
    internal static MasterKey Encrypt(ReadOnlySpan<byte> key, ReadOnlySpan<byte> passphrase)
    {
        byte[] salt = RandomNumberGenerator.GetBytes(SaltBytes);
        uint iterations = MinIterations;
        for (int i = 0; i < 2; i++)
        {
            long start = Stopwatch.GetTimestamp();
            Wipe(Derive(passphrase, salt, iterations));
            double elapsed = Math.Max(Stopwatch.GetElapsedTime(start).TotalMilliseconds, 0.001);
            double target = Math.Min(iterations * TargetMilliseconds / elapsed, uint.MaxValue / 4);
            iterations = (uint)(((ulong)iterations * (ulong)i + (ulong)target) / (ulong)(i + 1));
        }

        iterations = Math.Max(iterations, MinIterations);
        byte[] derived = Derive(passphrase, salt, iterations);
        try
        {
            return new MasterKey(
                Crypter.Encrypt(
                    derived.AsSpan(0, Crypter.KeyBytes), derived.AsSpan(Crypter.KeyBytes, Crypter.IvBytes), key),
                salt,
                0,
                iterations,
                []);
        }
        finally
        {
            Wipe(derived);
        }
    }

    /// <summary>
    /// Decrypts the key; null if the passphrase is wrong. One of 256 wrong passphrases gives a wrong key instead of
    /// null.
    /// </summary>
    internal byte[]? Decrypt(ReadOnlySpan<byte> passphrase)
    {
        if (Method != 0 || Iterations == 0 || Salt.Length != SaltBytes)
        {
            return null;
        }

        byte[] derived = Derive(passphrase, Salt, Iterations);
        try
        {
            return Crypter.Decrypt(
                derived.AsSpan(0, Crypter.KeyBytes),
                derived.AsSpan(Crypter.KeyBytes, Crypter.IvBytes),
                Encrypted) is { Length: Crypter.KeyBytes } key
                ? key
                : null;
        }
        finally
        {
            Wipe(derived);
        }
    }

    private static byte[] Derive(ReadOnlySpan<byte> passphrase, ReadOnlySpan<byte> salt, uint iterations)
    {
        byte[] first = new byte[passphrase.Length + salt.Length];
        passphrase.CopyTo(first);
        salt.CopyTo(first.AsSpan(passphrase.Length));
        byte[] state = SHA512.HashData(first);
        Wipe(first);
        for (uint i = 1; i < iterations; i++)
        {
            SHA512.HashData(state, state);
        }

        return state;
    }

    private static void Wipe(byte[] bytes) => CryptographicOperations.ZeroMemory(bytes);
}
