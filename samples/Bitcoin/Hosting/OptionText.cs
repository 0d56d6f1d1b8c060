using System.Text.Encodings.Web;
using System.Text.Json;

namespace Bitcoin.Hosting;

/// <summary>
/// An option's name and value, parsed. The rules are the same for a command line and a file.
/// </summary>
/// <param name="Name">The option, without the prefix "no".</param>
/// <param name="Value">The value: "0" for a negated option, "1" for one that is negated twice.</param>
/// <param name="Json">The value in the form for the log.</param>
/// <param name="DoubleNegative">The value that made a double negation; null if there is none.</param>
internal sealed record OptionText(string Name, string Value, string Json, string? DoubleNegative)
{
    private const string No = "no";

    /// <summary>Parses a name, with or without the prefix "no", and a value.</summary>
    internal static OptionText Of(string name, string? value, bool isNegated, string whenElided)
    {
        if (!isNegated)
        {
            return new OptionText(name, value is null or "" ? whenElided : value, Quote(value ?? ""), null);
        }

        bool isOff = IsTrue(value ?? "");
        return new OptionText(name[No.Length..], isOff ? "0" : "1", isOff ? "false" : "true", isOff ? null : value);
    }

    /// <summary>
    /// Whether a text means yes: the empty text does, and every text that starts with a number other than 0.
    /// </summary>
    internal static bool IsTrue(string text)
    {
        if (text.Length == 0)
        {
            return true;
        }

        string trimmed = text.TrimStart();
        int sign = trimmed is ['+' or '-', ..] ? 1 : 0;
        return trimmed.Skip(sign).TakeWhile(char.IsAsciiDigit).Any(static digit => digit != '0');
    }

    /// <summary>The values that count: those after the last negation.</summary>
    internal static IReadOnlyList<string> AfterNegation(IReadOnlyList<string> values)
    {
        int held = values.Count;
        while (held > 0 && values[held - 1] != "0")
        {
            held--;
        }

        return held == 0 ? values : [.. values.Skip(held)];
    }

    private static string Quote(string text)
        => $"\"{JsonEncodedText.Encode(text, JavaScriptEncoder.UnsafeRelaxedJsonEscaping)}\"";
}
