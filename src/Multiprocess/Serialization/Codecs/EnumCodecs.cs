using System.Runtime.CompilerServices;

namespace Multiprocess.Serialization.Codecs;

/// <summary>
/// The integer of the underlying type. A value, or a combination of flags, that this side does not define is refused
/// together with its call.
/// </summary>
public readonly struct EnumCodec<TEnum> : IIpcCodec<TEnum>
    where TEnum : struct, Enum
{
    /// <inheritdoc/>
    public static void Write(ref MessagePackWriter writer, TEnum value, IpcWriteContext context)
        => OpenEnumCodec<TEnum>.Write(ref writer, value, context);

    /// <inheritdoc/>
    public static TEnum Read(ref MessagePackReader reader, IpcReadContext context)
    {
        TEnum value = OpenEnumCodec<TEnum>.Read(ref reader, context);
        if (!DefinedValues<TEnum>.Contains(value))
        {
            throw new IpcException(IpcErrorKind.ArgumentNotDecoded, $"{typeof(TEnum)} has no value {value:D} here.");
        }

        return value;
    }
}

/// <summary>The integer of the underlying type; every value is accepted.</summary>
public readonly struct OpenEnumCodec<TEnum> : IIpcCodec<TEnum>
    where TEnum : struct, Enum
{
    /// <inheritdoc/>
    public static void Write(ref MessagePackWriter writer, TEnum value, IpcWriteContext context)
    {
        switch (Type.GetTypeCode(typeof(TEnum)))
        {
            case TypeCode.SByte:
                writer.Write(Unsafe.BitCast<TEnum, sbyte>(value));
                break;
            case TypeCode.Byte:
                writer.Write(Unsafe.BitCast<TEnum, byte>(value));
                break;
            case TypeCode.Int16:
                writer.Write(Unsafe.BitCast<TEnum, short>(value));
                break;
            case TypeCode.UInt16:
                writer.Write(Unsafe.BitCast<TEnum, ushort>(value));
                break;
            case TypeCode.Int32:
                writer.Write(Unsafe.BitCast<TEnum, int>(value));
                break;
            case TypeCode.UInt32:
                writer.Write(Unsafe.BitCast<TEnum, uint>(value));
                break;
            case TypeCode.Int64:
                writer.Write(Unsafe.BitCast<TEnum, long>(value));
                break;
            case TypeCode.UInt64:
                writer.Write(Unsafe.BitCast<TEnum, ulong>(value));
                break;
            default:
                throw new NotSupportedException(
                    $"{typeof(TEnum)}: Expected an underlying type that C# has, got another one.");
        }
    }

    /// <inheritdoc/>
    public static TEnum Read(ref MessagePackReader reader, IpcReadContext context)
        => Type.GetTypeCode(typeof(TEnum)) switch
        {
            TypeCode.SByte => Unsafe.BitCast<sbyte, TEnum>(reader.ReadStrictSByte()),
            TypeCode.Byte => Unsafe.BitCast<byte, TEnum>(reader.ReadStrictByte()),
            TypeCode.Int16 => Unsafe.BitCast<short, TEnum>(reader.ReadStrictInt16()),
            TypeCode.UInt16 => Unsafe.BitCast<ushort, TEnum>(reader.ReadStrictUInt16()),
            TypeCode.Int32 => Unsafe.BitCast<int, TEnum>(reader.ReadStrictInt32()),
            TypeCode.UInt32 => Unsafe.BitCast<uint, TEnum>(reader.ReadStrictUInt32()),
            TypeCode.Int64 => Unsafe.BitCast<long, TEnum>(reader.ReadStrictInt64()),
            TypeCode.UInt64 => Unsafe.BitCast<ulong, TEnum>(reader.ReadStrictUInt64()),
            _ => throw new NotSupportedException(
                $"{typeof(TEnum)}: Expected an underlying type that C# has, got another one."),
        };
}

/// <summary>The values that an enum defines, computed once per type.</summary>
internal static class DefinedValues<TEnum>
    where TEnum : struct, Enum
{
    private static readonly bool s_isFlags = typeof(TEnum).IsDefined(typeof(FlagsAttribute), inherit: false);
    private static readonly ulong[] s_sorted = Sorted();
    private static readonly ulong s_allBits = AllBits();
    private static readonly bool s_isDense =
        s_sorted.Length > 0 && s_sorted[^1] - s_sorted[0] == (ulong)s_sorted.Length - 1;

    public static bool Contains(TEnum value)
    {
        ulong bits = Bits(value);
        if (s_isFlags)
        {
            return (bits & ~s_allBits) == 0;
        }

        if (s_isDense)
        {
            return bits - s_sorted[0] < (ulong)s_sorted.Length;
        }

        return Array.BinarySearch(s_sorted, bits) >= 0;
    }

    private static ulong[] Sorted() => [.. Enum.GetValues<TEnum>().Select(Bits).Distinct().Order()];

    private static ulong AllBits()
    {
        ulong all = 0;
        foreach (ulong bits in s_sorted)
        {
            all |= bits;
        }

        return all;
    }

    // Zero-extended: negative values become large ones, which is enough to test membership.
    private static ulong Bits(TEnum value) => Unsafe.SizeOf<TEnum>() switch
    {
        1 => Unsafe.BitCast<TEnum, byte>(value),
        2 => Unsafe.BitCast<TEnum, ushort>(value),
        4 => Unsafe.BitCast<TEnum, uint>(value),
        _ => Unsafe.BitCast<TEnum, ulong>(value),
    };
}
