using System.Buffers.Binary;
using NBitcoin;

namespace Bitcoin.Primitives;

/// <summary>A coin as it enters the hashes of the set of coins, and what it counts there.</summary>
public static class HashedCoin
{
    private const int EntryBytes = 32 + 4 + 4 + 8 + 2;

    private const int MaxScriptBytes = 10_000;

    /// <summary>What a coin counts as, in bytes: close to what it takes in Bitcoin Core's database.</summary>
    public static long SizeOf(Script script)
    {
        ArgumentNullException.ThrowIfNull(script);
        return EntryBytes + script.Length;
    }

    /// <summary>Whether nobody can ever spend such an output, so that it never is a coin.</summary>
    public static bool IsUnspendable(Script script)
    {
        ArgumentNullException.ThrowIfNull(script);
        byte[] bytes = script.ToBytes(@unsafe: true);
        return bytes.Length > MaxScriptBytes || (bytes.Length > 0 && bytes[0] == (byte)OpcodeType.OP_RETURN);
    }

    /// <summary>The bytes that are hashed.</summary>
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
