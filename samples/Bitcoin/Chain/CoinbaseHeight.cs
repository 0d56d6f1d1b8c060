namespace Bitcoin.Chain;

/// <summary>The block height that a coinbase script begins with (BIP34), as a script pushes a number.</summary>
internal static class CoinbaseHeight
{
    private const byte Op1 = 0x51;

    internal static byte[] Encode(int height)
    {
        if (height == 0)
        {
            return [0];
        }

        if (height <= 16)
        {
            return [(byte)(Op1 + height - 1)];
        }

        // Little-endian, and one byte more where the top bit, which is the sign, would be set.
        List<byte> digits = [];
        for (int rest = height; rest > 0; rest >>= 8)
        {
            digits.Add((byte)rest);
        }

        if ((digits[^1] & 0x80) != 0)
        {
            digits.Add(0);
        }

        return [(byte)digits.Count, .. digits];
    }
}
