using System.Buffers.Binary;

namespace Dash.Hashes;

/// <summary>Groestl-512, in the form of the SHA-3 competition's last round.</summary>
internal static class Groestl512
{
    private const int BlockBytes = 128;
    private const int Rows = 8;
    private const int Columns = 16;
    private const int Rounds = 14;

    /// <summary>How far each row moves to the left in the first permutation.</summary>
    private static readonly byte[] s_shiftsOfP = [0, 1, 2, 3, 4, 5, 6, 11];

    /// <summary>How far each row moves to the left in the second permutation.</summary>
    private static readonly byte[] s_shiftsOfQ = [1, 3, 5, 11, 0, 2, 4, 6];

    /// <summary>
    /// For each row and byte: the substituted byte's part in a mixed column, the first row in the lowest byte.
    /// </summary>
    private static readonly ulong[][] s_mixed = MakeMixed();

    /// <summary>The 64 bytes of a message's hash.</summary>
    internal static byte[] Hash(ReadOnlySpan<byte> message)
    {
        byte[] padded = Padding.Pad(
            message, BlockBytes, 8,
            static (end, _) => BinaryPrimitives.WriteUInt64BigEndian(
                end.AsSpan(end.Length - 8), (ulong)(end.Length / BlockBytes)));
        ulong[] state = new ulong[Columns];
        state[^1] = BinaryPrimitives.ReverseEndianness(512UL);
        ulong[] left = new ulong[Columns];
        ulong[] right = new ulong[Columns];
        for (int at = 0; at < padded.Length; at += BlockBytes)
        {
            for (int i = 0; i < Columns; i++)
            {
                right[i] = BinaryPrimitives.ReadUInt64LittleEndian(padded.AsSpan(at + (8 * i)));
                left[i] = state[i] ^ right[i];
            }

            Permute(left, s_shiftsOfP, isFirst: true);
            Permute(right, s_shiftsOfQ, isFirst: false);
            for (int i = 0; i < Columns; i++)
            {
                state[i] ^= left[i] ^ right[i];
            }
        }

        state.CopyTo(left, 0);
        Permute(left, s_shiftsOfP, isFirst: true);
        byte[] hash = new byte[64];
        for (int i = 0; i < 8; i++)
        {
            BinaryPrimitives.WriteUInt64LittleEndian(hash.AsSpan(8 * i), state[8 + i] ^ left[8 + i]);
        }

        return hash;
    }

    private static void Permute(ulong[] columns, byte[] shifts, bool isFirst)
    {
        Span<ulong> mixed = stackalloc ulong[Columns];
        for (int round = 0; round < Rounds; round++)
        {
            for (int i = 0; i < Columns; i++)
            {
                // The first permutation's constant is in the first row, the second's in the last, and inverted.
                ulong constant = ((ulong)i << 4) ^ (uint)round;
                columns[i] ^= isFirst ? constant : ~(constant << 56);
            }

            for (int i = 0; i < Columns; i++)
            {
                ulong column = 0;
                for (int row = 0; row < Rows; row++)
                {
                    column ^= s_mixed[row][(byte)(columns[(i + shifts[row]) % Columns] >> (8 * row))];
                }

                mixed[i] = column;
            }

            mixed.CopyTo(columns);
        }
    }

    private static ulong[][] MakeMixed()
    {
        byte[] circulant = [2, 2, 3, 4, 5, 3, 5, 7];
        ulong[][] mixed = new ulong[Rows][];
        for (int row = 0; row < Rows; row++)
        {
            mixed[row] = new ulong[256];
            for (int value = 0; value < 256; value++)
            {
                for (int to = 0; to < Rows; to++)
                {
                    byte part = Aes.Multiply(Aes.Substitution[value], circulant[(row - to + Rows) % Rows]);
                    mixed[row][value] |= (ulong)part << (8 * to);
                }
            }
        }

        return mixed;
    }
}
