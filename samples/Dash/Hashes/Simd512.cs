using System.Buffers.Binary;
using System.Numerics;
using System.Text;

namespace Dash.Hashes;

/// <summary>SIMD-512, in the form of the SHA-3 competition's second round (version 1.1).</summary>
internal static class Simd512
{
    private const int BlockBytes = 128;
    private const int Prime = 257;
    private const int Points = 256;
    private const int Lanes = 8;

    /// <summary>An element of order 256 in the field of 257 elements.</summary>
    private const int Root = 41;

    /// <summary>For each step: the rotations of a lane.</summary>
    private static readonly int[][] s_rotations = [[3, 23, 17, 27], [28, 19, 22, 7], [29, 9, 15, 5], [4, 13, 10, 25]];

    /// <summary>For each step: what is added to a lane's number for the lane that it is mixed with.</summary>
    private static readonly int[] s_partners = [1, 6, 2, 3, 5, 7, 4];

    /// <summary>For each of 32 steps: the eight points, or pairs of points, that it takes.</summary>
    private static readonly byte[] s_order =
    [
        4, 6, 0, 2, 7, 5, 3, 1, 15, 11, 12, 8, 9, 13, 10, 14,
        17, 18, 23, 20, 22, 21, 16, 19, 30, 24, 25, 31, 27, 29, 28, 26,
    ];

    /// <summary>The root's powers.</summary>
    private static readonly int[] s_powers = Powers(Root);

    /// <summary>What is added to the transform: for a block of the message, and for the last block.</summary>
    private static readonly int[][] s_offsets = MakeOffsets();

    private static readonly uint[] s_initial = MakeInitial();

    /// <summary>The 64 bytes of a message's hash.</summary>
    internal static byte[] Hash(ReadOnlySpan<byte> message)
    {
        // The message is padded with zeros; a last block holds its length.
        byte[] padded = new byte[Padding.Whole(message.Length, BlockBytes) + BlockBytes];
        message.CopyTo(padded);
        BinaryPrimitives.WriteUInt64LittleEndian(padded.AsSpan(padded.Length - BlockBytes), 8 * (ulong)message.Length);
        uint[] state = [.. s_initial];
        for (int at = 0; at < padded.Length; at += BlockBytes)
        {
            Compress(state, padded.AsSpan(at, BlockBytes), at + BlockBytes == padded.Length);
        }

        byte[] hash = new byte[64];
        for (int i = 0; i < 16; i++)
        {
            BinaryPrimitives.WriteUInt32LittleEndian(hash.AsSpan(4 * i), state[i]);
        }

        return hash;
    }

    private static void Compress(uint[] state, ReadOnlySpan<byte> block, bool isLast)
    {
        Span<int> points = stackalloc int[Points];
        Transform(block, points, s_offsets[isLast ? 1 : 0]);
        uint[] before = [.. state];
        for (int i = 0; i < 4 * Lanes; i++)
        {
            state[i] ^= BinaryPrimitives.ReadUInt32LittleEndian(block[(4 * i)..]);
        }

        Span<uint> words = stackalloc uint[Lanes];
        for (int step = 0; step < 32; step++)
        {
            for (int lane = 0; lane < Lanes; lane++)
            {
                words[lane] = Word(points, step, lane);
            }

            int[] rotations = s_rotations[step / 8];
            Step(state, words, step, rotations[step % 4], rotations[(step + 1) % 4], step % 8 >= 4);
        }

        for (int step = 32; step < 36; step++)
        {
            before.AsSpan(Lanes * (step - 32), Lanes).CopyTo(words);
            Step(state, words, step, s_rotations[3][step % 4], s_rotations[3][(step + 1) % 4], isMajority: false);
        }
    }

