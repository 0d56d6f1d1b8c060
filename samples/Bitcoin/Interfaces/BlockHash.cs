using System.Globalization;

namespace Bitcoin.Interfaces;

/// <summary>A block's hash as four words, least significant first: it crosses without a heap allocation.</summary>
/// <param name="Word0">The hash's bytes 0 to 7.</param>
/// <param name="Word1">The hash's bytes 8 to 15.</param>
/// <param name="Word2">The hash's bytes 16 to 23.</param>
/// <param name="Word3">The hash's bytes 24 to 31.</param>
public readonly record struct BlockHash(ulong Word0, ulong Word1, ulong Word2, ulong Word3)
{
    private const int WordDigits = 16;

    /// <summary>Reads the displayed form, if it is one: 64 hexadecimal digits.</summary>
    public static bool TryParse(string text, out BlockHash hash)
    {
        hash = default;
        Span<ulong> words = stackalloc ulong[4];
        if (text.Length != words.Length * WordDigits)
        {
            return false;
        }

        for (int i = 0; i < words.Length; i++)
        {
            ReadOnlySpan<char> digits = text.AsSpan((words.Length - 1 - i) * WordDigits, WordDigits);
            if (!ulong.TryParse(digits, NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture, out words[i]))
            {
                return false;
            }
        }

        hash = new BlockHash(words[0], words[1], words[2], words[3]);
        return true;
    }

    /// <summary>64 hexadecimal digits, most significant first, as block hashes are displayed.</summary>
    public override string ToString() => $"{Word3:x16}{Word2:x16}{Word1:x16}{Word0:x16}";
}
