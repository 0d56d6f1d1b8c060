using System.Buffers.Binary;
using System.Numerics;

namespace Dash.Hashes;

/// <summary>BMW-512 (Blue Midnight Wish), in the form of the SHA-3 competition's second round.</summary>
internal static class BlueMidnightWish512
{
    private const int BlockBytes = 128;
    private const ulong Step = 0x0555555555555555;

    /// <summary>The state's words that each of 16 sums takes.</summary>
    private static readonly byte[] s_terms =
    [
        5, 7, 10, 13, 14, 6, 8, 11, 14, 15, 0, 7, 9, 12, 15, 0, 1, 8, 10, 13, 1, 2, 9, 11, 14, 3, 2, 10, 12, 15,
        4, 0, 3, 11, 13, 1, 4, 5, 12, 14, 2, 5, 6, 13, 15, 0, 3, 6, 7, 14, 8, 1, 4, 7, 15, 8, 0, 2, 5, 9,
        1, 3, 6, 9, 10, 2, 4, 7, 10, 11, 3, 5, 8, 11, 12, 12, 4, 6, 9, 13,
    ];

    /// <summary>The signs of the sums' terms.</summary>
    private static readonly string[] s_signs =
    [
        "+-+++", "+-++-", "+++-+", "+-+-+", "+++--", "+-+-+", "+---+", "+----",
        "+--+-", "+-+-+", "+---+", "+---+", "++--+", "+++++", "+-+--", "+---+",
    ];

    /// <summary>The rotations of the expansion's second kind.</summary>
    private static readonly int[] s_rotations = [5, 11, 27, 32, 37, 43, 53];

    /// <summary>The 64 bytes of a message's hash.</summary>
    internal static byte[] Hash(ReadOnlySpan<byte> message)
    {
        byte[] padded = Padding.Pad(
            message, BlockBytes, 8,
            static (end, bits) => BinaryPrimitives.WriteUInt64LittleEndian(end.AsSpan(end.Length - 8), bits));
        Span<ulong> state = stackalloc ulong[16];
        Span<ulong> words = stackalloc ulong[16];
        for (int i = 0; i < 16; i++)
        {
            state[i] = 0x8081828384858687 + ((ulong)i * 0x0808080808080808);
        }

        for (int at = 0; at < padded.Length; at += BlockBytes)
        {
            for (int i = 0; i < 16; i++)
            {
                words[i] = BinaryPrimitives.ReadUInt64LittleEndian(padded.AsSpan(at + (8 * i)));
            }

            Compress(state, words);
        }

        // The last compression exchanges the roles: the state is the message, the state is a constant.
        state.CopyTo(words);
        for (int i = 0; i < 16; i++)
        {
            state[i] = 0xaaaaaaaaaaaaaaa0 + (ulong)i;
        }

        Compress(state, words);
        byte[] hash = new byte[64];
        for (int i = 0; i < 8; i++)
        {
            BinaryPrimitives.WriteUInt64LittleEndian(hash.AsSpan(8 * i), state[8 + i]);
        }

        return hash;
    }

    private static void Compress(Span<ulong> h, ReadOnlySpan<ulong> m)
    {
        Span<ulong> q = stackalloc ulong[32];
        for (int i = 0; i < 16; i++)
        {
            ulong sum = 0;
            for (int term = 0; term < 5; term++)
            {
                int from = s_terms[(5 * i) + term];
                ulong value = m[from] ^ h[from];
                sum = s_signs[i][term] == '+' ? sum + value : sum - value;
            }

            q[i] = Spread(i % 5, sum) + h[(i + 1) % 16];
        }

        for (int i = 16; i < 32; i++)
        {
            ulong sum = Added(h, m, i - 16);
            for (int back = 16; back >= 1; back--)
            {
                ulong value = q[i - back];
                sum += i < 18 ? Spread((17 - back) % 4, value)
                    : back == 2 ? Spread(4, value)
                    : back == 1 ? Spread(5, value)
                    : back % 2 == 1 ? BitOperations.RotateLeft(value, s_rotations[(15 - back) / 2])
                    : value;
            }

            q[i] = sum;
        }

        Fold(h, m, q);
    }

