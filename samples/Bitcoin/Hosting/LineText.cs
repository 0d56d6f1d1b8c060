using System.Globalization;
using System.Text;

namespace Bitcoin.Hosting;

/// <summary>Text of somebody else's, made fit to stand in one line of a log or on a terminal.</summary>
public static class LineText
{
    /// <summary>The text with \x and two digits, or \u and four, for each control character: no line is forged, no terminal driven.</summary>
    public static string Escape(string text)
    {
        ArgumentNullException.ThrowIfNull(text);
        if (!text.Any(IsUnfit))
        {
            return text;
        }

        StringBuilder escaped = new(text.Length + 16);
        foreach (char c in text)
        {
            _ = !IsUnfit(c) ? escaped.Append(c)
                : c <= 0xff ? escaped.Append(CultureInfo.InvariantCulture, $"\\x{(int)c:x2}")
                : escaped.Append(CultureInfo.InvariantCulture, $"\\u{(int)c:x4}");
        }

        return escaped.ToString();
    }

    /// <summary>Whether a text has no character that <see cref="Escape"/> would replace.</summary>
    public static bool IsFit(string text) => !text.Any(IsUnfit);

    // The line and paragraph separators of Unicode, and what turns the direction of what follows.
    private static bool IsUnfit(char c) => char.IsControl(c) || c is '\u2028' or '\u2029' or (>= '\u202a' and <= '\u202e') or (>= '\u2066' and <= '\u2069');
}
