namespace Multiprocess.Messages;

/// <summary>Writes the integers at the front of a Call or a Return, each in its shortest form, as the package's writer would.</summary>
/// <remarks>For the two messages of the hot path alone: the package's writer asks for room again for every integer.</remarks>
internal ref struct HeaderWriter(Span<byte> output)
{
    /// <summary>The longest header: length, array, type, flags, four numbers of 64 bits and one of 32.</summary>
    public const int MaxBytes = MessageFormat.LengthPrefix + 3 + (4 * 9) + 5;

    private readonly Span<byte> _output = output;

    /// <summary>How many bytes were written.</summary>
    public int Written { get; private set; }

    /// <summary>Begins a message of up to 15 elements, the type among them; the length before it is filled in later.</summary>
    public void Begin(int elements, MessageType type)
    {
        _output[..MessageFormat.LengthPrefix].Clear();
        Written = MessageFormat.LengthPrefix;
        Put((byte)(MessagePackCode.MinFixArray | elements));
        Put((byte)type);
    }

    public void Put(byte value) => _output[Written++] = value;

    public void Put(long value)
    {
        switch (value)
        {
            case >= -32 and <= MessagePackCode.MaxFixInt:
                Put((byte)value);
                break;
            case >= 0 and <= byte.MaxValue:
                Put(MessagePackCode.UInt8, value, 1);
                break;
            case >= 0 and <= ushort.MaxValue:
                Put(MessagePackCode.UInt16, value, 2);
                break;
            case >= 0 and <= uint.MaxValue:
                Put(MessagePackCode.UInt32, value, 4);
                break;
            case >= 0:
                Put(MessagePackCode.UInt64, value, 8);
                break;
            case >= sbyte.MinValue:
                Put(MessagePackCode.Int8, value, 1);
                break;
            case >= short.MinValue:
                Put(MessagePackCode.Int16, value, 2);
                break;
            case >= int.MinValue:
                Put(MessagePackCode.Int32, value, 4);
                break;
            default:
                Put(MessagePackCode.Int64, value, 8);
                break;
        }
    }

    private void Put(byte code, long value, int bytes)
    {
        Put(code);
        for (int shift = (bytes - 1) * 8; shift >= 0; shift -= 8)
        {
            Put((byte)(value >> shift));
        }
    }
}
