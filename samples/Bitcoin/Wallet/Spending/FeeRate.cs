using System.Globalization;
using Bitcoin.Primitives;

namespace Bitcoin.Wallet.Spending;

/// <summary>A fee rate, kept as fee and size so that no rounding is lost.</summary>
/// <param name="Fee">The fee, in satoshis.</param>
/// <param name="Size">The size, in virtual bytes; 0 for no rate.</param>
internal readonly record struct FeeRate(long Fee, long Size) : IComparable<FeeRate>
{
    private const long Kilobyte = 1000;

    internal static FeeRate Zero => new(0, Kilobyte);

    internal static FeeRate PerKilobyte(long satoshis) => new(satoshis, Kilobyte);

    internal long PerK => Size == 0 ? 0 : (long)((Int128)Fee * Kilobyte / Size);

    public static bool operator <(FeeRate left, FeeRate right) => left.CompareTo(right) < 0;

    public static bool operator >(FeeRate left, FeeRate right) => left.CompareTo(right) > 0;

    public static bool operator <=(FeeRate left, FeeRate right) => left.CompareTo(right) <= 0;

    public static bool operator >=(FeeRate left, FeeRate right) => left.CompareTo(right) >= 0;

    public int CompareTo(FeeRate other)
        => ((Int128)Fee * Math.Max(other.Size, 1)).CompareTo((Int128)other.Fee * Math.Max(Size, 1));

    /// <summary>The fee for a size, rounded up.</summary>
    internal long For(long size) => Size == 0 ? 0 : (long)((((Int128)Fee * size) + Size - 1) / Size);

    internal static FeeRate Max(FeeRate left, FeeRate right) => left >= right ? left : right;

    internal static FeeRate Min(FeeRate left, FeeRate right) => left <= right ? left : right;

    /// <summary>Formats the rate in satoshis per virtual byte, as Bitcoin Core does.</summary>
    public override string ToString()
        => string.Create(
            CultureInfo.InvariantCulture,
            $"{PerK / Kilobyte}.{PerK % Kilobyte:000} {Currency.Names.SmallestUnit}/vB");
}