    /// <summary>One step of eight lanes. A lane is a column of the state, which has four rows.</summary>
    private static void Step(Span<uint> state, ReadOnlySpan<uint> words, int step, int r, int s, bool isMajority)
    {
        Span<uint> a = state[..8];
        Span<uint> b = state[8..16];
        Span<uint> c = state[16..24];
        Span<uint> d = state[24..];
        Span<uint> turned = stackalloc uint[Lanes];
        for (int lane = 0; lane < Lanes; lane++)
        {
            turned[lane] = BitOperations.RotateLeft(a[lane], r);
        }

        int partner = s_partners[step % 7];
        for (int lane = 0; lane < Lanes; lane++)
        {
            uint chosen = isMajority
                ? (c[lane] & b[lane]) | ((c[lane] | b[lane]) & a[lane])
                : ((b[lane] ^ c[lane]) & a[lane]) ^ c[lane];
            uint sum = d[lane] + words[lane] + chosen;
            uint next = BitOperations.RotateLeft(sum, s) + turned[lane ^ partner];
            d[lane] = c[lane];
            c[lane] = b[lane];
            b[lane] = turned[lane];
            a[lane] = next;
        }
    }

    /// <summary>Two points, multiplied by a constant, in the halves of a word.</summary>
    private static uint Word(ReadOnlySpan<int> points, int step, int lane)
    {
        int at = (16 * s_order[step]) + (2 * lane);
        (int low, int high, int factor) = step < 16 ? (at, at + 1, 185)
            : step < 24 ? (at - 256, at - 128, 233)
            : (at - 383, at - 255, 233);
        return (ushort)(points[low] * factor) | ((uint)(points[high] * factor) << 16);
    }

    /// <summary>
    /// The values at the root's powers of the polynomial whose coefficients are the block's bytes, each between -128
    /// and 128.
    /// </summary>
    private static void Transform(ReadOnlySpan<byte> block, Span<int> points, int[] offsets)
    {
        // The second half of the coefficients is 0. A step of the fast transform halves the size: even and odd bytes.
        Span<int> values = stackalloc int[Points];
        for (int i = 0; i < BlockBytes; i++)
        {
            values[Reverse(i)] = block[i];
        }

        for (int size = 2; size <= Points; size *= 2)
        {
            int stride = Points / size;
            for (int start = 0; start < Points; start += size)
            {
                for (int i = 0; i < size / 2; i++)
                {
                    int even = values[start + i];
                    int odd = values[start + i + (size / 2)] * s_powers[i * stride] % Prime;
                    values[start + i] = (even + odd) % Prime;
                    values[start + i + (size / 2)] = (even - odd + Prime) % Prime;
                }
            }
        }

        for (int i = 0; i < Points; i++)
        {
            int value = (values[i] + offsets[i]) % Prime;
            points[i] = value > 128 ? value - Prime : value;
        }
    }

    /// <summary>A number of eight bits, the last bit first.</summary>
    private static int Reverse(int number)
    {
        int reversed = 0;
        for (int bit = 0; bit < 8; bit++)
        {
            reversed = (reversed << 1) | ((number >> bit) & 1);
        }

        return reversed;
    }

    private static int[] Powers(int root)
    {
        int[] powers = new int[Points];
        powers[0] = 1;
        for (int i = 1; i < Points; i++)
        {
            powers[i] = powers[i - 1] * root % Prime;
        }

        return powers;
    }

    private static int[][] MakeOffsets()
    {
        // The transform of a 1 as the last coefficient; in the last block also of one as the last but two.
        int[] whole = Powers(s_powers[255]);
        int[] added = Powers(s_powers[253]);
        return [whole, [.. whole.Zip(added, static (one, other) => (one + other) % Prime)]];
    }

    /// <summary>The compression of the function's name.</summary>
    private static uint[] MakeInitial()
    {
        uint[] state = new uint[4 * Lanes];
        byte[] block = new byte[BlockBytes];
        Encoding.ASCII.GetBytes("SIMD-512 v1.1").CopyTo(block, 0);
        Compress(state, block, isLast: false);
        return state;
    }
}
