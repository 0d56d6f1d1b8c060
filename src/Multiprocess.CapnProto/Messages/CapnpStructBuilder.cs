using System.Buffers.Binary;
using System.Runtime.CompilerServices;

namespace Multiprocess.CapnProto.Messages;

/// <summary>A struct of a message that is being built.</summary>
/// <remarks>
/// Offsets and default values are those of <see cref="CapnpStructReader"/>. A builder is valid until its message is
/// reset or disposed.
/// </remarks>
public readonly struct CapnpStructBuilder
{
    private readonly Segment _segment;
    private readonly int _at;

    internal CapnpStructBuilder(Segment segment, int at, CapnpStructSize size)
    {
        _segment = segment;
        _at = at;
        Size = size;
    }

    /// <summary>The space of the struct.</summary>
    public CapnpStructSize Size { get; }

    internal Span<byte> Data => _segment.Bytes.AsSpan(_at, Size.DataWords * Messages.Pointer.WordBytes);

    /// <summary>Reads what was built so far.</summary>
    public CapnpStructReader AsReader() => new(
        _segment,
        _at,
        Size.DataWords * 64,
        _at + (Size.DataWords * Messages.Pointer.WordBytes),
        Size.PointerCount,
        int.MaxValue);

    /// <summary>Writes a <c>Bool</c>.</summary>
    /// <exception cref="ArgumentOutOfRangeException">The struct has no such field.</exception>
    public void WriteBool(uint offset, bool value, bool defaultValue = false)
    {
        if (offset >= Size.DataWords * 64u)
        {
            throw Missing(offset);
        }

        ref byte holder = ref _segment.Bytes[_at + (int)(offset / 8)];
        byte mask = (byte)(1 << (int)(offset % 8));
        holder = value != defaultValue ? (byte)(holder | mask) : (byte)(holder & ~mask);
    }

    /// <summary>Writes an <c>Int8</c>.</summary>
    /// <exception cref="ArgumentOutOfRangeException">The struct has no such field.</exception>
    public void WriteSByte(uint offset, sbyte value, sbyte defaultValue = 0)
        => WriteByte(offset, (byte)value, (byte)defaultValue);

    /// <summary>Writes a <c>UInt8</c>.</summary>
    /// <exception cref="ArgumentOutOfRangeException">The struct has no such field.</exception>
    public void WriteByte(uint offset, byte value, byte defaultValue = 0)
        => At(offset, sizeof(byte))[0] = (byte)(value ^ defaultValue);

    /// <summary>Writes an <c>Int16</c>.</summary>
    /// <exception cref="ArgumentOutOfRangeException">The struct has no such field.</exception>
    public void WriteInt16(uint offset, short value, short defaultValue = 0)
        => WriteUInt16(offset, (ushort)value, (ushort)defaultValue);

    /// <summary>Writes a <c>UInt16</c> or the number of an enumerant.</summary>
    /// <exception cref="ArgumentOutOfRangeException">The struct has no such field.</exception>
    public void WriteUInt16(uint offset, ushort value, ushort defaultValue = 0)
        => BinaryPrimitives.WriteUInt16LittleEndian(At(offset, sizeof(ushort)), (ushort)(value ^ defaultValue));

    /// <summary>Writes an <c>Int32</c>.</summary>
    /// <exception cref="ArgumentOutOfRangeException">The struct has no such field.</exception>
    public void WriteInt32(uint offset, int value, int defaultValue = 0)
        => WriteUInt32(offset, (uint)value, (uint)defaultValue);

    /// <summary>Writes a <c>UInt32</c>.</summary>
    /// <exception cref="ArgumentOutOfRangeException">The struct has no such field.</exception>
    public void WriteUInt32(uint offset, uint value, uint defaultValue = 0)
        => BinaryPrimitives.WriteUInt32LittleEndian(At(offset, sizeof(uint)), value ^ defaultValue);

    /// <summary>Writes an <c>Int64</c>.</summary>
    /// <exception cref="ArgumentOutOfRangeException">The struct has no such field.</exception>
    public void WriteInt64(uint offset, long value, long defaultValue = 0)
        => WriteUInt64(offset, (ulong)value, (ulong)defaultValue);

    /// <summary>Writes a <c>UInt64</c>.</summary>
    /// <exception cref="ArgumentOutOfRangeException">The struct has no such field.</exception>
    public void WriteUInt64(uint offset, ulong value, ulong defaultValue = 0)
        => BinaryPrimitives.WriteUInt64LittleEndian(At(offset, sizeof(ulong)), value ^ defaultValue);

    /// <summary>Writes a <c>Float32</c>.</summary>
    /// <exception cref="ArgumentOutOfRangeException">The struct has no such field.</exception>
    public void WriteSingle(uint offset, float value, float defaultValue = 0)
        => WriteUInt32(offset, BitConverter.SingleToUInt32Bits(value), BitConverter.SingleToUInt32Bits(defaultValue));

    /// <summary>Writes a <c>Float64</c>.</summary>
    /// <exception cref="ArgumentOutOfRangeException">The struct has no such field.</exception>
    public void WriteDouble(uint offset, double value, double defaultValue = 0)
        => WriteUInt64(offset, BitConverter.DoubleToUInt64Bits(value), BitConverter.DoubleToUInt64Bits(defaultValue));

    /// <summary>Returns a pointer.</summary>
    /// <param name="index">The pointer's number in the struct, from 0 on.</param>
    /// <exception cref="ArgumentOutOfRangeException">The struct has no such pointer.</exception>
    public CapnpPointerBuilder Pointer(uint index)
        => index < Size.PointerCount
            ? new(_segment, _at + ((Size.DataWords + (int)index) * Messages.Pointer.WordBytes))
            : throw new ArgumentOutOfRangeException(
                nameof(index),
                index,
                $"Pointer: Expected one of {Size.PointerCount:N0} in the struct, got number {index:N0}.");

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private Span<byte> At(uint offset, uint size)
        => ((ulong)offset + 1) * size <= Size.DataWords * 8u
            ? _segment.Bytes.AsSpan(_at + (int)(offset * size), (int)size)
            : throw Missing(offset);

    private ArgumentOutOfRangeException Missing(uint offset) => new(
        nameof(offset),
        offset,
        $"Offset: Expected a field within {Size.DataWords:N0} words of data, got offset {offset:N0}.");
}
