namespace Bitcoin.Primitives;

/// <summary>Amounts, in satoshis.</summary>
public static class Money
{
    /// <summary>One bitcoin.</summary>
    public const long Coin = 100_000_000;

    /// <summary>No amount, and no sum of amounts, may exceed this.</summary>
    public const long Max = 21_000_000 * Coin;

    /// <summary>Whether a number of satoshis can be an amount.</summary>
    public static bool InRange(long satoshis) => satoshis is >= 0 and <= Max;
}
