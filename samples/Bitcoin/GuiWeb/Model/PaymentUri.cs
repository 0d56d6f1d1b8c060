using System.Diagnostics.CodeAnalysis;
using System.Globalization;
using Bitcoin.Primitives;

namespace Bitcoin.GuiWeb.Model;

/// <summary>A request to be paid, as a link: scheme:address?amount=1.5&amp;label=shop.</summary>
/// <param name="Address">The address to pay.</param>
/// <param name="Amount">The amount; null if the payer decides.</param>
/// <param name="Label">The recipient.</param>
/// <param name="Message">The purpose.</param>
internal sealed record PaymentUri(string Address, decimal? Amount, string Label, string Message)
{
    private static string Scheme => Currency.Names.Scheme;

    /// <inheritdoc/>
    public override string ToString()
    {
        List<string> parts = [];
        if (Amount is { } amount)
        {
            parts.Add($"amount={amount.ToString("0.########", CultureInfo.InvariantCulture)}");
        }

        if (Label.Length > 0)
        {
            parts.Add($"label={Uri.EscapeDataString(Label)}");
        }

        if (Message.Length > 0)
        {
            parts.Add($"message={Uri.EscapeDataString(Message)}");
        }

        return $"{Scheme}{Address}{(parts.Count > 0 ? "?" : "")}{string.Join('&', parts)}";
    }

    /// <summary>Parses a link. False if the text is not a link, or requires an unknown extension (req-…).</summary>
    internal static bool TryParse(string text, [NotNullWhen(true)] out PaymentUri? uri)
    {
        uri = null;
        string trimmed = text.Trim();
        if (!trimmed.StartsWith(Scheme, StringComparison.OrdinalIgnoreCase))
        {
            return false;
        }

        string[] halves = trimmed[Scheme.Length..].Split('?', 2);
        PaymentUri read = new(halves[0], null, "", "");
        foreach (string part in halves.Length > 1 ? halves[1].Split('&', StringSplitOptions.RemoveEmptyEntries) : [])
        {
            string[] pair = part.Split('=', 2);
            string value = Uri.UnescapeDataString(pair.Length > 1 ? pair[1] : "");
            switch (pair[0])
            {
                case "amount" when decimal.TryParse(
                    value, NumberStyles.AllowDecimalPoint, CultureInfo.InvariantCulture, out decimal amount):
                    read = read with { Amount = amount };
                    break;
                case "label":
                    read = read with { Label = value };
                    break;
                case "message":
                    read = read with { Message = value };
                    break;
                case "amount":
                case { } name when name.StartsWith("req-", StringComparison.Ordinal):
                    return false;
                default:
                    break;
            }
        }

        uri = read;
        return read.Address.Length > 0;
    }
}
