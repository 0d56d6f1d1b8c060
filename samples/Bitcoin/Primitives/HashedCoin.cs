using System.Buffers.Binary;
using NBitcoin;

namespace Bitcoin.Primitives;

/// <summary>An unspent output in the form for the hash of the set, and its size there.</summary>
public static class HashedCoin
{
    private const int EntryBytes = 32 + 4 + 4 + 8 + 2;

    private const int MaxScriptBytes = 10_000;

    /// <summary>The size in bytes: close to the size in Bitcoin Core's database.</summary>
    public static long SizeOf(Script script)
    {
        ArgumentNullException.ThrowIfNull(script);
        return EntryBytes + script.Length;
    }

    /// <summary>Whether nobody can ever spend the output. Such an output is never in the set.</summary>
    public static bool IsUnspendable(Script script)
    {
        ArgumentNullException.ThrowIfNull(script);
        byte[] bytes = script.ToBytes(@unsafe: true);
        return bytes.Length > MaxScriptBytes || (bytes.Length > 0 && bytes[0] == (byte)OpcodeType.OP_RETURN);
    }

    /// <summary>The bytes to hash.</summary>
    public static byte[] Serialize(OutPoint id, TxOut output, int height, bool isCoinbase)
    {
        ArgumentNullException.ThrowIfNull(id);
        ArgumentNullException.ThrowIfNull(output);
        byte[] script = output.ScriptPubKey.ToBytes(@unsafe: true);
        Span<byte> numbers = stackalloc byte[sizeof(uint) + sizeof(long)];
        BinaryPrimitives.WriteUInt32LittleEndian(numbers, ((uint)height << 1) + (isCoinbase ? 1u : 0u));
        BinaryPrimitives.WriteInt64LittleEndian(numbers[sizeof(uint)..], output.Value.Satoshi);
        return [.. id.ToBytes(), .. numbers, .. Length(script.Length), .. script];
    }

    private static byte[] Length(int length) => length switch
    {
        < 253 => [(byte)length],
        <= 0xffff => [253, (byte)length, (byte)(length >> 8)],
        _ => [254, (byte)length, (byte)(length >> 8), (byte)(length >> 16), (byte)(length >> 24)],
    };
}
