using System.Buffers.Binary;
using System.Text;
using NBitcoin;

namespace Bitcoin.Node.Net;

/// <summary>Writes a message.</summary>
internal sealed class WireWriter
{
    private readonly MemoryStream _stream = new();

    internal byte[] ToArray() => _stream.ToArray();

    internal WireWriter Byte(byte value)
    {
        _stream.WriteByte(value);
        return this;
    }

    internal WireWriter Bytes(ReadOnlySpan<byte> value)
    {
        _stream.Write(value);
        return this;
    }

    internal WireWriter UInt32(uint value)
    {
        Span<byte> bytes = stackalloc byte[4];
        BinaryPrimitives.WriteUInt32LittleEndian(bytes, value);
        return Bytes(bytes);
    }

    internal WireWriter Int64(long value)
    {
        Span<byte> bytes = stackalloc byte[8];
        BinaryPrimitives.WriteInt64LittleEndian(bytes, value);
        return Bytes(bytes);
    }

    internal WireWriter UInt64(ulong value) => Int64((long)value);

    internal WireWriter UInt16BigEndian(ushort value) => Byte((byte)(value >> 8)).Byte((byte)value);

    internal WireWriter Hash(uint256 value) => Bytes(value.ToBytes());

    internal WireWriter Count(long value) => value < 0xfd ? Byte((byte)value)
        : value <= 0xffff ? Byte(0xfd).Byte((byte)value).Byte((byte)(value >> 8))
        : Byte(0xfe).UInt32((uint)value);

    internal WireWriter Text(string value)
    {
        byte[] bytes = Encoding.UTF8.GetBytes(value);
        return Count(bytes.Length).Bytes(bytes);
    }
}
