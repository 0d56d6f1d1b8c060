namespace Bitcoin.Primitives;

/// <summary>Names one output of one transaction.</summary>
/// <param name="Txid">The transaction.</param>
/// <param name="Index">Which of its outputs, from 0.</param>
public readonly record struct OutPoint(Hash256 Txid, uint Index)
{
    /// <summary>What a coinbase "spends": no output at all.</summary>
    public static OutPoint None => new(Hash256.Zero, uint.MaxValue);

    /// <summary>Whether this names no output.</summary>
    public bool IsNone => Index == uint.MaxValue && Txid.IsZero;

    /// <summary>Transaction id and index.</summary>
    public override string ToString() => $"{Txid}:{Index}";
}