    /// <summary>The functions s0 to s5 of the specification.</summary>
    private static ulong Spread(int kind, ulong x) => kind switch
    {
        0 => (x >> 1) ^ (x << 3) ^ BitOperations.RotateLeft(x, 4) ^ BitOperations.RotateLeft(x, 37),
        1 => (x >> 1) ^ (x << 2) ^ BitOperations.RotateLeft(x, 13) ^ BitOperations.RotateLeft(x, 43),
        2 => (x >> 2) ^ (x << 1) ^ BitOperations.RotateLeft(x, 19) ^ BitOperations.RotateLeft(x, 53),
        3 => (x >> 2) ^ (x << 2) ^ BitOperations.RotateLeft(x, 28) ^ BitOperations.RotateLeft(x, 59),
        4 => (x >> 1) ^ x,
        _ => (x >> 2) ^ x,
    };

    /// <summary>What the expansion adds of the message and the state.</summary>
    private static ulong Added(ReadOnlySpan<ulong> h, ReadOnlySpan<ulong> m, int i)
    {
        ulong sum = Turned(m, i) + Turned(m, i + 3) - Turned(m, i + 10) + ((ulong)(i + 16) * Step);
        return sum ^ h[(i + 7) % 16];
    }

    private static ulong Turned(ReadOnlySpan<ulong> m, int i) => BitOperations.RotateLeft(m[i % 16], (i % 16) + 1);

    private static void Fold(Span<ulong> h, ReadOnlySpan<ulong> m, ReadOnlySpan<ulong> q)
    {
        ulong low = 0;
        for (int i = 16; i < 24; i++)
        {
            low ^= q[i];
        }

        ulong high = low;
        for (int i = 24; i < 32; i++)
        {
            high ^= q[i];
        }

        h[0] = ((high << 5) ^ (q[16] >> 5) ^ m[0]) + (low ^ q[24] ^ q[0]);
        h[1] = ((high >> 7) ^ (q[17] << 8) ^ m[1]) + (low ^ q[25] ^ q[1]);
        h[2] = ((high >> 5) ^ (q[18] << 5) ^ m[2]) + (low ^ q[26] ^ q[2]);
        h[3] = ((high >> 1) ^ (q[19] << 5) ^ m[3]) + (low ^ q[27] ^ q[3]);
        h[4] = ((high >> 3) ^ q[20] ^ m[4]) + (low ^ q[28] ^ q[4]);
        h[5] = ((high << 6) ^ (q[21] >> 6) ^ m[5]) + (low ^ q[29] ^ q[5]);
        h[6] = ((high >> 4) ^ (q[22] << 6) ^ m[6]) + (low ^ q[30] ^ q[6]);
        h[7] = ((high >> 11) ^ (q[23] << 2) ^ m[7]) + (low ^ q[31] ^ q[7]);
        for (int i = 8; i < 16; i++)
        {
            h[i] = BitOperations.RotateLeft(h[(i - 4) % 8], i + 1) + (high ^ q[16 + i] ^ m[i]);
        }

        h[8] += (low << 8) ^ q[23] ^ q[8];
        h[9] += (low >> 6) ^ q[16] ^ q[9];
        h[10] += (low << 6) ^ q[17] ^ q[10];
        h[11] += (low << 4) ^ q[18] ^ q[11];
        h[12] += (low >> 3) ^ q[19] ^ q[12];
        h[13] += (low >> 4) ^ q[20] ^ q[13];
        h[14] += (low >> 7) ^ q[21] ^ q[14];
        h[15] += (low >> 2) ^ q[22] ^ q[15];
    }
}
