using System.Numerics;
using System.Security.Cryptography;
using NBitcoin;

namespace Bitcoin.Chain.Coins;

/// <summary>The hash of a set: elements are multiplied modulo a prime of 3,072 bits, so that each can be taken out again, in any order.</summary>
internal sealed class MuHash
{
    internal const int Bytes = 384;

    private const int BlockBytes = 64;

    private static readonly BigInteger s_modulus = (BigInteger.One << 3072) - 1_103_717;

    private BigInteger _numerator = BigInteger.One;
    private BigInteger _denominator = BigInteger.One;

    internal void Insert(byte[] element) => _numerator = _numerator * Number(element) % s_modulus;

    internal void Remove(byte[] element) => _denominator = _denominator * Number(element) % s_modulus;

    /// <summary>The set as it is stored.</summary>
    internal byte[] Save() => [.. Padded(_numerator), .. Padded(_denominator)];

    internal static MuHash Load(byte[] bytes) => new()
    {
        _numerator = new BigInteger(bytes.AsSpan(0, Bytes), isUnsigned: true),
        _denominator = new BigInteger(bytes.AsSpan(Bytes, Bytes), isUnsigned: true),
    };

    internal uint256 Hash()
    {
        BigInteger inverse = BigInteger.ModPow(_denominator, s_modulus - 2, s_modulus);
        return new uint256(SHA256.HashData(Padded(_numerator * inverse % s_modulus)));
    }

    private static byte[] Padded(BigInteger number)
    {
        byte[] bytes = new byte[Bytes];
        number.TryWriteBytes(bytes, out _, isUnsigned: true);
        return bytes;
    }

    private static BigInteger Number(byte[] element) => new(KeyStream(SHA256.HashData(element)), isUnsigned: true);

    /// <summary>384 bytes of ChaCha20 under a key, from the beginning, without a nonce.</summary>
    private static byte[] KeyStream(byte[] key)
    {
        byte[] stream = new byte[Bytes];
        Span<uint> state = stackalloc uint[16];
        Span<uint> work = stackalloc uint[16];
        for (int block = 0; block < Bytes / BlockBytes; block++)
        {
            state.Clear();
            (state[0], state[1], state[2], state[3]) = (0x61707865, 0x3320646e, 0x79622d32, 0x6b206574);
            for (int i = 0; i < 8; i++)
            {
                state[4 + i] = BitConverter.ToUInt32(key, 4 * i);
            }

            state[12] = (uint)block;
            state.CopyTo(work);
            for (int round = 0; round < 10; round++)
            {
                Quarter(work, 0, 4, 8, 12);
                Quarter(work, 1, 5, 9, 13);
                Quarter(work, 2, 6, 10, 14);
                Quarter(work, 3, 7, 11, 15);
                Quarter(work, 0, 5, 10, 15);
                Quarter(work, 1, 6, 11, 12);
                Quarter(work, 2, 7, 8, 13);
                Quarter(work, 3, 4, 9, 14);
            }

            for (int i = 0; i < 16; i++)
            {
                BitConverter.TryWriteBytes(stream.AsSpan((block * BlockBytes) + (4 * i)), work[i] + state[i]);
            }
        }

        return stream;
    }

    private static void Quarter(Span<uint> s, int a, int b, int c, int d)
    {
        s[a] += s[b];
        s[d] = BitOperations.RotateLeft(s[d] ^ s[a], 16);
        s[c] += s[d];
        s[b] = BitOperations.RotateLeft(s[b] ^ s[c], 12);
        s[a] += s[b];
        s[d] = BitOperations.RotateLeft(s[d] ^ s[a], 8);
        s[c] += s[d];
        s[b] = BitOperations.RotateLeft(s[b] ^ s[c], 7);
    }
}
