using System.Globalization;
using System.Text;

namespace Multiprocess;

/// <summary>Makes untrusted text safe to show in a log, on a terminal or in an exception's message.</summary>
/// <remarks>
/// Text from a peer, a file or a command line may contain line feeds that forge log lines, escape codes that a terminal
/// executes, and characters that change the writing direction. Thread-safe.
/// </remarks>
public static class IpcText
{
    /// <summary>The default for the maximum number of characters.</summary>
    public const int DefaultLength = 1000;

    private const char Ellipsis = '…';

    /// <summary>
    /// Returns the text as one line: control and formatting characters, line and paragraph separators and lone
    /// surrogates are written like <c>\u000a</c>. Escaping escaped text does not change it.
    /// </summary>
    /// <param name="text">The text; null gives an empty string.</param>
    /// <param name="maxLength">
    /// The maximum number of characters, 1 or more; text that was cut ends with an ellipsis.
    /// </param>
    /// <returns>The same text when nothing had to be escaped or cut.</returns>
    /// <exception cref="ArgumentOutOfRangeException">The length is less than 1.</exception>
    public static string Escape(string? text, int maxLength = DefaultLength)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(maxLength, 1);
        return text is null ? string.Empty
            : text.Length <= maxLength && FirstUnsafe(text, keepsLines: false) == text.Length ? text
            : Rewrite(text, maxLength, keepsLines: false) is var shown && shown == text ? text
            : shown;
    }

    /// <summary>
    /// As <see cref="Escape"/>, but keeps line breaks: for a stack trace, or the output of a program.
    /// </summary>
    /// <param name="text">The text; null gives an empty string.</param>
    /// <returns>The same text when nothing had to be escaped.</returns>
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

    /// <summary>
    /// Whether a character is safe next to any other character. All other characters are checked one by one.
    /// </summary>
    private static bool IsPlain(char character)
        => character is >= ' ' and <= '~' || (character >= '\u00a1' && char.IsLetterOrDigit(character));

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
                // Windows line ending: keep only the line feed.
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
                // Never cut inside an escape: remove the last piece when it does not fit.
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
