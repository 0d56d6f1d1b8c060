using System.Runtime.CompilerServices;

namespace Multiprocess.Serialization;

/// <content>Numbers: the shortest form that holds the value, and forms of a chosen size.</content>
public ref partial struct MessagePackWriter
{
    /// <summary>Writes an integer in its shortest form.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public void Write(byte value)
    {
        if (value <= MessagePackCode.MaxFixInt)
        {
            WriteCode(value);
        }
        else
        {
            WriteUInt8(value);
        }
    }

    /// <summary>Writes an integer in its shortest form.</summary>
    public void Write(sbyte value) => Write((int)value);

    /// <summary>Writes an integer in its shortest form.</summary>
    public void Write(short value) => Write((int)value);

    /// <summary>Writes an integer in its shortest form.</summary>
    public void Write(ushort value) => Write((uint)value);

    /// <summary>Writes a character as its UTF-16 code unit.</summary>
    public void Write(char value) => Write((uint)value);

    /// <summary>Writes an integer in its shortest form.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public void Write(int value)
    {
        if ((uint)value <= MessagePackCode.MaxFixInt)
        {
            WriteCode((byte)value);
        }
        else
        {
            WriteLonger(value);
        }
    }

    /// <summary>Writes an integer in its shortest form.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public void Write(uint value)
    {
        if (value <= MessagePackCode.MaxFixInt)
        {
            WriteCode((byte)value);
        }
        else
        {
            WriteLonger(value);
        }
    }

    /// <summary>Writes an integer in its shortest form.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public void Write(long value)
    {
        if ((ulong)value <= MessagePackCode.MaxFixInt)
        {
            WriteCode((byte)value);
        }
        else if (value >= 0)
        {
            WriteLonger((ulong)value);
        }
        else
        {
            WriteNegative(value);
        }
    }

    /// <summary>Writes an integer in its shortest form.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public void Write(ulong value)
    {
        if (value <= MessagePackCode.MaxFixInt)
        {
            WriteCode((byte)value);
        }
        else
        {
            WriteLonger(value);
        }
    }

    /// <summary>Writes a number of 32 bits; the bits of a NaN are kept.</summary>
    public void Write(float value)
    {
        Reserve(5);
        Put(0, MessagePackCode.Float32);
        PutUInt32(1, BitConverter.SingleToUInt32Bits(value));
        _used += 5;
    }

    /// <summary>Writes a number of 64 bits; the bits of a NaN are kept.</summary>
    public void Write(double value)
    {
        Reserve(9);
        Put(0, MessagePackCode.Float64);
        PutUInt64(1, BitConverter.DoubleToUInt64Bits(value));
        _used += 9;
    }

    /// <summary>Writes the uint8 form, two bytes, whatever the value.</summary>
    public void WriteUInt8(byte value) => WriteCode(MessagePackCode.UInt8, value);

    /// <summary>Writes the int8 form, two bytes, whatever the value.</summary>
    public void WriteInt8(sbyte value) => WriteCode(MessagePackCode.Int8, (byte)value);

    /// <summary>Writes the uint16 form, three bytes, whatever the value.</summary>
    public void WriteUInt16(ushort value) => WriteFixed(MessagePackCode.UInt16, value);

    /// <summary>Writes the int16 form, three bytes, whatever the value.</summary>
    public void WriteInt16(short value) => WriteFixed(MessagePackCode.Int16, (ushort)value);

    /// <summary>Writes the uint32 form, five bytes, whatever the value.</summary>
    public void WriteUInt32(uint value) => WriteFixed(MessagePackCode.UInt32, value);

    /// <summary>Writes the int32 form, five bytes, whatever the value.</summary>
    public void WriteInt32(int value) => WriteFixed(MessagePackCode.Int32, (uint)value);

    /// <summary>Writes the uint64 form, nine bytes, whatever the value.</summary>
    public void WriteUInt64(ulong value) => WriteFixed(MessagePackCode.UInt64, value);

    /// <summary>Writes the int64 form, nine bytes, whatever the value.</summary>
    public void WriteInt64(long value) => WriteFixed(MessagePackCode.Int64, (ulong)value);

    private void WriteLonger(int value)
    {
        if (value >= 0)
        {
            WriteLonger((uint)value);
        }
        else
        {
            WriteNegative(value);
        }
    }

    private void WriteLonger(uint value)
    {
        if (value <= byte.MaxValue)
        {
            WriteUInt8((byte)value);
        }
        else if (value <= ushort.MaxValue)
        {
            WriteUInt16((ushort)value);
        }
        else
        {
            WriteUInt32(value);
        }
    }

    private void WriteLonger(ulong value)
    {
        if (value <= uint.MaxValue)
        {
            WriteLonger((uint)value);
        }
        else
        {
            WriteUInt64(value);
        }
    }

    private void WriteNegative(long value)
    {
        if (value >= -32)
        {
            WriteCode((byte)value);
        }
        else if (value >= sbyte.MinValue)
        {
            WriteInt8((sbyte)value);
        }
        else if (value >= short.MinValue)
        {
            WriteInt16((short)value);
        }
        else if (value >= int.MinValue)
        {
            WriteInt32((int)value);
        }
        else
        {
            WriteInt64(value);
        }
    }

    private void WriteFixed(byte code, ushort value)
    {
        Reserve(3);
        Put(0, code);
        PutUInt16(1, value);
        _used += 3;
    }

    private void WriteFixed(byte code, uint value)
    {
        Reserve(5);
        Put(0, code);
        PutUInt32(1, value);
        _used += 5;
    }

    private void WriteFixed(byte code, ulong value)
    {
        Reserve(9);
        Put(0, code);
        PutUInt64(1, value);
        _used += 9;
    }
}
