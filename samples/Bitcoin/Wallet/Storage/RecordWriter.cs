using System.Buffers.Binary;
using System.Text;
using NBitcoin;

namespace Bitcoin.Wallet.Storage;

/// <summary>Writes the keys and values of a wallet's file, in the form of Bitcoin Core's.</summary>
internal sealed class RecordWriter
{
    private readonly MemoryStream _bytes = new();

    internal byte[] ToArray() => _bytes.ToArray();

    internal RecordWriter Text(string text) => Vector(Encoding.UTF8.GetBytes(text));

    internal RecordWriter Vector(ReadOnlySpan<byte> bytes) => Size((ulong)bytes.Length).Raw(bytes);

    internal RecordWriter Raw(ReadOnlySpan<byte> bytes)
    {
        _bytes.Write(bytes);
        return this;
    }

    internal RecordWriter Byte(byte value) => Raw([value]);

    internal RecordWriter Int(int value) => UInt(unchecked((uint)value));

    internal RecordWriter UInt(uint value)
    {
        Span<byte> bytes = stackalloc byte[sizeof(uint)];
        BinaryPrimitives.WriteUInt32LittleEndian(bytes, value);
        return Raw(bytes);
    }

    internal RecordWriter Long(long value) => ULong(unchecked((ulong)value));

    internal RecordWriter ULong(ulong value)
    {
        Span<byte> bytes = stackalloc byte[sizeof(ulong)];
        BinaryPrimitives.WriteUInt64LittleEndian(bytes, value);
        return Raw(bytes);
    }

    internal RecordWriter Hash(uint256 hash) => Raw(hash.ToBytes());

    internal RecordWriter Size(ulong value)
    {
        const byte Two = 253;
        const byte Four = 254;
        const byte Eight = 255;
        return value < Two ? Byte((byte)value)
            : value <= ushort.MaxValue ? Raw([Two, (byte)value, (byte)(value >> 8)])
            : value <= uint.MaxValue ? Byte(Four).UInt((uint)value)
            : Byte(Eight).ULong(value);
    }
}
