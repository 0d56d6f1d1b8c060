namespace Bitcoin.GuiWeb.Model;

/// <summary>Selects entries of a history.</summary>
internal sealed class PaymentFilter
{
    /// <summary>A part of the address, the label or the id.</summary>
    internal string? Text { get; set; } = "";

    /// <summary>The kind; empty for all.</summary>
    internal string Kind { get; set; } = "";

    /// <summary>The least amount, in BTC, incoming or outgoing.</summary>
    internal decimal Least { get; set; }

    /// <summary>The first day, in the time zone of this machine.</summary>
    internal DateTime? From { get; set; }

    /// <summary>The last day.</summary>
    internal DateTime? To { get; set; }

    internal bool Lets(Payment payment)
    {
        DateTime day = DateTimeOffset.FromUnixTimeSeconds(payment.Time).LocalDateTime.Date;
        string text = Text?.Trim() ?? "";
        return (Kind.Length == 0 || Kind == payment.Kind)
            && Math.Abs(payment.Amount) >= Least
            && (From is null || day >= From.Value.Date)
            && (To is null || day <= To.Value.Date)
            && (text.Length == 0 || Has(payment.Address, text) || Has(payment.Label, text) || Has(payment.Id, text));
    }

    private static bool Has(string whole, string part) => whole.Contains(part, StringComparison.OrdinalIgnoreCase);
}
