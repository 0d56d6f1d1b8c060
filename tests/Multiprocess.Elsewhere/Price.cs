using MessagePack;

namespace Elsewhere;

/// <summary>Immutable: it can be made by its method alone, and what it holds is not a public member.</summary>
[MessagePackFormatter(typeof(PriceFormatter))]
public sealed class Price
{
    private readonly long _cents;

    private Price(long cents, string currency) => (_cents, Currency) = (cents, currency);

    public string Currency { get; }

    public static Price Of(decimal amount, string currency)
        => currency.Length == 3
            ? new Price((long)decimal.Round(amount * 100), currency)
            : throw new ArgumentException($"The currency. Expected 3 letters, got '{currency}'.", nameof(currency));

    public override string ToString() => FormattableString.Invariant($"{_cents / 100m:0.00} {Currency}");
}
