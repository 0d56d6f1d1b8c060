using System.Globalization;

namespace Bitcoin.Wallet;

/// <summary>Amounts in text, as Bitcoin Core writes and reads them.</summary>
internal static class Amounts
{
    private const long Coin = 100_000_000;

    /// <summary>Formats an amount in bitcoins with at least two decimals: "0.10", "0.00001".</summary>
    internal static string Format(long satoshis)
    {
        string text = string.Create(
            CultureInfo.InvariantCulture, $"{Math.Abs(satoshis) / Coin}.{Math.Abs(satoshis) % Coin:00000000}");
        int end = text.Length;
        int least = text.IndexOf('.', StringComparison.Ordinal) + 3;
        while (end > least && text[end - 1] == '0')
        {
            end--;
        }

        return (satoshis < 0 ? "-" : "") + text[..end];
    }

    /// <summary>Parses an amount in bitcoins; null if the text is not an amount.</summary>
    internal static long? Parse(string text)
    {
        string trimmed = text.Trim();
        string[] parts = trimmed.Split('.');
        bool isGood = trimmed.Length > 0
            && parts.Length <= 2
            && parts[0].Length <= 10
            && parts.All(static part => part.All(char.IsAsciiDigit))
            && (parts.Length == 1 || parts[1].Length <= 8);
        if (!isGood)
        {
            return null;
        }

        long whole = parts[0].Length == 0 ? 0 : long.Parse(parts[0], CultureInfo.InvariantCulture);
        long fraction = parts.Length == 1 || parts[1].Length == 0
            ? 0
            : long.Parse(parts[1].PadRight(8, '0'), CultureInfo.InvariantCulture);
        long amount = (whole * Coin) + fraction;
        return amount <= 21_000_000 * Coin ? amount : null;
    }
}
