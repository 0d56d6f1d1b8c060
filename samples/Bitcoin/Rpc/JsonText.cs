using System.Globalization;
using System.Text;
using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Nodes;

namespace Bitcoin.Rpc;

/// <summary>JSON as Bitcoin Core prints it.</summary>
public static class JsonText
{
    private static readonly JsonSerializerOptions s_plain = new()
    {
        Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping,
    };

    /// <summary>On one line, without spaces.</summary>
    public static string Compact(JsonNode? value) => value is null ? "null" : value.ToJsonString(s_plain);

    /// <summary>On several lines, one for each member and element.</summary>
    public static string Pretty(JsonNode? value, int indent = 2)
    {
        StringBuilder text = new();
        Append(text, value, indent, depth: 1);
        return text.ToString();
    }

    /// <summary>An amount of satoshis as a number of bitcoins with all eight decimals.</summary>
    public static JsonNode Amount(long satoshis)
    {
        ulong magnitude = (ulong)Math.Abs(satoshis);
        return JsonValue.Create(new decimal((int)(uint)magnitude, (int)(uint)(magnitude >> 32), 0, satoshis < 0, 8));
    }

    /// <summary>
    /// A number in the form of C's %.16g, in which Bitcoin Core prints every double: 4.656542373906925e-10.
    /// </summary>
    /// <exception cref="ArgumentException">JSON cannot express the number.</exception>
    public static JsonNode Real(double number)
    {
        const int Digits = 16;
        if (!double.IsFinite(number))
        {
            throw new ArgumentException($"JSON has no {number}.", nameof(number));
        }

        // "d.ddddddddddddddde±xxx": the rounded digits, and the exponent.
        string text = number.ToString("e15", CultureInfo.InvariantCulture);
        int e = text.IndexOf('e', StringComparison.Ordinal);
        int exponent = int.Parse(text.AsSpan(e + 1), NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture);
        string sign = text[0] == '-' ? "-" : "";
        string digits = text[sign.Length..e].Replace(".", "", StringComparison.Ordinal).TrimEnd('0');
        digits = digits.Length == 0 ? "0" : digits;
        string printed =
            exponent is < -4
                or >= Digits ? $"{digits[0]}{Fraction(digits[1..])}e{(exponent < 0 ? '-' : '+')}{Math.Abs(exponent):00}"
            : exponent < 0 ? $"0.{new string('0', -exponent - 1)}{digits}"
            : digits.Length <= exponent + 1 ? digits.PadRight(exponent + 1, '0')
            : $"{digits[..(exponent + 1)]}{Fraction(digits[(exponent + 1)..])}";
        return JsonNode.Parse(sign + printed)!;

        static string Fraction(string digits) => digits.Length == 0 ? "" : "." + digits;
    }

    private static void Append(StringBuilder text, JsonNode? value, int indent, int depth)
    {
        IReadOnlyList<(string? Name, JsonNode? Value)>? parts = value switch
        {
            JsonObject map => [.. map.Select(static pair => ((string?)pair.Key, pair.Value))],
            JsonArray list => [.. list.Select(static item => ((string?)null, item))],
            _ => null,
        };
        if (parts is null)
        {
            text.Append(Compact(value));
            return;
        }

        text.Append(value is JsonObject ? '{' : '[').Append('\n');
        for (int i = 0; i < parts.Count; i++)
        {
            text.Append(' ', indent * depth);
            if (parts[i].Name is { } name)
            {
                text.Append(Compact(JsonValue.Create(name))).Append(": ");
            }

            Append(text, parts[i].Value, indent, depth + 1);
            text.Append(i < parts.Count - 1 ? ",\n" : "\n");
        }

        text.Append(' ', indent * (depth - 1)).Append(value is JsonObject ? '}' : ']');
    }
}
