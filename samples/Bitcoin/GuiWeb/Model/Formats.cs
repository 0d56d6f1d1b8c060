using System.Globalization;
using Bitcoin.Primitives;

namespace Bitcoin.GuiWeb.Model;

/// <summary>The unit in which amounts are shown.</summary>
internal enum AmountUnit
{
    Btc,
    MilliBtc,
    Satoshi,
}

/// <summary>
/// Formats and parses amounts, numbers and times in a language. The programs run without the culture data of the
/// system, so this class has the formats.
/// </summary>
internal sealed class Formats
{
    private const decimal SatoshisOfOne = 100_000_000;

    private readonly CultureInfo _culture;

    private Formats(string language, string decimalMark, string groupMark, string date, string time)
    {
        CultureInfo culture = (CultureInfo)CultureInfo.InvariantCulture.Clone();
        culture.NumberFormat.NumberDecimalSeparator = decimalMark;
        culture.NumberFormat.NumberGroupSeparator = groupMark;
        culture.DateTimeFormat.ShortDatePattern = date;
        culture.DateTimeFormat.ShortTimePattern = time;
        culture.DateTimeFormat.FirstDayOfWeek = DayOfWeek.Monday;
        _culture = culture;
        Language = language;
    }

    internal static Formats English { get; } = new("en", ".", ",", "yyyy-MM-dd", "HH:mm");

    internal static Formats German { get; } = new("de", ",", ".", "dd.MM.yyyy", "HH:mm");

    /// <summary>The language's code.</summary>
    internal string Language { get; }

    /// <summary>The language as a culture, for components that need one.</summary>
    internal CultureInfo Culture => _culture;

    internal static string Name(AmountUnit unit) => unit switch
    {
        AmountUnit.MilliBtc => "m" + Currency.Names.Unit,
        AmountUnit.Satoshi => Currency.Names.SmallestUnit,
        _ => Currency.Names.Unit,
    };

    /// <summary>The unit of fee rates. Only where there are witnesses do virtual bytes differ from bytes.</summary>
    internal static string RateName
        => $"{Currency.Names.SmallestUnit}/{(Currency.Current.HasWitnesses ? "vB" : "B")}";

    internal static int Digits(AmountUnit unit) => unit switch
    {
        AmountUnit.MilliBtc => 5,
        AmountUnit.Satoshi => 0,
        _ => 8,
    };

    /// <summary>Formats an amount with its unit.</summary>
    /// <param name="btc">The amount, in BTC.</param>
    /// <param name="unit">The unit.</param>
    /// <param name="sign">Whether incoming amounts get a plus sign.</param>
    internal string Amount(decimal btc, AmountUnit unit, bool sign = false)
        => $"{(sign && btc > 0 ? "+" : "")}{AmountAlone(btc, unit)}\u00a0{Name(unit)}";

    /// <summary>Formats an amount without its unit.</summary>
    internal string AmountAlone(decimal btc, AmountUnit unit)
    {
        int digits = Digits(unit);
        decimal value = btc * Scale(unit);
        return value.ToString($"#,0.{new string('0', digits)}", _culture);
    }

    /// <summary>
    /// Parses an amount. False if the text is not an amount, has too many digits, or exceeds the supply.
    /// </summary>
    internal bool TryAmount(string? text, AmountUnit unit, out decimal btc)
    {
        btc = 0;
        string trimmed = (text ?? "").Trim().Replace("\u00a0", "", StringComparison.Ordinal);
        if (trimmed.Length == 0
            || !decimal.TryParse(trimmed, NumberStyles.AllowDecimalPoint, _culture, out decimal value))
        {
            return false;
        }

        decimal amount = value / Scale(unit);
        if (amount > 21_000_000 || decimal.Truncate(amount * SatoshisOfOne) != amount * SatoshisOfOne)
        {
            return false;
        }

        btc = amount;
        return true;
    }

    internal string Number(long number) => number.ToString("#,0", _culture);

    internal string Number(decimal number, int digits)
        => number.ToString(digits == 0 ? "#,0" : $"#,0.{new string('0', digits)}", _culture);

    /// <summary>Formats a fee rate with its unit.</summary>
    internal string Rate(decimal rate) => $"{Number(rate, 1)}\u00a0{RateName}";

    internal string Percent(double part) => $"{Number((decimal)(part * 100), 1)}\u00a0%";

    /// <summary>Formats a number of bytes in a suitable unit.</summary>
    internal string Bytes(long bytes) => bytes switch
    {
        < 1024 => $"{Number(bytes)}\u00a0B",
        < 1024 * 1024 => $"{Number(bytes / 1024m, 1)}\u00a0KiB",
        < 1024 * 1024 * 1024 => $"{Number(bytes / 1048576m, 1)}\u00a0MiB",
        _ => $"{Number(bytes / 1073741824m, 2)}\u00a0GiB",
    };

    /// <summary>Formats a time, in seconds since 1970, in the time zone of this machine.</summary>
    internal string Time(long seconds)
    {
        DateTime local = DateTimeOffset.FromUnixTimeSeconds(seconds).LocalDateTime;
        return $"{local.ToString("d", _culture)} {local.ToString("t", _culture)}";
    }

    private static decimal Scale(AmountUnit unit) => unit switch
    {
        AmountUnit.MilliBtc => 1_000,
        AmountUnit.Satoshi => SatoshisOfOne,
        _ => 1,
    };
}
