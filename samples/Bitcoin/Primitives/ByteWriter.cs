using System.Buffers;
using System.Buffers.Binary;

namespace Bitcoin.Primitives;

/// <summary>Writes Bitcoin's serialisation into a growing buffer; the mirror of <see cref="ByteReader"/>.</summary>
public sealed class ByteWriter
{
    private readonly ArrayBufferWriter<byte> _buffer = new();

    /// <summary>What has been written so far; valid until the next write.</summary>
    public ReadOnlySpan<byte> Written => _buffer.WrittenSpan;

    /// <summary>A copy of what has been written so far.</summary>
    public byte[] ToArray() => _buffer.WrittenSpan.ToArray();

    /// <summary>Writes one byte.</summary>
    public void WriteByte(byte value) => Reserve(1)[0] = value;

    /// <summary>Writes a signed 32-bit number.</summary>
    public void WriteInt32(int value) => BinaryPrimitives.WriteInt32LittleEndian(Reserve(4), value);

    /// <summary>Writes an unsigned 32-bit number.</summary>
    public void WriteUInt32(uint value) => BinaryPrimitives.WriteUInt32LittleEndian(Reserve(4), value);

    /// <summary>Writes a signed 64-bit number.</summary>
    public void WriteInt64(long value) => BinaryPrimitives.WriteInt64LittleEndian(Reserve(8), value);

    /// <summary>Writes a hash.</summary>
    public void WriteHash(Hash256 hash) => hash.Write(Reserve(Hash256.Size));

    /// <summary>Writes a CompactSize in its shortest form.</summary>
    public void WriteCompactSize(ulong value)
    {
        Span<byte> span = Reserve(CompactSize.Length(value));
        switch (span.Length)
        {
            case 1:
                span[0] = (byte)value;
                break;
            case 3:
                span[0] = 253;
                BinaryPrimitives.WriteUInt16LittleEndian(span[1..], (ushort)value);
                break;
            case 5:
                span[0] = 254;
                BinaryPrimitives.WriteUInt32LittleEndian(span[1..], (uint)value);
                break;
            default:
                span[0] = 255;
                BinaryPrimitives.WriteUInt64LittleEndian(span[1..], value);
                break;
        }
    }

    /// <summary>Writes bytes as they are.</summary>
    public void WriteBytes(ReadOnlySpan<byte> bytes) => bytes.CopyTo(Reserve(bytes.Length));

    /// <summary>Writes bytes with their length before them.</summary>
    public void WriteByteString(ReadOnlySpan<byte> bytes)
    {
        WriteCompactSize((ulong)bytes.Length);
        WriteBytes(bytes);
    }

    private Span<byte> Reserve(int length)
    {
        Span<byte> span = _buffer.GetSpan(length)[..length];
        _buffer.Advance(length);
        return span;
    }
}
