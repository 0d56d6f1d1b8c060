using System.Globalization;
using System.Text;
using Bitcoin.Primitives;

namespace Bitcoin.GuiWeb.Model;

/// <summary>Writes a history as CSV (RFC 4180).</summary>
internal static class Csv
{
    internal static string Of(IEnumerable<Payment> payments)
    {
        string unit = Currency.Names.Unit;
        StringBuilder table = new(
            $"Time,Kind,Label,Address,Amount ({unit}),Fee ({unit}),Confirmations,Transaction\r\n");
        foreach (Payment payment in payments)
        {
            string[] cells =
                [
                    DateTimeOffset.FromUnixTimeSeconds(payment.Time)
                        .ToString("yyyy-MM-ddTHH:mm:ssZ", CultureInfo.InvariantCulture),
                    payment.Kind,
                    Cell(payment.Label),
                    Cell(payment.Address),
                    payment.Amount.ToString("0.00000000", CultureInfo.InvariantCulture),
                    payment.Fee.ToString("0.00000000", CultureInfo.InvariantCulture),
                    payment.Confirmations.ToString(CultureInfo.InvariantCulture),
                    payment.Id,
                ];
            table.AppendJoin(',', cells).Append("\r\n");
        }

        return table.ToString();
    }

    // A text that begins like a formula would run as one in a spreadsheet, and labels may come from anybody.
    private static string Cell(string text)
    {
        string safe = text.Length > 0 && text[0] is '=' or '+' or '-' or '@' or '\t' or '\r' ? $"'{text}" : text;
        return safe.AsSpan().IndexOfAny("\",\r\n") < 0
            ? safe
            : $"\"{safe.Replace("\"", "\"\"", StringComparison.Ordinal)}\"";
    }
}
