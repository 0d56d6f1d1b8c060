namespace Bitcoin.Primitives;

/// <summary>An input: which output it spends, and by what right.</summary>
/// <param name="Previous">The output that is spent.</param>
/// <param name="ScriptSig">The script that satisfies the output's; arbitrary data in a coinbase.</param>
/// <param name="Sequence">Relative lock time, or 0xffffffff.</param>
public sealed record TxIn(OutPoint Previous, ReadOnlyMemory<byte> ScriptSig, uint Sequence)
{
    /// <summary>A sequence number that switches the transaction's lock time off.</summary>
    public const uint FinalSequence = uint.MaxValue;

    /// <summary>Smallest serialised size: outpoint, empty script, sequence.</summary>
    internal const int LeastBytes = 41;

    /// <summary>The stack of witness items; empty for an input without witness.</summary>
    public IReadOnlyList<ReadOnlyMemory<byte>> Witness { get; init; } = [];

    internal static TxIn Read(ref ByteReader reader) => new(
        new OutPoint(reader.ReadHash("input's transaction id"), reader.ReadUInt32("input's output index")),
        reader.ReadByteString("input script"),
        reader.ReadUInt32("input sequence"));

    internal void Write(ByteWriter writer)
    {
        writer.WriteHash(Previous.Txid);
        writer.WriteUInt32(Previous.Index);
        writer.WriteByteString(ScriptSig.Span);
        writer.WriteUInt32(Sequence);
    }
}
