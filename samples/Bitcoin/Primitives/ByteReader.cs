using System.Buffers.Binary;

namespace Bitcoin.Primitives;

/// <summary>Reads Bitcoin's serialisation from memory. Every read is checked against the bytes that remain.</summary>
/// <remarks>
/// Byte strings come out as slices of the source, not as copies: the source must not change afterwards.
/// A mutable struct; pass it by reference.
/// </remarks>
public ref struct ByteReader
{
    private readonly ReadOnlyMemory<byte> _source;
    private readonly ReadOnlySpan<byte> _span;

    /// <summary>Starts at the first byte of the source.</summary>
    public ByteReader(ReadOnlyMemory<byte> source)
    {
        _source = source;
        _span = source.Span;
    }

    /// <summary>How many bytes have been read.</summary>
    public int Position { get; private set; }

    /// <summary>How many bytes are left.</summary>
    public readonly int Remaining => _span.Length - Position;

    /// <summary>Reads one byte.</summary>
    /// <exception cref="BitcoinFormatException">No byte is left.</exception>
    public byte ReadByte(string field) => Take(1, field)[0];

    /// <summary>Reads a signed 32-bit number.</summary>
    /// <exception cref="BitcoinFormatException">Fewer than four bytes are left.</exception>
    public int ReadInt32(string field) => BinaryPrimitives.ReadInt32LittleEndian(Take(4, field));

    /// <summary>Reads an unsigned 32-bit number.</summary>
    /// <exception cref="BitcoinFormatException">Fewer than four bytes are left.</exception>
    public uint ReadUInt32(string field) => BinaryPrimitives.ReadUInt32LittleEndian(Take(4, field));

    /// <summary>Reads a signed 64-bit number.</summary>
    /// <exception cref="BitcoinFormatException">Fewer than eight bytes are left.</exception>
    public long ReadInt64(string field) => BinaryPrimitives.ReadInt64LittleEndian(Take(8, field));

    /// <summary>Reads a hash.</summary>
    /// <exception cref="BitcoinFormatException">Fewer than 32 bytes are left.</exception>
    public Hash256 ReadHash(string field) => new(Take(Hash256.Size, field));

    /// <summary>Reads a CompactSize, which must be written in its shortest form.</summary>
    /// <exception cref="BitcoinFormatException">It is cut short, or a shorter form exists.</exception>
    public ulong ReadCompactSize(string field)
    {
        int start = Position;
        byte first = ReadByte(field);
        ulong value = first switch
        {
            253 => BinaryPrimitives.ReadUInt16LittleEndian(Take(2, field)),
            254 => BinaryPrimitives.ReadUInt32LittleEndian(Take(4, field)),
            255 => BinaryPrimitives.ReadUInt64LittleEndian(Take(8, field)),
            _ => first,
        };
        int used = Position - start;
        return used == CompactSize.Length(value)
            ? value
            : throw new BitcoinFormatException(field, start, $"{value} in its shortest form of {CompactSize.Length(value)} bytes", $"{used} bytes");
    }

    /// <summary>Reads how many elements follow, bounded by how many the remaining bytes can hold.</summary>
    /// <param name="leastBytesEach">The smallest size of one element; what makes a short message unable to announce a long list.</param>
    /// <param name="field">What is counted.</param>
    /// <exception cref="BitcoinFormatException">The count is malformed, or larger than the rest of the source can hold.</exception>
    public int ReadCount(int leastBytesEach, string field)
    {
        int start = Position;
        ulong count = ReadCompactSize(field);
        uint most = (uint)(Remaining / leastBytesEach);
        return count <= most
            ? (int)count
            : throw new BitcoinFormatException(field, start, $"at most {most} in the {Remaining} bytes that remain", $"{count}");
    }

    /// <summary>Reads a byte string with a CompactSize length before it.</summary>
    /// <exception cref="BitcoinFormatException">The length is malformed, or larger than the rest of the source.</exception>
    public ReadOnlyMemory<byte> ReadByteString(string field)
    {
        int length = ReadCount(1, field);
        ReadOnlyMemory<byte> bytes = _source.Slice(Position, length);
        Position += length;
        return bytes;
    }

    /// <summary>Reads a number of bytes.</summary>
    /// <exception cref="BitcoinFormatException">Fewer are left.</exception>
    public ReadOnlyMemory<byte> ReadBytes(int length, string field)
    {
        int start = Position;
        Take(length, field);
        return _source.Slice(start, length);
    }

    /// <summary>What has been read since an earlier position.</summary>
    public readonly ReadOnlyMemory<byte> Since(int start) => _source[start..Position];

    /// <summary>Checks that nothing is left.</summary>
    /// <exception cref="BitcoinFormatException">Bytes are left.</exception>
    public readonly void ExpectEnd(string field)
    {
        if (Remaining != 0)
        {
            throw new BitcoinFormatException(field, Position, "the end", $"{Remaining} more bytes");
        }
    }

    private ReadOnlySpan<byte> Take(int length, string field)
    {
        if (length > Remaining)
        {
            throw new BitcoinFormatException(field, Position, $"{length} bytes", $"{Remaining}");
        }

        ReadOnlySpan<byte> taken = _span.Slice(Position, length);
        Position += length;
        return taken;
    }
}
