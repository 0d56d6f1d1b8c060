using System.Buffers.Binary;
using System.Runtime.CompilerServices;

namespace Multiprocess.CapnProto.Messages;

/// <summary>A struct of a message.</summary>
/// <remarks>
/// <para>
/// A field is named by its offset, as in the schema's layout: in units of the field's own size, from the start of the
/// data. A field that the message does not have, because its writer has an older schema, has its default value. Values
/// are stored XORed with their default value, so zero is the default value of every field.
/// </para>
/// <para>A reader is valid as long as that of its message; see <see cref="CapnpPointerReader"/>.</para>
/// </remarks>
public readonly struct CapnpStructReader
{
    private readonly Segment? _segment;
    private readonly int _data;
    private readonly int _dataBits;
    private readonly int _pointers;
    private readonly ushort _pointerCount;
    private readonly int _nestingLeft;

    internal CapnpStructReader(
        Segment segment, int data, int dataBits, int pointers, ushort pointerCount, int nestingLeft)
    {
        _segment = segment;
        _data = data;
        _dataBits = dataBits;
        _pointers = pointers;
        _pointerCount = pointerCount;
        _nestingLeft = nestingLeft;
    }

    /// <summary>
    /// The number of data bits of the struct in the message. Not always a multiple of 64: an element of a list of
    /// numbers can be read as a struct with this element as its first field.
    /// </summary>
    public int DataBits => _dataBits;

    /// <summary>The number of pointers of the struct in the message.</summary>
    public int PointerCount => _pointerCount;

    /// <summary>Reads a <c>Bool</c>.</summary>
    public bool ReadBool(uint offset, bool defaultValue = false)
    {
        if (offset >= (uint)_dataBits)
        {
            return defaultValue;
        }

        int bit = (_segment!.Bytes[_data + (int)(offset / 8)] >> (int)(offset % 8)) & 1;
        return (bit != 0) != defaultValue;
    }

    /// <summary>Reads an <c>Int8</c>.</summary>
    public sbyte ReadSByte(uint offset, sbyte defaultValue = 0) => (sbyte)ReadByte(offset, (byte)defaultValue);

    /// <summary>Reads a <c>UInt8</c>.</summary>
    public byte ReadByte(uint offset, byte defaultValue = 0)
        => Has(offset, sizeof(byte)) ? (byte)(At(offset, sizeof(byte))[0] ^ defaultValue) : defaultValue;

    /// <summary>Reads an <c>Int16</c>.</summary>
    public short ReadInt16(uint offset, short defaultValue = 0) => (short)ReadUInt16(offset, (ushort)defaultValue);

    /// <summary>Reads a <c>UInt16</c> or the number of an enumerant.</summary>
    public ushort ReadUInt16(uint offset, ushort defaultValue = 0)
        => Has(offset, sizeof(ushort))
            ? (ushort)(BinaryPrimitives.ReadUInt16LittleEndian(At(offset, sizeof(ushort))) ^ defaultValue)
            : defaultValue;

    /// <summary>Reads an <c>Int32</c>.</summary>
    public int ReadInt32(uint offset, int defaultValue = 0) => (int)ReadUInt32(offset, (uint)defaultValue);

    /// <summary>Reads a <c>UInt32</c>.</summary>
    public uint ReadUInt32(uint offset, uint defaultValue = 0)
        => Has(offset, sizeof(uint))
            ? BinaryPrimitives.ReadUInt32LittleEndian(At(offset, sizeof(uint))) ^ defaultValue
            : defaultValue;

    /// <summary>Reads an <c>Int64</c>.</summary>
    public long ReadInt64(uint offset, long defaultValue = 0) => (long)ReadUInt64(offset, (ulong)defaultValue);

    /// <summary>Reads a <c>UInt64</c>.</summary>
    public ulong ReadUInt64(uint offset, ulong defaultValue = 0)
        => Has(offset, sizeof(ulong))
            ? BinaryPrimitives.ReadUInt64LittleEndian(At(offset, sizeof(ulong))) ^ defaultValue
            : defaultValue;

    /// <summary>Reads a <c>Float32</c>.</summary>
    public float ReadSingle(uint offset, float defaultValue = 0)
        => BitConverter.UInt32BitsToSingle(ReadUInt32(offset, BitConverter.SingleToUInt32Bits(defaultValue)));

    /// <summary>Reads a <c>Float64</c>.</summary>
    public double ReadDouble(uint offset, double defaultValue = 0)
        => BitConverter.UInt64BitsToDouble(ReadUInt64(offset, BitConverter.DoubleToUInt64Bits(defaultValue)));

    /// <summary>Returns a pointer; null if the message has no such pointer.</summary>
    /// <param name="index">The pointer's number in the struct, from 0 on.</param>
    public CapnpPointerReader Pointer(uint index)
        => index < _pointerCount
            ? new(_segment!, _pointers + ((int)index * Messages.Pointer.WordBytes), _nestingLeft)
            : default;

    /// <summary>The data of the struct in the message, in whole bytes.</summary>
    internal ReadOnlySpan<byte> Data => _segment is null ? [] : _segment.Bytes.AsSpan(_data, _dataBits / 8);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private bool Has(uint offset, uint size) => ((ulong)offset + 1) * size * 8 <= (uint)_dataBits;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private ReadOnlySpan<byte> At(uint offset, uint size)
        => _segment!.Bytes.AsSpan(_data + (int)(offset * size), (int)size);
}
