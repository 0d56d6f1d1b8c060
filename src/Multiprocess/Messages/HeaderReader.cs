using System.Buffers.Binary;
using System.Globalization;
using System.Runtime.CompilerServices;

namespace Multiprocess.Messages;

/// <summary>Reads the array header and the integers at the start of a message.</summary>
/// <remarks>
/// The only MessagePack that is not read by the package: every message of every thread passes through here, on the one
/// thread that reads, with up to eight integers before the first argument.
/// </remarks>
internal ref struct HeaderReader(ReadOnlySpan<byte> bytes)
{
    private readonly ReadOnlySpan<byte> _bytes = bytes;

    /// <summary>Number of bytes read.</summary>
    public int Consumed { get; private set; }

    /// <summary>Reads an array header. Fails if fewer bytes remain than the announced elements need.</summary>
    public int ReadArrayHeader()
    {
        byte code = Next(1)[0];
        uint count = code switch
        {
            >= MessagePackCode.MinFixArray and <= MessagePackCode.MaxFixArray
                => (uint)(code - MessagePackCode.MinFixArray),
            MessagePackCode.Array16 => BinaryPrimitives.ReadUInt16BigEndian(Next(2)),
            MessagePackCode.Array32 => BinaryPrimitives.ReadUInt32BigEndian(Next(4)),
            _ => throw new IpcProtocolException(
                $"Expected an array as a message, got {MessagePackCode.ToFormatName(code)} (0x{code:x2})."),
        };

        return count <= (uint)(_bytes.Length - Consumed) ? (int)count : throw TooMany(count);
    }

    public byte ReadByte() => TryReadSmall(out byte small) ? small : (byte)ReadWide(0, byte.MaxValue);

    public uint ReadUInt32() => TryReadSmall(out byte small) ? small : (uint)ReadWide(0, uint.MaxValue);

    public long ReadInt64() => TryReadSmall(out byte small) ? small : ReadWide(long.MinValue, long.MaxValue);

    // Most values are below 128 and take one byte.
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private bool TryReadSmall(out byte value)
    {
        value = Consumed < _bytes.Length ? _bytes[Consumed] : byte.MaxValue;
        if (value > MessagePackCode.MaxFixInt)
        {
            return false;
        }

        Consumed++;
        return true;
    }

    private long ReadWide(long min, long max)
    {
        int start = Consumed;
        byte code = Next(1)[0];
        long value = code switch
        {
            >= MessagePackCode.MinNegativeFixInt => (sbyte)code,
            MessagePackCode.UInt8 => Next(1)[0],
            MessagePackCode.UInt16 => BinaryPrimitives.ReadUInt16BigEndian(Next(2)),
            MessagePackCode.UInt32 => BinaryPrimitives.ReadUInt32BigEndian(Next(4)),
            MessagePackCode.UInt64 when BinaryPrimitives.ReadUInt64BigEndian(Next(8)) is var wide
                => wide <= long.MaxValue
                    ? (long)wide
                    : throw OutOfRange(start, wide.ToString(CultureInfo.InvariantCulture)),
            MessagePackCode.Int8 => (sbyte)Next(1)[0],
            MessagePackCode.Int16 => BinaryPrimitives.ReadInt16BigEndian(Next(2)),
            MessagePackCode.Int32 => BinaryPrimitives.ReadInt32BigEndian(Next(4)),
            MessagePackCode.Int64 => BinaryPrimitives.ReadInt64BigEndian(Next(8)),
            _ => throw OutOfRange(start, $"{MessagePackCode.ToFormatName(code)} (0x{code:x2})"),
        };

        return value >= min && value <= max
            ? value
            : throw OutOfRange(start, value.ToString(CultureInfo.InvariantCulture));
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private ReadOnlySpan<byte> Next(int length)
    {
        int start = Consumed;
        if (_bytes.Length - start < length)
        {
            throw TooShort();
        }

        Consumed = start + length;
        return _bytes.Slice(start, length);
    }

    private readonly IpcProtocolException TooShort()
        => new($"Expected a whole message, got its end after {_bytes.Length:N0} bytes.");

    private readonly IpcProtocolException TooMany(uint count)
        => new(
            $"Expected a message of {count:N0} elements, got the {_bytes.Length - Consumed:N0} bytes that remain "
                + "of it.");

    private static IpcProtocolException OutOfRange(int position, string found)
        => new($"Expected an integer in its range at byte {position} of a message, got {found}.");
}
