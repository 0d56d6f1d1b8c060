using System.Buffers.Binary;
using System.Text;
using NBitcoin;

namespace Bitcoin.Wallet.Storage;

/// <summary>Reads the keys and values of a wallet's file.</summary>
/// <remarks>
/// Whatever does not fit throws <see cref="InvalidDataException"/>: the file may have been damaged, or made by somebody
/// else.
/// </remarks>
internal ref struct RecordReader(ReadOnlySpan<byte> bytes)
{
    private ReadOnlySpan<byte> _left = bytes;

    internal readonly bool IsAtEnd => _left.IsEmpty;

    internal readonly ReadOnlySpan<byte> Rest => _left;

    internal ReadOnlySpan<byte> Raw(int count)
    {
        if (count > _left.Length)
        {
            throw new InvalidDataException(
                $"A record of the wallet is too short. Expected {count} more bytes, got {_left.Length}.");
        }

        ReadOnlySpan<byte> bytes = _left[..count];
        _left = _left[count..];
        return bytes;
    }

    internal byte Byte() => Raw(1)[0];

    internal int Int() => BinaryPrimitives.ReadInt32LittleEndian(Raw(sizeof(int)));

    internal uint UInt() => BinaryPrimitives.ReadUInt32LittleEndian(Raw(sizeof(uint)));

    internal long Long() => BinaryPrimitives.ReadInt64LittleEndian(Raw(sizeof(long)));

    internal ulong ULong() => BinaryPrimitives.ReadUInt64LittleEndian(Raw(sizeof(ulong)));

    internal uint256 Hash() => new(Raw(32));

    internal int Size()
    {
        byte first = Byte();
        ulong size = first switch
        {
            253 => BinaryPrimitives.ReadUInt16LittleEndian(Raw(sizeof(ushort))),
            254 => UInt(),
            255 => ULong(),
            _ => first,
        };

        // What is counted takes a byte each at least.
        return size <= (ulong)_left.Length
            ? (int)size
            : throw new InvalidDataException(
                $"A record of the wallet counts {size} elements. Expected {_left.Length} or less.");
    }

    internal byte[] Vector() => Raw(Size()).ToArray();

    internal string Text() => Encoding.UTF8.GetString(Raw(Size()));
}
