using System.Buffers.Binary;
using System.Text;
using NBitcoin;

namespace Bitcoin.Primitives;

/// <summary>
/// Reads what peers and files have. NBitcoin's readers make room for whatever a count says, and take several forms of
/// the same thing; here nothing is made before it is there, and one form is taken.
/// </summary>
/// <param name="bytes">What to read.</param>
/// <remarks>All of it throws <see cref="FormatException"/> where the bytes end, or have another form.</remarks>
public ref struct WireReader(ReadOnlySpan<byte> bytes)
{
    private ReadOnlySpan<byte> _left = bytes;

    /// <summary>How many bytes are left.</summary>
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

    /// <summary>A number of two bytes, the higher first.</summary>
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

    /// <summary>Text, of at most so many bytes.</summary>
    public string Text(int most)
    {
        ulong length = Count();
        return length <= (ulong)most
            ? Encoding.UTF8.GetString(Take((int)length))
            : throw new FormatException("String length limit exceeded");
    }

    /// <summary>So many bytes.</summary>
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
