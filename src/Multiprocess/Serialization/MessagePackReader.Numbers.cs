using System.Globalization;
using System.Runtime.CompilerServices;

namespace Multiprocess.Serialization;

/// <content>Numbers: any integer form is taken for any integer type that can hold its value.</content>
public ref partial struct MessagePackReader
{
    /// <summary>Reads an integer from 0 to 255.</summary>
    public byte ReadByte() => (byte)ReadInteger(0, byte.MaxValue, "an integer from 0 to 255");

    /// <summary>Reads an integer from −128 to 127.</summary>
    public sbyte ReadSByte() => (sbyte)ReadInteger(sbyte.MinValue, sbyte.MaxValue, "an integer from -128 to 127");

    /// <summary>Reads an integer of 16 bits.</summary>
    public short ReadInt16() => (short)ReadInteger(short.MinValue, short.MaxValue, "an integer from -32768 to 32767");

    /// <summary>Reads an integer of 16 bits, without sign.</summary>
    public ushort ReadUInt16() => (ushort)ReadInteger(0, ushort.MaxValue, "an integer from 0 to 65535");

    /// <summary>Reads a UTF-16 code unit.</summary>
    public char ReadChar() => (char)ReadUInt16();

    /// <summary>Reads an integer of 32 bits.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public int ReadInt32()
    {
        if ((uint)_position < (uint)_bytes.Length && _bytes[_position] <= MessagePackCode.MaxFixInt)
        {
            return _bytes[_position++];
        }

        return (int)ReadInteger(int.MinValue, int.MaxValue, "an integer of 32 bits");
    }

    /// <summary>Reads an integer of 32 bits, without sign.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public uint ReadUInt32()
    {
        if ((uint)_position < (uint)_bytes.Length && _bytes[_position] <= MessagePackCode.MaxFixInt)
        {
            return _bytes[_position++];
        }

        return (uint)ReadInteger(0, uint.MaxValue, "an integer of 32 bits, not negative");
    }

    /// <summary>Reads an integer of 64 bits.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public long ReadInt64()
    {
        if ((uint)_position < (uint)_bytes.Length && _bytes[_position] <= MessagePackCode.MaxFixInt)
        {
            return _bytes[_position++];
        }

        return ReadInteger(long.MinValue, long.MaxValue, "an integer of 64 bits");
    }

    /// <summary>Reads an integer of 64 bits, without sign.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public ulong ReadUInt64()
    {
        if ((uint)_position < (uint)_bytes.Length && _bytes[_position] <= MessagePackCode.MaxFixInt)
        {
            return _bytes[_position++];
        }

        return ReadUnsigned();
    }

    /// <summary>Reads a number of 32 bits; a longer one is rounded, an integer converted, one beyond the range refused.</summary>
    public float ReadSingle()
    {
        if (NextCode == MessagePackCode.Float32)
        {
            float exact = BitConverter.UInt32BitsToSingle(PeekUInt32());
            _position += 5;
            return exact;
        }

        int start = _position;
        double value = ReadDouble();
        float rounded = (float)value;
        if (float.IsInfinity(rounded) && !double.IsInfinity(value))
        {
            _position = start;
            MessagePackErrors.ThrowOutOfRange("a number of 32 bits", start, value.ToString(CultureInfo.InvariantCulture));
        }

        return rounded;
    }

    /// <summary>Reads a number of 64 bits; a shorter one is widened, an integer converted.</summary>
    public double ReadDouble()
    {
        byte code = NextCode;
        double value;
        switch (code)
        {
            case MessagePackCode.Float64:
                value = BitConverter.UInt64BitsToDouble(PeekUInt64());
                _position += 9;
                return value;
            case MessagePackCode.Float32:
                value = BitConverter.UInt32BitsToSingle(PeekUInt32());
                _position += 5;
                return value;
            default:
                if (MessagePackCode.ToMessagePackType(code) != MessagePackType.Integer)
                {
                    MessagePackErrors.ThrowUnexpected("a number", _position, code);
                }

                long integer = PeekInteger(out int size, out bool beyondSigned);
                _position += size;
                return beyondSigned ? (ulong)integer : integer;
        }
    }

    private long ReadInteger(long min, long max, string expected)
    {
        long value = PeekInteger(out int size, out bool beyondSigned);
        if (beyondSigned || value < min || value > max)
        {
            string found = beyondSigned ? ((ulong)value).ToString(CultureInfo.InvariantCulture) : value.ToString(CultureInfo.InvariantCulture);
            MessagePackErrors.ThrowOutOfRange(expected, _position, found);
        }

        _position += size;
        return value;
    }

    private ulong ReadUnsigned()
    {
        long value = PeekInteger(out int size, out bool beyondSigned);
        if (value < 0 && !beyondSigned)
        {
            MessagePackErrors.ThrowOutOfRange("an integer of 64 bits, not negative", _position, value.ToString(CultureInfo.InvariantCulture));
        }

        _position += size;
        return (ulong)value;
    }

    /// <summary>The integer at the position, of any form.</summary>
    /// <param name="size">How many bytes it takes.</param>
    /// <param name="beyondSigned">Whether the bits are those of an unsigned integer above <see cref="long.MaxValue"/>.</param>
    private readonly long PeekInteger(out int size, out bool beyondSigned)
    {
        byte code = NextCode;
        beyondSigned = false;
        size = ScalarSize(code);
        switch (code)
        {
            case <= MessagePackCode.MaxFixInt or >= MessagePackCode.MinNegativeFixInt:
                return (sbyte)code;
            case MessagePackCode.UInt8:
                return PeekByte();
            case MessagePackCode.UInt16:
                return PeekUInt16();
            case MessagePackCode.UInt32:
                return PeekUInt32();
            case MessagePackCode.UInt64:
                ulong value = PeekUInt64();
                beyondSigned = value > long.MaxValue;
                return (long)value;
            case MessagePackCode.Int8:
                return (sbyte)PeekByte();
            case MessagePackCode.Int16:
                return (short)PeekUInt16();
            case MessagePackCode.Int32:
                return (int)PeekUInt32();
            case MessagePackCode.Int64:
                return (long)PeekUInt64();
            default:
                MessagePackErrors.ThrowUnexpected("an integer", _position, code);
                return 0;
        }
    }
}
