using System.Diagnostics.CodeAnalysis;
using System.Globalization;

namespace Bitcoin.GuiWeb.Model;

/// <summary>A request to be paid, as a link: bitcoin:address?amount=1.5&amp;label=shop.</summary>
/// <param name="Address">Whom to pay.</param>
/// <param name="Amount">How much, in BTC; null for whatever the payer likes.</param>
/// <param name="Label">Who asks.</param>
/// <param name="Message">What for.</param>
internal sealed record PaymentUri(string Address, decimal? Amount, string Label, string Message)
{
    private const string Scheme = "bitcoin:";

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

    /// <summary>Reads a link; false for what is none, or asks for what is not known here (req-…).</summary>
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
