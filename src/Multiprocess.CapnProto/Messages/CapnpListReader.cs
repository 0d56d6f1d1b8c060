using System.Buffers.Binary;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;

namespace Multiprocess.CapnProto.Messages;

/// <summary>A list of a message.</summary>
/// <remarks>
/// The element size may differ from the one in this side's schema: the element is then the first field of each struct
/// in the list. A reader is valid as long as the reader of its message; see <see cref="CapnpPointerReader"/>.
/// </remarks>
public readonly struct CapnpListReader
{
    private readonly Segment? _segment;
    private readonly int _start;
    private readonly long _stepBits;
    private readonly int _dataBits;
    private readonly ushort _pointerCount;
    private readonly int _nestingLeft;

    internal CapnpListReader(
        Segment segment,
        int start,
        int count,
        CapnpElementSize elementSize,
        long stepBits,
        int dataBits,
        ushort pointerCount,
        int nestingLeft)
    {
        _segment = segment;
        _start = start;
        Count = count;
        ElementSize = elementSize;
        _stepBits = stepBits;
        _dataBits = dataBits;
        _pointerCount = pointerCount;
        _nestingLeft = nestingLeft;
    }

    /// <summary>The number of elements.</summary>
    public int Count { get; }

    /// <summary>The space of an element in the message.</summary>
    public CapnpElementSize ElementSize { get; }

    /// <summary>Whether the elements take no space in the message.</summary>
    internal bool HasNoContent => _stepBits == 0;

    /// <summary>The space of a struct in the message. Not used for lists of other elements.</summary>
    internal CapnpStructSize StructSize => new((ushort)(_dataBits / 64), _pointerCount);

    /// <summary>
    /// The elements of a list of bytes or numbers, as stored in the message: whole bytes, bits rounded up.
    /// </summary>
    internal ReadOnlySpan<byte> Bytes
        => _segment is null ? [] : _segment.Bytes.AsSpan(_start, (int)(((Count * _stepBits) + 7) / 8));

    /// <summary>Reads a <c>Bool</c>.</summary>
    /// <exception cref="ArgumentOutOfRangeException">There is no such element.</exception>
    public bool ReadBool(int index)
    {
        long bit = index * _stepBits;
        return Check(index, 1) && ((_segment!.Bytes[_start + (int)(bit / 8)] >> (int)(bit % 8)) & 1) != 0;
    }

    /// <summary>Reads an <c>Int8</c>.</summary>
    /// <exception cref="ArgumentOutOfRangeException">There is no such element.</exception>
    public sbyte ReadSByte(int index) => (sbyte)ReadByte(index);

    /// <summary>Reads a <c>UInt8</c>.</summary>
    /// <exception cref="ArgumentOutOfRangeException">There is no such element.</exception>
    public byte ReadByte(int index) => Check(index, 8) ? At(index, sizeof(byte))[0] : (byte)0;

    /// <summary>Reads an <c>Int16</c>.</summary>
    /// <exception cref="ArgumentOutOfRangeException">There is no such element.</exception>
    public short ReadInt16(int index) => (short)ReadUInt16(index);

    /// <summary>Reads a <c>UInt16</c> or the number of an enumerant.</summary>
    /// <exception cref="ArgumentOutOfRangeException">There is no such element.</exception>
    public ushort ReadUInt16(int index)
        => Check(index, 16) ? BinaryPrimitives.ReadUInt16LittleEndian(At(index, sizeof(ushort))) : (ushort)0;

    /// <summary>Reads an <c>Int32</c>.</summary>
    /// <exception cref="ArgumentOutOfRangeException">There is no such element.</exception>
    public int ReadInt32(int index) => (int)ReadUInt32(index);

    /// <summary>Reads a <c>UInt32</c>.</summary>
    /// <exception cref="ArgumentOutOfRangeException">There is no such element.</exception>
    public uint ReadUInt32(int index)
        => Check(index, 32) ? BinaryPrimitives.ReadUInt32LittleEndian(At(index, sizeof(uint))) : 0;

    /// <summary>Reads an <c>Int64</c>.</summary>
    /// <exception cref="ArgumentOutOfRangeException">There is no such element.</exception>
    public long ReadInt64(int index) => (long)ReadUInt64(index);

    /// <summary>Reads a <c>UInt64</c>.</summary>
    /// <exception cref="ArgumentOutOfRangeException">There is no such element.</exception>
    public ulong ReadUInt64(int index)
        => Check(index, 64) ? BinaryPrimitives.ReadUInt64LittleEndian(At(index, sizeof(ulong))) : 0;

    /// <summary>Reads a <c>Float32</c>.</summary>
    /// <exception cref="ArgumentOutOfRangeException">There is no such element.</exception>
    public float ReadSingle(int index) => BitConverter.UInt32BitsToSingle(ReadUInt32(index));

    /// <summary>Reads a <c>Float64</c>.</summary>
    /// <exception cref="ArgumentOutOfRangeException">There is no such element.</exception>
    public double ReadDouble(int index) => BitConverter.UInt64BitsToDouble(ReadUInt64(index));

    /// <summary>
    /// Reads all elements of a list of numbers at once. Faster than reading one by one if the numbers are adjacent,
    /// which they are unless the writer has another schema.
    /// </summary>
    /// <typeparam name="T">The number's type: an integer or a floating-point number of 1, 2, 4 or 8 bytes.</typeparam>
    /// <param name="destination">At least <see cref="Count"/> long.</param>
    /// <exception cref="ArgumentException">The destination is too short, or the type is another one.</exception>
    public unsafe void CopyTo<T>(Span<T> destination)
        where T : unmanaged
    {
        int size = sizeof(T);
        if (size is not (1 or 2 or 4 or 8) || typeof(T) == typeof(bool))
        {
            throw new ArgumentException(
                $"{typeof(T).Name}: Expected a number of 1, 2, 4 or 8 bytes, got {typeof(T)} of {size:N0}.",
                nameof(destination));
        }

        if (destination.Length < Count)
        {
            throw new ArgumentException(
                $"Destination: Expected space for {Count:N0} elements, got {destination.Length:N0}.",
                nameof(destination));
        }

        if (_stepBits == size * 8 && BitConverter.IsLittleEndian)
        {
            Bytes.CopyTo(MemoryMarshal.AsBytes(destination));
            return;
        }

        for (int i = 0; i < Count; i++)
        {
            ulong value = size switch
            {
                1 => ReadByte(i),
                2 => ReadUInt16(i),
                4 => ReadUInt32(i),
                _ => ReadUInt64(i),
            };
            destination[i] = size switch
            {
                1 => Unsafe.BitCast<byte, T>((byte)value),
                2 => Unsafe.BitCast<ushort, T>((ushort)value),
                4 => Unsafe.BitCast<uint, T>((uint)value),
                _ => Unsafe.BitCast<ulong, T>(value),
            };
        }
    }

    /// <summary>
    /// Returns the struct at an index. In a list of other elements, the element is the first field of the struct.
    /// </summary>
    /// <exception cref="ArgumentOutOfRangeException">There is no such element.</exception>
    public CapnpStructReader Struct(int index)
    {
        CheckIndex(index);
        if (ElementSize == CapnpElementSize.Bit)
        {
            throw new IpcProtocolException("List: Expected structs, got bits.");
        }

        int at = _start + (int)(index * _stepBits / 8);
        return new(_segment!, at, _dataBits, at + (_dataBits / 8), _pointerCount, _nestingLeft);
    }

    /// <summary>Returns the pointer at an index, of a list of texts, lists or capabilities.</summary>
    /// <exception cref="ArgumentOutOfRangeException">There is no such element.</exception>
    public CapnpPointerReader PointerAt(int index)
    {
        CheckIndex(index);
        return _pointerCount == 0
            ? default
            : new(_segment!, _start + (int)(index * _stepBits / 8) + (_dataBits / 8), _nestingLeft);
    }

    /// <summary>Whether the elements can be read as elements of this size.</summary>
    internal bool Fits(CapnpElementSize expected) => expected switch
    {
        CapnpElementSize.Void => true,
        CapnpElementSize.Bit => ElementSize == CapnpElementSize.Bit,
        CapnpElementSize.Pointer => _pointerCount > 0,
        CapnpElementSize.Composite => ElementSize != CapnpElementSize.Bit,
        _ => _dataBits >= Pointer.DataBits(expected),
    };

    private bool Check(int index, int bits)
    {
        CheckIndex(index);
        return bits <= _dataBits;
    }

    private void CheckIndex(int index)
    {
        if ((uint)index >= (uint)Count)
        {
            throw new ArgumentOutOfRangeException(
                nameof(index), index, $"Index: Expected one below {Count:N0}, got {index:N0}.");
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private ReadOnlySpan<byte> At(int index, int size)
        => _segment!.Bytes.AsSpan(_start + (int)(index * _stepBits / 8), size);
}
