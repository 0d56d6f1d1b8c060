using System.Globalization;

namespace Bitcoin.Wallet.Spending;

/// <summary>A fee for a size, kept as both, so that nothing is lost by rounding.</summary>
/// <param name="Fee">In satoshis.</param>
/// <param name="Size">In virtual bytes; 0 for no rate at all.</param>
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

    /// <summary>In satoshis for a virtual byte, as Bitcoin Core prints it.</summary>
    public override string ToString()
        => string.Create(CultureInfo.InvariantCulture, $"{PerK / Kilobyte}.{PerK % Kilobyte:000} sat/vB");
}
