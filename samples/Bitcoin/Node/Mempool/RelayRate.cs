using System.Globalization;
using Bitcoin.Primitives;

namespace Bitcoin.Node.Mempool;

/// <summary>
/// A fee for 1,000 virtual bytes. NBitcoin's FeeRate cannot be negative, which an operator's fee change can cause, and
/// it rounds fees down.
/// </summary>
/// <param name="PerKilobyte">In satoshis.</param>
internal readonly record struct RelayRate(long PerKilobyte) : IComparable<RelayRate>
{
    private const long Coin = 100_000_000;

    public static bool operator <(RelayRate left, RelayRate right) => left.PerKilobyte < right.PerKilobyte;

    public static bool operator >(RelayRate left, RelayRate right) => left.PerKilobyte > right.PerKilobyte;

    public static bool operator <=(RelayRate left, RelayRate right) => left.PerKilobyte <= right.PerKilobyte;

    public static bool operator >=(RelayRate left, RelayRate right) => left.PerKilobyte >= right.PerKilobyte;

    public int CompareTo(RelayRate other) => PerKilobyte.CompareTo(other.PerKilobyte);

    public override string ToString()
        => string.Create(
            CultureInfo.InvariantCulture,
            $"{PerKilobyte / Coin}.{PerKilobyte % Coin:00000000} {Currency.Names.Unit}/kvB");

    internal static RelayRate Of(long fee, long size) => new(size > 0 ? fee * 1000 / size : 0);

    /// <summary>The fee for a size in virtual bytes, rounded up.</summary>
    internal long For(long size) => (long)((((Int128)PerKilobyte * size) + 999) / 1000);
}
