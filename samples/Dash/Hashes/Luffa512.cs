using System.Buffers.Binary;
using System.Numerics;

namespace Dash.Hashes;

/// <summary>Luffa-512, in the form of the SHA-3 competition's second round: five permutations of 256 bits.</summary>
internal static class Luffa512
{
    private const int BlockBytes = 32;
    private const int Width = 5;
    private const int Words = 8;
    private const int Steps = 8;

    /// <summary>The specification's starting variables.</summary>
    private static readonly uint[] s_initial =
    [
        0x6d251e69, 0x44b051e0, 0x4eaa6fb4, 0xdbf78465, 0x6e292011, 0x90152df4, 0xee058139, 0xdef610bb,
        0xc3b44b95, 0xd9d2f256, 0x70eee9a0, 0xde099fa3, 0x5d9b0557, 0x8fc944b3, 0xcf1ccf0e, 0x746cd581,
        0xf7efc89d, 0x5dba5781, 0x04016ce5, 0xad659c05, 0x0306194f, 0x666d1836, 0x24aa230a, 0x8b264ae7,
        0x858075d5, 0x36d79cce, 0xe571f7d7, 0x204b1f67, 0x35870c6a, 0x57e9e923, 0x14bcb808, 0x7cde72ce,
        0x6c68e9be, 0x5ec41e22, 0xc825b7c7, 0xaffb4363, 0xf5df3999, 0x0fc688f1, 0xb07224cc, 0x03e86cea,
    ];

    /// <summary>The steps' constants: for each permutation those of its first word, then those of its fifth.</summary>
    private static readonly uint[] s_constants =
    [
        0x303994a6, 0xc0e65299, 0x6cc33a12, 0xdc56983e, 0x1e00108f, 0x7800423d, 0x8f5b7882, 0x96e1db12,
        0xe0337818, 0x441ba90d, 0x7f34d442, 0x9389217f, 0xe5a8bce6, 0x5274baf4, 0x26889ba7, 0x9a226e9d,
        0xb6de10ed, 0x70f47aae, 0x0707a3d4, 0x1c1e8f51, 0x707a3d45, 0xaeb28562, 0xbaca1589, 0x40a46f3e,
        0x01685f3d, 0x05a17cf4, 0xbd09caca, 0xf4272b28, 0x144ae5cc, 0xfaa7ae2b, 0x2e48f1c1, 0xb923c704,
        0xfc20d9d2, 0x34552e25, 0x7ad8818f, 0x8438764a, 0xbb6de032, 0xedb780c8, 0xd9847356, 0xa2c78434,
        0xe25e72c1, 0xe623bb72, 0x5c58a4a4, 0x1e38e2e7, 0x78e38b9d, 0x27586719, 0x36eda57f, 0x703aace7,
        0xb213afa5, 0xc84ebe95, 0x4e608a22, 0x56d858fe, 0x343b138f, 0xd0ec4e3d, 0x2ceb4882, 0xb3ad2208,
        0xe028c9bf, 0x44756f91, 0x7e8fce32, 0x956548be, 0xfe191be2, 0x3cb226e5, 0x5944a28e, 0xa1c4c355,
        0xf0d2e9e3, 0xac11d7fa, 0x1bcb66f2, 0x6f2d9bc9, 0x78602649, 0x8edae952, 0x3b6ba548, 0xedae9520,
        0x5090d577, 0x2d1925ab, 0xb46496ac, 0xd1925ab0, 0x29131ab6, 0x0fc053c3, 0x3f014f0c, 0xfc053c31,
    ];

    /// <summary>The 64 bytes of a message's hash.</summary>
    internal static byte[] Hash(ReadOnlySpan<byte> message)
    {
        byte[] padded = new byte[Padding.Whole(message.Length + 1, BlockBytes)];
        message.CopyTo(padded);
        padded[message.Length] = 0x80;
        Span<uint> state = stackalloc uint[Width * Words];
        s_initial.CopyTo(state);
        Span<uint> block = stackalloc uint[Words];
        for (int at = 0; at < padded.Length; at += BlockBytes)
        {
            for (int i = 0; i < Words; i++)
            {
                block[i] = BinaryPrimitives.ReadUInt32BigEndian(padded.AsSpan(at + (4 * i)));
            }

            Turn(state, block);
        }

        // Each half of the hash is the state's sum after a round without a message.
        byte[] hash = new byte[64];
        for (int half = 0; half < 2; half++)
        {
            block.Clear();
            Turn(state, block);
            for (int i = 0; i < Words; i++)
            {
                uint sum = state[i] ^ state[8 + i] ^ state[16 + i] ^ state[24 + i] ^ state[32 + i];
                BinaryPrimitives.WriteUInt32BigEndian(hash.AsSpan((32 * half) + (4 * i)), sum);
            }
        }

        return hash;
    }

