using System.Diagnostics.CodeAnalysis;
using System.Text;

namespace Bitcoin.Primitives;

/// <summary>Witness programs as text (BIP173, BIP350).</summary>
internal static class Bech32
{
    internal const string Alphabet = "qpzry9x8gf2tvdw0s3jn54khce6mua7l";
    private const uint ConstantOfVersion0 = 1;
    private const uint ConstantOfLaterVersions = 0x2bc830a3;
    internal const int ChecksumLength = 6;

    private static readonly uint[] s_generator = [0x3b6a57b2, 0x26508e6d, 0x1ea119fa, 0x3d4233dd, 0x2a1462b3];

    internal static string Encode(string prefix, int version, ReadOnlySpan<byte> program)
    {
        List<byte> values = [(byte)version, .. Regroup(program, 8, 5, pad: true)!];
        uint checksum = Polymod([.. Expand(prefix), .. values, .. new byte[ChecksumLength]]) ^ Constant(version);
        StringBuilder text = new($"{prefix}1");
        foreach (byte value in values)
        {
            text.Append(Alphabet[value]);
        }

        for (int i = 0; i < ChecksumLength; i++)
        {
            text.Append(Alphabet[(int)((checksum >> (5 * (ChecksumLength - 1 - i))) & 31)]);
        }

        return text.ToString();
    }

    internal static bool TryDecode(string prefix, string text, out int version, [NotNullWhen(true)] out byte[]? program)
    {
        version = 0;
        program = null;
        string lower = text.ToLowerInvariant();
        if ((lower != text && text.ToUpperInvariant() != text)
            || !lower.StartsWith(prefix + "1", StringComparison.Ordinal)
            || text.Length > 90)
        {
            return false;
        }

        byte[] values = new byte[lower.Length - prefix.Length - 1];
        for (int i = 0; i < values.Length; i++)
        {
            int value = Alphabet.IndexOf(lower[prefix.Length + 1 + i], StringComparison.Ordinal);
            if (value < 0)
            {
                return false;
            }

            values[i] = (byte)value;
        }

        if (values.Length <= ChecksumLength || Polymod([.. Expand(prefix), .. values]) != Constant(version = values[0]))
        {
            return false;
        }

        program = Regroup(values.AsSpan(1, values.Length - 1 - ChecksumLength), 5, 8, pad: false);
        return version <= 16 && program is { Length: >= 2 and <= 40 } && (version != 0 || program.Length is 20 or 32);
    }

    /// <summary>Decodes any text with a valid checksum of either kind.</summary>
    internal static bool TryRead(string text, out string prefix, out byte[] values, out bool isFirst)
    {
        (prefix, values, isFirst) = ("", [], false);
        string lower = text.ToLowerInvariant();
        int separator = lower.LastIndexOf('1');
        if ((lower != text && text.ToUpperInvariant() != text)
            || text.Length > 90
            || separator <= 0
            || separator + ChecksumLength >= text.Length
            || lower.AsSpan(separator + 1).ContainsAnyExcept(Alphabet)
            || lower.AsSpan().ContainsAnyExceptInRange((char)33, (char)126))
        {
            return false;
        }

        prefix = lower[..separator];
        byte[] all =
            [
                .. lower[(separator + 1)..].Select(
                    static letter => (byte)Alphabet.IndexOf(letter, StringComparison.Ordinal)),
            ];
        uint checksum = Polymod([.. Expand(prefix), .. all]);
        values = all[..^ChecksumLength];
        isFirst = checksum == ConstantOfVersion0;
        return isFirst || checksum == ConstantOfLaterVersions;
    }

    /// <summary>
    /// The positions of one or two wrong letters; null if there are more. The checksum is linear, so the effect of each
    /// letter is looked up in a table.
    /// </summary>
    internal static int[]? Locate(string lower, int separator, bool isFirst)
    {
        byte[] values =
            [
                .. Expand(lower[..separator]),
                .. lower[(separator + 1)..].Select(
                    static letter => (byte)Alphabet.IndexOf(letter, StringComparison.Ordinal)),
            ];
        int first = values.Length - (lower.Length - separator - 1);
        uint clean = Polymod(values);
        uint wrong = clean ^ (isFirst ? ConstantOfVersion0 : ConstantOfLaterVersions);
        Dictionary<uint, int> single = [];
        for (int i = first; i < values.Length; i++)
        {
            byte kept = values[i];
            for (byte change = 1; change < 32; change++)
            {
                values[i] = (byte)(kept ^ change);
                single.TryAdd(Polymod(values) ^ clean, i);
            }

            values[i] = kept;
        }

        int Place(int index) => index - first + separator + 1;
        if (single.TryGetValue(wrong, out int one))
        {
            return [Place(one)];
        }

        foreach ((uint effect, int place) in single)
        {
            if (single.TryGetValue(wrong ^ effect, out int other) && other != place)
            {
                return [Place(Math.Min(place, other)), Place(Math.Max(place, other))];
            }
        }

        return null;
    }

    private static uint Constant(int version) => version == 0 ? ConstantOfVersion0 : ConstantOfLaterVersions;

    private static byte[] Expand(string prefix)
    {
        return
        [
            .. prefix.Select(static letter => (byte)(letter >> 5)),
            0,
            .. prefix.Select(static letter => (byte)(letter & 31)),
        ];
    }

    private static uint Polymod(byte[] values)
    {
        uint checksum = 1;
        foreach (byte value in values)
        {
            uint top = checksum >> 25;
            checksum = ((checksum & 0x1ffffff) << 5) ^ value;
            for (int i = 0; i < s_generator.Length; i++)
            {
                checksum ^= ((top >> i) & 1) == 0 ? 0 : s_generator[i];
            }
        }

        return checksum;
    }

    internal static byte[]? Regroup(ReadOnlySpan<byte> source, int from, int to, bool pad)
    {
        List<byte> result = [];
        int buffer = 0;
        int bits = 0;
        foreach (byte value in source)
        {
            buffer = ((buffer << from) | value) & 0xffff;
            for (bits += from; bits >= to;)
            {
                bits -= to;
                result.Add((byte)((buffer >> bits) & ((1 << to) - 1)));
            }
        }

        int rest = (buffer << (to - bits)) & ((1 << to) - 1);
        if (pad && bits > 0)
        {
            result.Add((byte)rest);
        }

        return !pad && (bits >= from || rest != 0) ? null : [.. result];
    }
}
