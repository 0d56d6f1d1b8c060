using System.Buffers.Binary;
using System.Numerics;

namespace Bitcoin.Primitives;

/// <summary>The key stream of ChaCha20 (RFC 8439). .NET has the cipher only together with its authenticator.</summary>
public static class ChaCha20
{
    /// <summary>The size of a key, in bytes.</summary>
    public const int KeyBytes = 32;

    /// <summary>The size of a nonce, in bytes.</summary>
    public const int NonceBytes = 12;

    /// <summary>The size of a block, in bytes.</summary>
    public const int BlockBytes = 64;

    private const int Words = 16;

    /// <summary>Computes a block of the key stream.</summary>
    /// <param name="key">The key, <see cref="KeyBytes"/> bytes.</param>
    /// <param name="nonce">The nonce, <see cref="NonceBytes"/> bytes.</param>
    /// <param name="counter">The number of the block.</param>
    /// <param name="block">Receives the block, <see cref="BlockBytes"/> bytes.</param>
    public static void Block(ReadOnlySpan<byte> key, ReadOnlySpan<byte> nonce, uint counter, Span<byte> block)
    {
        Span<uint> state = stackalloc uint[Words];
        Span<uint> work = stackalloc uint[Words];
        (state[0], state[1], state[2], state[3]) = (0x61707865, 0x3320646e, 0x79622d32, 0x6b206574);
        for (int i = 0; i < 8; i++)
        {
            state[4 + i] = BinaryPrimitives.ReadUInt32LittleEndian(key[(4 * i)..]);
        }

        state[12] = counter;
        for (int i = 0; i < 3; i++)
        {
            state[13 + i] = BinaryPrimitives.ReadUInt32LittleEndian(nonce[(4 * i)..]);
        }

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

        for (int i = 0; i < Words; i++)
        {
            BinaryPrimitives.WriteUInt32LittleEndian(block[(4 * i)..], work[i] + state[i]);
        }
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