    private static void Turn(Span<uint> state, Span<uint> block)
    {
        Inject(state, block);
        for (int j = 0; j < Width; j++)
        {
            Span<uint> part = state.Slice(Words * j, Words);
            for (int i = 4; i < Words; i++)
            {
                part[i] = BitOperations.RotateLeft(part[i], j);
            }

            for (int step = 0; step < Steps; step++)
            {
                Substitute(ref part[0], ref part[1], ref part[2], ref part[3]);
                Substitute(ref part[5], ref part[6], ref part[7], ref part[4]);
                for (int i = 0; i < 4; i++)
                {
                    Mix(ref part[i], ref part[4 + i]);
                }

                part[0] ^= s_constants[(2 * Steps * j) + step];
                part[4] ^= s_constants[(2 * Steps * j) + Steps + step];
            }
        }
    }

    /// <summary>Mixes the five parts with each other, then the message into each; destroys the message.</summary>
    private static void Inject(Span<uint> state, Span<uint> block)
    {
        Span<uint> sum = stackalloc uint[Words];
        for (int i = 0; i < Words; i++)
        {
            sum[i] = state[i] ^ state[8 + i] ^ state[16 + i] ^ state[24 + i] ^ state[32 + i];
        }

        Double(sum);
        for (int j = 0; j < Width; j++)
        {
            Add(state.Slice(Words * j, Words), sum);
        }

        Chain(state, forward: true);
        Chain(state, forward: false);
        for (int j = 0; j < Width; j++)
        {
            Add(state.Slice(Words * j, Words), block);
            Double(block);
        }
    }

    /// <summary>Doubles each part and adds its neighbour as it was before.</summary>
    private static void Chain(Span<uint> state, bool forward)
    {
        Span<uint> before = stackalloc uint[Width * Words];
        state.CopyTo(before);
        for (int j = 0; j < Width; j++)
        {
            int neighbour = (j + (forward ? 1 : Width - 1)) % Width;
            Double(state.Slice(Words * j, Words));
            Add(state.Slice(Words * j, Words), before.Slice(Words * neighbour, Words));
        }
    }

    private static void Add(Span<uint> to, ReadOnlySpan<uint> value)
    {
        for (int i = 0; i < Words; i++)
        {
            to[i] ^= value[i];
        }
    }

    /// <summary>The product with x in the ring of a part: of the polynomials below x^8 + x^4 + x^3 + x + 1.</summary>
    private static void Double(Span<uint> value)
    {
        uint carry = value[7];
        for (int i = 7; i > 0; i--)
        {
            value[i] = value[i - 1];
        }

        value[0] = carry;
        value[1] ^= carry;
        value[3] ^= carry;
        value[4] ^= carry;
    }

    /// <summary>The S-box over 32 positions at once, by the specification's sequence of operations.</summary>
    private static void Substitute(ref uint a, ref uint b, ref uint c, ref uint d)
    {
        uint first = a;
        a |= b;
        c ^= d;
        b = ~b;
        a ^= d;
        d &= first;
        b ^= d;
        d ^= c;
        c &= a;
        a = ~a;
        c ^= b;
        b |= d;
        first ^= b;
        d ^= c;
        c &= b;
        b ^= a;
        a = first;
    }

    private static void Mix(ref uint left, ref uint right)
    {
        right ^= left;
        left = BitOperations.RotateLeft(left, 2) ^ right;
        right = BitOperations.RotateLeft(right, 14) ^ left;
        left = BitOperations.RotateLeft(left, 10) ^ right;
        right = BitOperations.RotateLeft(right, 1);
    }
}
