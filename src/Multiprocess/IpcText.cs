using System.Globalization;
using System.Text;

namespace Multiprocess;

/// <summary>Makes text from elsewhere safe to show: in a log, on a terminal, in an exception's message.</summary>
/// <remarks>
/// What a peer, a file or a command line says may hold line feeds that forge lines, escape codes that a terminal obeys,
/// and characters that turn the direction of writing. Thread-safe.
/// </remarks>
public static class IpcText
{
    /// <summary>How many characters are shown where no other number is given.</summary>
    public const int DefaultLength = 1000;

    private const char Ellipsis = '…';

    /// <summary>The text on one line: control and formatting characters, line and paragraph separators and lone surrogates as <c>\u000a</c>. Escaping twice changes nothing more.</summary>
    /// <param name="text">The text; null is shown as nothing.</param>
    /// <param name="maxLength">How many characters are shown at most, 1 or more; what was cut ends in an ellipsis.</param>
    /// <returns>The text itself where nothing needs to be escaped or cut.</returns>
    /// <exception cref="ArgumentOutOfRangeException">The length is less than 1.</exception>
    public static string Escape(string? text, int maxLength = DefaultLength)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(maxLength, 1);
        return text is null ? string.Empty
            : text.Length <= maxLength && FirstUnsafe(text, keepsLines: false) == text.Length ? text
            : Rewrite(text, maxLength, keepsLines: false) is var shown && shown == text ? text
            : shown;
    }

    /// <summary>As <see cref="Escape"/>, but lines stay lines: for a stack trace, or the output of a program.</summary>
    /// <param name="text">The text; null is shown as nothing.</param>
    /// <returns>The text itself where nothing needs to be escaped.</returns>
    public static string EscapeLines(string? text)
        => text is null ? string.Empty
            : FirstUnsafe(text, keepsLines: true) == text.Length ? text
            : Rewrite(text, int.MaxValue, keepsLines: true);

    private static int FirstUnsafe(string text, bool keepsLines)
    {
        int i = 0;
        while (i < text.Length && (IsPlain(text[i]) || (keepsLines && IsOfLines(text[i]))))
        {
            i++;
        }

        return i;
    }

    /// <summary>Whether a character is safe whatever stands beside it. All others are looked at one by one.</summary>
    private static bool IsPlain(char character) => character is >= ' ' and <= '~' || (character >= '\u00a1' && char.IsLetterOrDigit(character));

    private static bool IsOfLines(char character) => character is '\n' or '\t';

    private static string Rewrite(string text, int maxLength, bool keepsLines)
    {
        var result = new StringBuilder(Math.Min(text.Length, maxLength) + 16);
        int i = 0;
        while (i < text.Length)
        {
            bool isRune = Rune.TryGetRuneAt(text, i, out Rune rune);
            int taken = isRune ? rune.Utf16SequenceLength : 1;
            if (keepsLines && text[i] == '\r' && i + 1 < text.Length && text[i + 1] == '\n')
            {
                // The end of a line, whatever system wrote it.
                i++;
                continue;
            }

            int before = result.Length;
            if (keepsLines && IsOfLines(text[i]))
            {
                result.Append(text[i]);
            }
            else if (isRune && IsShown(rune))
            {
                result.Append(text, i, taken);
            }
            else
            {
                for (int unit = i; unit < i + taken; unit++)
                {
                    result.Append(CultureInfo.InvariantCulture, $"\\u{(int)text[unit]:x4}");
                }
            }

            i += taken;
            if (result.Length > maxLength || (result.Length == maxLength && i < text.Length))
            {
                // Whole escapes only: what was begun and does not fit is taken back.
                result.Length = Math.Min(before, maxLength - 1);
                return result.Append(Ellipsis).ToString();
            }
        }

        return result.ToString();
    }

    private static bool IsShown(Rune rune)
        => Rune.GetUnicodeCategory(rune) is not (UnicodeCategory.Control
            or UnicodeCategory.Format
            or UnicodeCategory.LineSeparator
            or UnicodeCategory.ParagraphSeparator
            or UnicodeCategory.Surrogate
            or UnicodeCategory.PrivateUse
            or UnicodeCategory.OtherNotAssigned);
}
