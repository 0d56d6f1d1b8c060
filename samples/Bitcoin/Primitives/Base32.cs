namespace Bitcoin.Primitives;

/// <summary>
/// Base 32 (RFC 4648) in lower case without padding, as in addresses of Tor and I2P. NBitcoin's decoder returns some
/// bits of the padding.
/// </summary>
public static class Base32
{
    private const string Alphabet = "abcdefghijklmnopqrstuvwxyz234567";
    private const int BitsPerLetter = 5;

    /// <summary>Encodes bytes.</summary>
    public static string Encode(ReadOnlySpan<byte> bytes)
    {
        char[] text = new char[((bytes.Length * 8) + BitsPerLetter - 1) / BitsPerLetter];
        int bits = 0;
        int value = 0;
        int at = 0;
        foreach (byte part in bytes)
        {
            value = ((value << 8) | part) & 0xffff;
            for (bits += 8; bits >= BitsPerLetter; bits -= BitsPerLetter)
            {
                text[at++] = Alphabet[(value >> (bits - BitsPerLetter)) & 31];
            }
        }

        if (bits > 0)
        {
            text[at] = Alphabet[(value << (BitsPerLetter - bits)) & 31];
        }

        return new string(text);
    }

    /// <summary>Decodes text; null if it has another letter, or if the last bits are not 0.</summary>
    public static byte[]? Decode(string text)
    {
        ArgumentNullException.ThrowIfNull(text);
        byte[] bytes = new byte[text.Length * BitsPerLetter / 8];
        int bits = 0;
        int value = 0;
        int at = 0;
        foreach (char letter in text)
        {
            int digit = Alphabet.IndexOf(char.ToLowerInvariant(letter), StringComparison.Ordinal);
            if (digit < 0)
            {
                return null;
            }

            value = ((value << BitsPerLetter) | digit) & 0xffff;
            bits += BitsPerLetter;
            if (bits >= 8)
            {
                bits -= 8;
                bytes[at++] = (byte)(value >> bits);
            }
        }

        bool isWhole = bits < BitsPerLetter && (value & ((1 << bits) - 1)) == 0;
        return isWhole ? bytes : null;
    }
}
