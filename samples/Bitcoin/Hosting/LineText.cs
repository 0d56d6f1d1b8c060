using System.Globalization;
using System.Text;

namespace Bitcoin.Hosting;

/// <summary>Makes text from elsewhere safe for one line of a log or a terminal.</summary>
public static class LineText
{
    /// <summary>
    /// Replaces each control character by \x and two digits, or \u and four: the text can neither forge a line nor
    /// control a terminal.
    /// </summary>
    public static string Escape(string text) => Escape(text, IsUnfit);

    /// <summary>
    /// As <see cref="Escape(string)"/>, but keeps line feeds: for this program's own sentences of several lines.
    /// </summary>
    public static string EscapeLines(string text) => Escape(text, static c => IsUnfit(c) && c is not ('\n' or '\t'));

    private static string Escape(string text, Func<char, bool> isUnfit)
    {
        ArgumentNullException.ThrowIfNull(text);
        if (!text.Any(isUnfit))
        {
            return text;
        }

        StringBuilder escaped = new(text.Length + 16);
        foreach (char c in text)
        {
            _ = !isUnfit(c) ? escaped.Append(c)
                : c <= 0xff ? escaped.Append(CultureInfo.InvariantCulture, $"\\x{(int)c:x2}")
                : escaped.Append(CultureInfo.InvariantCulture, $"\\u{(int)c:x4}");
        }

        return escaped.ToString();
    }

    /// <summary>Whether a text has no character that <see cref="Escape"/> would replace.</summary>
    public static bool IsFit(string text) => !text.Any(IsUnfit);

    // Also Unicode's line and paragraph separators, and characters that change the direction of text.
    private static bool IsUnfit(char c)
        => char.IsControl(c)
            || c is '\u2028' or '\u2029' or (>= '\u202a' and <= '\u202e') or (>= '\u2066' and <= '\u2069');
}
