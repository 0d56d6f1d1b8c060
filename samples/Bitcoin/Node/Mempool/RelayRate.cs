using System.Globalization;

namespace Bitcoin.Node.Mempool;

/// <summary>
/// What is paid for 1,000 virtual bytes. NBitcoin's FeeRate cannot be below zero, which an operator may make it, and
/// rounds fees down.
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
        => string.Create(CultureInfo.InvariantCulture, $"{PerKilobyte / Coin}.{PerKilobyte % Coin:00000000} BTC/kvB");

    internal static RelayRate Of(long fee, long size) => new(size > 0 ? fee * 1000 / size : 0);

    /// <summary>The fee of so many virtual bytes, rounded up.</summary>
    internal long For(long size) => (long)((((Int128)PerKilobyte * size) + 999) / 1000);
}
