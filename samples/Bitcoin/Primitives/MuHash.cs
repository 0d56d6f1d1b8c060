using System.Numerics;
using System.Security.Cryptography;
using NBitcoin;

namespace Bitcoin.Primitives;

/// <summary>
/// The hash of a set. Elements are multiplied modulo a prime of 3,072 bits, so they can be added and removed in any
/// order.
/// </summary>
public sealed class MuHash
{
    /// <summary>The size of a saved set, in bytes.</summary>
    public const int Bytes = 384;

    private static readonly BigInteger s_modulus = (BigInteger.One << 3072) - 1_103_717;

    private BigInteger _numerator = BigInteger.One;

    // The elements removed since the last division. A division costs as much as hundreds of multiplications.
    private BigInteger _denominator = BigInteger.One;

    /// <summary>Adds an element.</summary>
    public void Insert(byte[] element) => _numerator = _numerator * Number(element) % s_modulus;

    /// <summary>Removes an element. If it is not in the set, adding it later cancels the removal.</summary>
    public void Remove(byte[] element) => _denominator = _denominator * Number(element) % s_modulus;

    /// <summary>The set in the form for storage, <see cref="Bytes"/> bytes.</summary>
    public byte[] Save()
    {
        Divide();
        return Padded(_numerator);
    }

    /// <summary>Loads a set that <see cref="Save"/> wrote.</summary>
    /// <exception cref="InvalidDataException">The bytes are not a valid set.</exception>
    public static MuHash Load(byte[] bytes)
    {
        ArgumentNullException.ThrowIfNull(bytes);
        BigInteger number = new(bytes, isUnsigned: true);
        return bytes.Length == Bytes && !number.IsZero && number < s_modulus
            ? new MuHash { _numerator = number }
            : throw new InvalidDataException(
                $"Hash of a set: Expected {Bytes} bytes of a number below the modulus, got {bytes.Length} bytes.");
    }

    /// <summary>The hash of the set.</summary>
    public uint256 Hash() => new(SHA256.HashData(Save()));

    private void Divide()
    {
        if (!_denominator.IsOne)
        {
            _numerator = _numerator * Inverse(_denominator) % s_modulus;
            _denominator = BigInteger.One;
        }
    }

    /// <summary>Euclid's algorithm: a power with an exponent of 3,072 bits takes ten times as long.</summary>
    private static BigInteger Inverse(BigInteger number)
    {
        (BigInteger remainder, BigInteger next) = (s_modulus, number);
        (BigInteger factor, BigInteger nextFactor) = (BigInteger.Zero, BigInteger.One);
        while (!next.IsZero)
        {
            BigInteger quotient = BigInteger.DivRem(remainder, next, out BigInteger rest);
            (remainder, next) = (next, rest);
            (factor, nextFactor) = (nextFactor, factor - (quotient * nextFactor));
        }

        return factor.Sign < 0 ? factor + s_modulus : factor;
    }

    private static byte[] Padded(BigInteger number)
    {
        byte[] bytes = new byte[Bytes];
        number.TryWriteBytes(bytes, out _, isUnsigned: true);
        return bytes;
    }

    private static BigInteger Number(byte[] element) => new(KeyStream(SHA256.HashData(element)), isUnsigned: true);

    /// <summary>The first 384 bytes of ChaCha20 with a key and no nonce.</summary>
    private static byte[] KeyStream(byte[] key)
    {
        byte[] stream = new byte[Bytes];
        Span<byte> nonce = stackalloc byte[ChaCha20.NonceBytes];
        nonce.Clear();
        for (int block = 0; block < Bytes / ChaCha20.BlockBytes; block++)
        {
            ChaCha20.Block(key, nonce, (uint)block, stream.AsSpan(block * ChaCha20.BlockBytes, ChaCha20.BlockBytes));
        }

        return stream;
    }
}
