using System.Buffers.Binary;
using System.Globalization;
using System.Numerics;

namespace Multiprocess.Serialization.Codecs;

/// <summary>
/// float32, which can hold every half. When read, a value between two halves is rounded; a value beyond their range
/// is refused.
/// </summary>
public readonly struct HalfCodec : IIpcCodec<Half>
{
    /// <inheritdoc/>
    public static void Write(ref MessagePackWriter writer, Half value, IpcWriteContext context)
        => writer.Write((float)value);

    /// <inheritdoc/>
    public static Half Read(ref MessagePackReader reader, IpcReadContext context)
    {
        float value = reader.ReadStrictSingle();
        var half = (Half)value;
        if (Half.IsInfinity(half) && !float.IsInfinity(value))
        {
            MessagePackErrors.ThrowMalformed(
                nameof(Half), $"{value.ToString(CultureInfo.InvariantCulture)} is out of range");
        }

        return half;
    }
}

/// <summary>The number as invariant text, including trailing zeros: "1.50".</summary>
public readonly struct DecimalCodec : IIpcCodec<decimal>
{
    // A sign, 29 digits and a point. Longer text could have more decimal places than a decimal holds, and would be
    // rounded silently.
    private const int MaxBytes = 31;

    /// <inheritdoc/>
    public static void Write(ref MessagePackWriter writer, decimal value, IpcWriteContext context)
    {
        Span<byte> text = stackalloc byte[MaxBytes];
        text[0] = (byte)'-';

        // Zero is formatted without its sign.
        int sign = value == 0 && decimal.IsNegative(value) ? 1 : 0;
        value.TryFormat(text[sign..], out int length, default, CultureInfo.InvariantCulture);
        writer.WriteUtf8(text[..(sign + length)]);
    }

    /// <inheritdoc/>
    public static decimal Read(ref MessagePackReader reader, IpcReadContext context)
    {
        ReadOnlySpan<byte> text = reader.ReadStrictStringSpan();
        if (text.Length > MaxBytes
            || !decimal.TryParse(
                text,
                NumberStyles.AllowLeadingSign | NumberStyles.AllowDecimalPoint,
                CultureInfo.InvariantCulture,
                out decimal value))
        {
            MessagePackErrors.ThrowMalformed("decimal", "the text is no number, or one out of range");
            return 0;
        }

        return value;
    }
}

/// <summary>16 bytes, big-endian, in two's complement.</summary>
public readonly struct Int128Codec : IIpcCodec<Int128>
{
    /// <inheritdoc/>
    public static void Write(ref MessagePackWriter writer, Int128 value, IpcWriteContext context)
        => UInt128Codec.Write(ref writer, (UInt128)value, context);

    /// <inheritdoc/>
    public static Int128 Read(ref MessagePackReader reader, IpcReadContext context)
        => (Int128)UInt128Codec.Read(ref reader, context);
}

/// <summary>16 bytes, big-endian.</summary>
public readonly struct UInt128Codec : IIpcCodec<UInt128>
{
    /// <inheritdoc/>
    public static void Write(ref MessagePackWriter writer, UInt128 value, IpcWriteContext context)
    {
        Span<byte> bytes = stackalloc byte[16];
        BinaryPrimitives.WriteUInt128BigEndian(bytes, value);
        writer.WriteBinary(bytes);
    }

    /// <inheritdoc/>
    public static UInt128 Read(ref MessagePackReader reader, IpcReadContext context)
    {
        ReadOnlySpan<byte> bytes = reader.ReadStrictBinary();
        if (bytes.Length != 16)
        {
            MessagePackErrors.ThrowMalformed("integer of 128 bits", $"{bytes.Length} bytes instead of 16");
        }

        return BinaryPrimitives.ReadUInt128BigEndian(bytes);
    }
}

/// <summary>
/// Bytes, little-endian, in two's complement; at most 64 KiB, because the time of operations on longer numbers grows
/// faster than their length.
/// </summary>
public readonly struct BigIntegerCodec : IIpcCodec<BigInteger>
{
    /// <summary>The longest number accepted, in bytes.</summary>
    public const int MaxBytes = 64 * 1024;

    /// <inheritdoc/>
    public static void Write(ref MessagePackWriter writer, BigInteger value, IpcWriteContext context)
    {
        int length = value.GetByteCount();
        if (length > MaxBytes)
        {
            throw new IpcException(
                IpcErrorKind.ArgumentNotEncoded,
                $"BigInteger of {length:N0} bytes exceeds the limit of {MaxBytes:N0}.") { At = -1 };
        }

        writer.WriteBinHeader(length);
        value.TryWriteBytes(writer.GetSpan(length), out int written);
        writer.Advance(written);
    }

    /// <inheritdoc/>
    public static BigInteger Read(ref MessagePackReader reader, IpcReadContext context)
    {
        ReadOnlySpan<byte> bytes = reader.ReadStrictBinary();
        if (bytes.Length > MaxBytes)
        {
            throw new IpcProtocolException(
                $"BigInteger of {bytes.Length:N0} bytes exceeds the limit of {MaxBytes:N0}.") { At = -1 };
        }

        return new BigInteger(bytes);
    }
}

/// <summary>[real, imaginary], both float64.</summary>
public readonly struct ComplexCodec : IIpcCodec<Complex>
{
    /// <inheritdoc/>
    public static void Write(ref MessagePackWriter writer, Complex value, IpcWriteContext context)
    {
        writer.WriteArrayHeader(2);
        writer.Write(value.Real);
        writer.Write(value.Imaginary);
    }

    /// <inheritdoc/>
    public static Complex Read(ref MessagePackReader reader, IpcReadContext context)
    {
        Elements.ReadFixedHeader(ref reader, nameof(Complex), 2);
        double real = reader.ReadStrictDouble();
        return new Complex(real, reader.ReadStrictDouble());
    }
}
