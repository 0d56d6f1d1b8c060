using System.Buffers.Binary;
using Multiprocess.Protocols;

namespace Multiprocess.Messages;

/// <summary>
/// Writes the integers at the start of a Call or a Return, each in its shortest form, as the package's writer does.
/// </summary>
/// <remarks>
/// Only for the two messages of the hot path: the package's writer asks for room again for every integer.
/// </remarks>
internal ref struct HeaderWriter(Span<byte> output)
{
    /// <summary>The longest header: length, array, type, flags, four numbers of 64 bits and one of 32.</summary>
    public const int MaxBytes = MessageFormat.LengthPrefix + 3 + (4 * 9) + 5;

    private readonly Span<byte> _output = output;

    /// <summary>Number of bytes written.</summary>
    public int Written { get; private set; }

    /// <summary>
    /// Begins a message of up to 15 elements, including the type. The length before it is filled in later.
    /// </summary>
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
        // Most values are below 128 and take one byte.
        if ((ulong)value <= MessagePackCode.MaxFixInt)
        {
            _output[Written++] = (byte)value;
        }
        else
        {
            PutWide(value);
        }
    }

    private void PutWide(long value)
    {
        Span<byte> output = _output[Written..];
        switch (value)
        {
            case >= -32 and < 0:
                output[0] = (byte)value;
                Written++;
                break;
            case >= 0 and <= byte.MaxValue:
                output[1] = (byte)value;
                Code(output, MessagePackCode.UInt8, sizeof(byte));
                break;
            case >= 0 and <= ushort.MaxValue:
                BinaryPrimitives.WriteUInt16BigEndian(output[1..], (ushort)value);
                Code(output, MessagePackCode.UInt16, sizeof(ushort));
                break;
            case >= 0 and <= uint.MaxValue:
                BinaryPrimitives.WriteUInt32BigEndian(output[1..], (uint)value);
                Code(output, MessagePackCode.UInt32, sizeof(uint));
                break;
            case >= 0:
                BinaryPrimitives.WriteInt64BigEndian(output[1..], value);
                Code(output, MessagePackCode.UInt64, sizeof(long));
                break;
            case >= sbyte.MinValue:
                output[1] = (byte)value;
                Code(output, MessagePackCode.Int8, sizeof(sbyte));
                break;
            case >= short.MinValue:
                BinaryPrimitives.WriteInt16BigEndian(output[1..], (short)value);
                Code(output, MessagePackCode.Int16, sizeof(short));
                break;
            case >= int.MinValue:
                BinaryPrimitives.WriteInt32BigEndian(output[1..], (int)value);
                Code(output, MessagePackCode.Int32, sizeof(int));
                break;
            default:
                BinaryPrimitives.WriteInt64BigEndian(output[1..], value);
                Code(output, MessagePackCode.Int64, sizeof(long));
                break;
        }
    }

    private void Code(Span<byte> output, byte code, int bytes)
    {
        output[0] = code;
        Written += 1 + bytes;
    }
}
