namespace Multiprocess.Serialization.Codecs;

/// <summary>true or false.</summary>
public readonly struct BooleanCodec : IIpcCodec<bool>
{
    /// <inheritdoc/>
    public static void Write(ref MessagePackWriter writer, bool value, IpcWriteContext context) => writer.Write(value);

    /// <inheritdoc/>
    public static bool Read(ref MessagePackReader reader, IpcReadContext context) => reader.ReadStrictBoolean();
}

/// <summary>An integer from 0 to 255.</summary>
public readonly struct ByteCodec : IIpcCodec<byte>
{
    /// <inheritdoc/>
    public static void Write(ref MessagePackWriter writer, byte value, IpcWriteContext context) => writer.Write(value);

    /// <inheritdoc/>
    public static byte Read(ref MessagePackReader reader, IpcReadContext context) => reader.ReadStrictByte();
}

/// <summary>An integer from −128 to 127.</summary>
public readonly struct SByteCodec : IIpcCodec<sbyte>
{
    /// <inheritdoc/>
    public static void Write(ref MessagePackWriter writer, sbyte value, IpcWriteContext context) => writer.Write(value);

    /// <inheritdoc/>
    public static sbyte Read(ref MessagePackReader reader, IpcReadContext context) => reader.ReadStrictSByte();
}

/// <summary>An integer of 16 bits.</summary>
public readonly struct Int16Codec : IIpcCodec<short>
{
    /// <inheritdoc/>
    public static void Write(ref MessagePackWriter writer, short value, IpcWriteContext context) => writer.Write(value);

    /// <inheritdoc/>
    public static short Read(ref MessagePackReader reader, IpcReadContext context) => reader.ReadStrictInt16();
}

/// <summary>An unsigned integer of 16 bits.</summary>
public readonly struct UInt16Codec : IIpcCodec<ushort>
{
    /// <inheritdoc/>
    public static void Write(ref MessagePackWriter writer, ushort value, IpcWriteContext context)
        => writer.Write(value);

    /// <inheritdoc/>
    public static ushort Read(ref MessagePackReader reader, IpcReadContext context) => reader.ReadStrictUInt16();
}

/// <summary>An integer of 32 bits.</summary>
public readonly struct Int32Codec : IIpcCodec<int>
{
    /// <inheritdoc/>
    public static void Write(ref MessagePackWriter writer, int value, IpcWriteContext context) => writer.Write(value);

    /// <inheritdoc/>
    public static int Read(ref MessagePackReader reader, IpcReadContext context) => reader.ReadStrictInt32();
}

/// <summary>An unsigned integer of 32 bits.</summary>
public readonly struct UInt32Codec : IIpcCodec<uint>
{
    /// <inheritdoc/>
    public static void Write(ref MessagePackWriter writer, uint value, IpcWriteContext context) => writer.Write(value);

    /// <inheritdoc/>
    public static uint Read(ref MessagePackReader reader, IpcReadContext context) => reader.ReadStrictUInt32();
}

/// <summary>An integer of 64 bits.</summary>
public readonly struct Int64Codec : IIpcCodec<long>
{
    /// <inheritdoc/>
    public static void Write(ref MessagePackWriter writer, long value, IpcWriteContext context) => writer.Write(value);

    /// <inheritdoc/>
    public static long Read(ref MessagePackReader reader, IpcReadContext context) => reader.ReadStrictInt64();
}

/// <summary>An unsigned integer of 64 bits.</summary>
public readonly struct UInt64Codec : IIpcCodec<ulong>
{
    /// <inheritdoc/>
    public static void Write(ref MessagePackWriter writer, ulong value, IpcWriteContext context) => writer.Write(value);

    /// <inheritdoc/>
    public static ulong Read(ref MessagePackReader reader, IpcReadContext context) => reader.ReadStrictUInt64();
}

/// <summary>The UTF-16 code unit as an integer.</summary>
public readonly struct CharCodec : IIpcCodec<char>
{
    /// <inheritdoc/>
    public static void Write(ref MessagePackWriter writer, char value, IpcWriteContext context) => writer.Write(value);

    /// <inheritdoc/>
    public static char Read(ref MessagePackReader reader, IpcReadContext context) => reader.ReadStrictChar();
}

/// <summary>float32; the bits of a NaN are kept.</summary>
public readonly struct SingleCodec : IIpcCodec<float>
{
    /// <inheritdoc/>
    public static void Write(ref MessagePackWriter writer, float value, IpcWriteContext context) => writer.Write(value);

    /// <inheritdoc/>
    public static float Read(ref MessagePackReader reader, IpcReadContext context) => reader.ReadStrictSingle();
}

/// <summary>float64; the bits of a NaN are kept.</summary>
public readonly struct DoubleCodec : IIpcCodec<double>
{
    /// <inheritdoc/>
    public static void Write(ref MessagePackWriter writer, double value, IpcWriteContext context)
        => writer.Write(value);

    /// <inheritdoc/>
    public static double Read(ref MessagePackReader reader, IpcReadContext context) => reader.ReadStrictDouble();
}

/// <summary>An integer of 64 bits; refused if it does not fit the reading process.</summary>
public readonly struct IntPtrCodec : IIpcCodec<nint>
{
    /// <inheritdoc/>
    public static void Write(ref MessagePackWriter writer, nint value, IpcWriteContext context)
        => writer.Write((long)value);

    /// <inheritdoc/>
    public static nint Read(ref MessagePackReader reader, IpcReadContext context)
        => nint.Size == sizeof(int) ? reader.ReadStrictInt32() : (nint)reader.ReadStrictInt64();
}

/// <summary>An unsigned integer of 64 bits; refused if it does not fit the reading process.</summary>
public readonly struct UIntPtrCodec : IIpcCodec<nuint>
{
    /// <inheritdoc/>
    public static void Write(ref MessagePackWriter writer, nuint value, IpcWriteContext context)
        => writer.Write((ulong)value);

    /// <inheritdoc/>
    public static nuint Read(ref MessagePackReader reader, IpcReadContext context)
        => nuint.Size == sizeof(uint) ? reader.ReadStrictUInt32() : (nuint)reader.ReadStrictUInt64();
}
