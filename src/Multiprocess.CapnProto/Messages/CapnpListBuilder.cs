using System.Buffers.Binary;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;

namespace Multiprocess.CapnProto.Messages;

/// <summary>A list of a message that is being built.</summary>
/// <remarks>A builder is valid until its message is reset or disposed.</remarks>
public readonly struct CapnpListBuilder
{
    private readonly Segment _segment;
    private readonly int _start;
    private readonly CapnpStructSize _structSize;

    internal CapnpListBuilder(
        Segment segment, int start, CapnpElementSize elementSize, int count, CapnpStructSize structSize)
    {
        _segment = segment;
        _start = start;
        _structSize = structSize;
        ElementSize = elementSize;
        Count = count;
    }

    /// <summary>The number of elements.</summary>
    public int Count { get; }

    /// <summary>The space of an element.</summary>
    public CapnpElementSize ElementSize { get; }

    /// <summary>Writes a <c>Bool</c>.</summary>
    /// <exception cref="ArgumentOutOfRangeException">There is no such element.</exception>
    /// <exception cref="InvalidOperationException">The elements have another size.</exception>
    public void WriteBool(int index, bool value)
    {
        Check(index, CapnpElementSize.Bit);
        ref byte holder = ref _segment.Bytes[_start + (index / 8)];
        byte mask = (byte)(1 << (index % 8));
        holder = value ? (byte)(holder | mask) : (byte)(holder & ~mask);
    }

    /// <summary>Writes an <c>Int8</c>.</summary>
    /// <inheritdoc cref="WriteBool" path="/exception"/>
    public void WriteSByte(int index, sbyte value) => WriteByte(index, (byte)value);

    /// <summary>Writes a <c>UInt8</c>.</summary>
    /// <inheritdoc cref="WriteBool" path="/exception"/>
    public void WriteByte(int index, byte value) => At(index, CapnpElementSize.Byte, sizeof(byte))[0] = value;

    /// <summary>Writes an <c>Int16</c>.</summary>
    /// <inheritdoc cref="WriteBool" path="/exception"/>
    public void WriteInt16(int index, short value) => WriteUInt16(index, (ushort)value);

    /// <summary>Writes a <c>UInt16</c> or the number of an enumerant.</summary>
    /// <inheritdoc cref="WriteBool" path="/exception"/>
    public void WriteUInt16(int index, ushort value)
        => BinaryPrimitives.WriteUInt16LittleEndian(At(index, CapnpElementSize.TwoBytes, sizeof(ushort)), value);

    /// <summary>Writes an <c>Int32</c>.</summary>
    /// <inheritdoc cref="WriteBool" path="/exception"/>
    public void WriteInt32(int index, int value) => WriteUInt32(index, (uint)value);

    /// <summary>Writes a <c>UInt32</c>.</summary>
    /// <inheritdoc cref="WriteBool" path="/exception"/>
    public void WriteUInt32(int index, uint value)
        => BinaryPrimitives.WriteUInt32LittleEndian(At(index, CapnpElementSize.FourBytes, sizeof(uint)), value);

    /// <summary>Writes an <c>Int64</c>.</summary>
    /// <inheritdoc cref="WriteBool" path="/exception"/>
    public void WriteInt64(int index, long value) => WriteUInt64(index, (ulong)value);

    /// <summary>Writes a <c>UInt64</c>.</summary>
    /// <inheritdoc cref="WriteBool" path="/exception"/>
    public void WriteUInt64(int index, ulong value)
        => BinaryPrimitives.WriteUInt64LittleEndian(At(index, CapnpElementSize.EightBytes, sizeof(ulong)), value);

    /// <summary>Writes a <c>Float32</c>.</summary>
    /// <inheritdoc cref="WriteBool" path="/exception"/>
    public void WriteSingle(int index, float value) => WriteUInt32(index, BitConverter.SingleToUInt32Bits(value));

    /// <summary>Writes a <c>Float64</c>.</summary>
    /// <inheritdoc cref="WriteBool" path="/exception"/>
    public void WriteDouble(int index, double value) => WriteUInt64(index, BitConverter.DoubleToUInt64Bits(value));

    /// <summary>Writes all elements of a list of numbers at once.</summary>
    /// <typeparam name="T">The number's type: an integer or a floating-point number of the elements' size.</typeparam>
    /// <param name="source">Exactly <see cref="Count"/> long.</param>
    /// <exception cref="ArgumentException">The source has another length, or its elements another size.</exception>
    public unsafe void CopyFrom<T>(ReadOnlySpan<T> source)
        where T : unmanaged
    {
        if (ElementSize is < CapnpElementSize.Byte or > CapnpElementSize.EightBytes
            || sizeof(T) * 8 != Pointer.DataBits(ElementSize))
        {
            throw new ArgumentException(
                $"{typeof(T).Name}: Expected a number as large as {ElementSize}, got {sizeof(T):N0} bytes.",
                nameof(source));
        }

        if (source.Length != Count)
        {
            throw new ArgumentException(
                $"Source: Expected {Count:N0} elements, got {source.Length:N0}.", nameof(source));
        }

        Span<byte> target = _segment.Bytes.AsSpan(_start, source.Length * sizeof(T));
        MemoryMarshal.AsBytes(source).CopyTo(target);
        if (!BitConverter.IsLittleEndian)
        {
            for (int at = 0; at < target.Length; at += sizeof(T))
            {
                target.Slice(at, sizeof(T)).Reverse();
            }
        }
    }

    /// <summary>Returns the struct at an index.</summary>
    /// <inheritdoc cref="WriteBool" path="/exception"/>
    public CapnpStructBuilder Struct(int index)
    {
        Check(index, CapnpElementSize.Composite);
        return new(_segment, _start + (index * _structSize.Words * Pointer.WordBytes), _structSize);
    }

    /// <summary>Returns the pointer at an index, of a list of texts, lists or capabilities.</summary>
    /// <inheritdoc cref="WriteBool" path="/exception"/>
    public CapnpPointerBuilder PointerAt(int index)
    {
        Check(index, CapnpElementSize.Pointer);
        return new(_segment, _start + (index * Pointer.WordBytes));
    }

    /// <summary>Copies all elements of a list of bits or numbers from another message.</summary>
    internal void WriteBits(ReadOnlySpan<byte> bytes)
    {
        Span<byte> target = _segment.Bytes.AsSpan(_start, bytes.Length);
        bytes.CopyTo(target);
        int bitsInLast = Count % 8;
        if (ElementSize == CapnpElementSize.Bit && bitsInLast != 0)
        {
            // The bits after the last element must be zeros here, whatever they are in the other message.
            target[^1] &= (byte)((1 << bitsInLast) - 1);
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private Span<byte> At(int index, CapnpElementSize expected, int size)
    {
        Check(index, expected);
        return _segment.Bytes.AsSpan(_start + (index * size), size);
    }

    private void Check(int index, CapnpElementSize expected)
    {
        if (ElementSize != expected)
        {
            throw new InvalidOperationException($"List: Expected elements of size {expected}, got {ElementSize}.");
        }

        if ((uint)index >= (uint)Count)
        {
            throw new ArgumentOutOfRangeException(
                nameof(index), index, $"Index: Expected one below {Count:N0}, got {index:N0}.");
        }
    }
}
