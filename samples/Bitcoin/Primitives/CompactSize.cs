namespace Bitcoin.Primitives;

/// <summary>Bitcoin's variable-length count: one byte up to 252, otherwise a marker byte and two, four or eight bytes.</summary>
public static class CompactSize
{
    /// <summary>How many bytes the shortest form of a value takes: 1, 3, 5 or 9.</summary>
    public static int Length(ulong value) => value switch
    {
        < 253 => 1,
        <= ushort.MaxValue => 3,
        <= uint.MaxValue => 5,
        _ => 9,
    };
}
