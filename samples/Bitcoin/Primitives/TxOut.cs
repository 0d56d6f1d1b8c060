namespace Bitcoin.Primitives;

/// <summary>An output: an amount, and the script that whoever spends it must satisfy.</summary>
/// <param name="Value">Satoshis. Any 64-bit number parses; whether it is an amount is for validation to say.</param>
/// <param name="ScriptPubKey">The script.</param>
public sealed record TxOut(long Value, ReadOnlyMemory<byte> ScriptPubKey)
{
    /// <summary>Smallest serialised size: amount and empty script.</summary>
    internal const int LeastBytes = 9;

    internal static TxOut Read(ref ByteReader reader) => new(
        reader.ReadInt64("output value"),
        reader.ReadByteString("output script"));

    internal void Write(ByteWriter writer)
    {
        writer.WriteInt64(Value);
        writer.WriteByteString(ScriptPubKey.Span);
    }
}
