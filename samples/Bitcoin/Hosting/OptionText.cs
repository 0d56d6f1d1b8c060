using System.Text.Encodings.Web;
using System.Text.Json;

namespace Bitcoin.Hosting;

/// <summary>
/// An option's name and value as they were given, taken apart: on a command line or in a file, the rules are the same.
/// </summary>
/// <param name="Name">The option, without a "no" before it.</param>
/// <param name="Value">The value: "0" where it is switched off, "1" where that is taken back.</param>
/// <param name="Json">The value as the log has it.</param>
/// <param name="DoubleNegative">What was said to switch the switching off off; null when nothing was.</param>
internal sealed record OptionText(string Name, string Value, string Json, string? DoubleNegative)
{
    private const string No = "no";

    /// <summary>Takes a name, with "no" before it or without, and a value apart.</summary>
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
    /// Whether a text says yes: nothing does, and so does every number but 0, with whatever follows it.
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

    /// <summary>The values that hold: those behind the last that switches the option off.</summary>
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
