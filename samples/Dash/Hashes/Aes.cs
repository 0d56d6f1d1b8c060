using System.Numerics;

namespace Dash.Hashes;

/// <summary>The parts of AES from which Groestl, SHAvite-3 and ECHO are built. The tables are computed.</summary>
internal static class Aes
{
    /// <summary>The S-box.</summary>
    internal static readonly byte[] Substitution = MakeSubstitution();

    /// <summary>A byte's part in a column after substitution and mixing, as the column's first byte.</summary>
    private static readonly uint[] s_column = MakeColumns();

    /// <summary>The product with x in AES's field.</summary>
    internal static byte Double(byte value) => (byte)((value << 1) ^ ((value & 0x80) != 0 ? 0x1b : 0));

    /// <summary>The product of two elements of AES's field.</summary>
    internal static byte Multiply(byte left, byte right)
    {
        byte product = 0;
        for (; right != 0; right >>= 1, left = Double(left))
        {
            product ^= (right & 1) != 0 ? left : (byte)0;
        }

        return product;
    }

    /// <summary>One round without a key, over four columns; a column's first byte is its word's lowest.</summary>
    internal static void Round(Span<uint> columns)
    {
        uint a = columns[0], b = columns[1], c = columns[2], d = columns[3];
        columns[0] = Column(a, b, c, d);
        columns[1] = Column(b, c, d, a);
        columns[2] = Column(c, d, a, b);
        columns[3] = Column(d, a, b, c);
    }

    private static uint Column(uint first, uint second, uint third, uint fourth)
        => s_column[(byte)first]
            ^ BitOperations.RotateLeft(s_column[(byte)(second >> 8)], 8)
            ^ BitOperations.RotateLeft(s_column[(byte)(third >> 16)], 16)
            ^ BitOperations.RotateLeft(s_column[fourth >> 24], 24);

    private static byte[] MakeSubstitution()
    {
        byte[] box = new byte[256];
        for (int value = 0; value < 256; value++)
        {
            // The inverse is the 254th power; 0 has itself.
            byte inverse = 1;
            for (int i = 0; i < 254; i++)
            {
                inverse = Multiply(inverse, (byte)value);
            }

            int turned = inverse | (inverse << 8);
            box[value] = (byte)(inverse ^ (turned >> 7) ^ (turned >> 6) ^ (turned >> 5) ^ (turned >> 4) ^ 0x63);
        }

        return box;
    }

    private static uint[] MakeColumns()
    {
        uint[] columns = new uint[256];
        for (int value = 0; value < 256; value++)
        {
            byte one = Substitution[value];
            byte two = Double(one);
            columns[value] = two | ((uint)one << 8) | ((uint)one << 16) | ((uint)(two ^ one) << 24);
        }

        return columns;
    }
}
