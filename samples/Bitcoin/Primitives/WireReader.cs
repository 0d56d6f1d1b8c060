using System.Buffers.Binary;
using System.Text;
using NBitcoin;

namespace Bitcoin.Primitives;

/// <summary>
/// Reads data from peers and files. NBitcoin's readers allocate as much as a count claims, and accept several encodings
/// of the same value. This reader allocates only for bytes that are there, and accepts one encoding.
/// </summary>
/// <param name="bytes">The bytes to read.</param>
/// <remarks>All members throw <see cref="FormatException"/> if the bytes end early, or have another encoding.</remarks>
public ref struct WireReader(ReadOnlySpan<byte> bytes)
{
    private ReadOnlySpan<byte> _left = bytes;

    /// <summary>The number of bytes that are left.</summary>
    public readonly int Left => _left.Length;

    /// <summary>A byte.</summary>
    public byte Byte() => Take(1)[0];

    /// <summary>A truth value.</summary>
    public bool Bool() => Byte() != 0;

    /// <summary>A signed number of four bytes.</summary>
    public int Int32() => BinaryPrimitives.ReadInt32LittleEndian(Take(4));

    /// <summary>A number of four bytes.</summary>
    public uint UInt32() => BinaryPrimitives.ReadUInt32LittleEndian(Take(4));

    /// <summary>A signed number of eight bytes.</summary>
    public long Int64() => BinaryPrimitives.ReadInt64LittleEndian(Take(8));

    /// <summary>A number of eight bytes.</summary>
    public ulong UInt64() => BinaryPrimitives.ReadUInt64LittleEndian(Take(8));

    /// <summary>A number of two bytes, big endian.</summary>
    public ushort UInt16BigEndian() => BinaryPrimitives.ReadUInt16BigEndian(Take(2));

    /// <summary>A hash.</summary>
    public uint256 Hash() => new(Take(32));

    /// <summary>A count in its shortest form.</summary>
    public ulong Count()
    {
        byte first = Byte();
        (ulong value, ulong least) = first switch
        {
            0xfd => (BinaryPrimitives.ReadUInt16LittleEndian(Take(2)), 0xfdUL),
            0xfe => (UInt32(), 0x10000UL),
            0xff => (UInt64(), 0x100000000UL),
            _ => ((ulong)first, 0UL),
        };
        return value >= least ? value : throw new FormatException("non-canonical ReadCompactSize()");
    }

    /// <summary>Text of at most <paramref name="most"/> bytes.</summary>
    public string Text(int most)
    {
        ulong length = Count();
        return length <= (ulong)most
            ? Encoding.UTF8.GetString(Take((int)length))
            : throw new FormatException("String length limit exceeded");
    }

    /// <summary>The next <paramref name="count"/> bytes.</summary>
    public ReadOnlySpan<byte> Take(int count)
    {
        if (count > _left.Length)
        {
            throw new FormatException("SpanReader::read(): end of data");
        }

        ReadOnlySpan<byte> taken = _left[..count];
        _left = _left[count..];
        return taken;
    }
}
