using System.Globalization;

namespace Bitcoin.Hosting;

/// <summary>A number of bytes with a unit: k, m, g, t are powers of 1,000, K, M, G, T powers of 1,024.</summary>
public static class ByteText
{
    private const string Units = "kmgt";

    /// <summary>Parses a number of bytes.</summary>
    /// <param name="text">The text; null or empty for 0.</param>
    /// <param name="defaultUnit">The unit of a number without one.</param>
    /// <returns>The number of bytes; null if the text is no number, or the number is too large.</returns>
    public static long? Parse(string? text, char defaultUnit)
    {
        if (string.IsNullOrEmpty(text))
        {
            return 0;
        }

        bool hasUnit = char.IsAsciiLetter(text[^1]);
        char unit = hasUnit ? text[^1] : defaultUnit;
        int power = Units.IndexOf(char.ToLowerInvariant(unit), StringComparison.Ordinal) + 1;
        if (power == 0
            || !long.TryParse(
                hasUnit ? text[..^1] : text, NumberStyles.None, CultureInfo.InvariantCulture, out long number))
        {
            return null;
        }

        for (int i = 0; i < power; i++)
        {
            long factor = char.IsAsciiLetterUpper(unit) ? 1024 : 1000;
            if (number > long.MaxValue / factor)
            {
                return null;
            }

            number *= factor;
        }

        return number;
    }
}
