using Multiprocess.Serialization;
using Multiprocess.Serialization.Codecs;

namespace Multiprocess.Tests.Serialization;

internal delegate void WriteValue(ref MessagePackWriter writer);

internal delegate object? ReadValue(ref MessagePackReader reader);

/// <summary>One value, its bytes, and how each side is asked for them.</summary>
internal sealed record FormatRow(string Name, string Hex, object? Value, WriteValue Write, ReadValue Read)
{
    public override string ToString() => Name;
}

internal static class FormatTable
{
    private static readonly ReadValue s_int32 = static (ref r) => r.ReadStrictInt32();
    private static readonly ReadValue s_int64 = static (ref r) => r.ReadStrictInt64();
    private static readonly ReadValue s_uint64 = static (ref r) => r.ReadStrictUInt64();

    public static IReadOnlyList<FormatRow> Rows { get; } =
    [
        new("nil", "c0", null, static (ref w) => w.WriteNil(), static (ref r) => Nil(ref r)),
        new("false", "c2", false, static (ref w) => w.Write(false), static (ref r) => r.ReadStrictBoolean()),
        new("true", "c3", true, static (ref w) => w.Write(true), static (ref r) => r.ReadStrictBoolean()),
        Int(0, "00"), Int(1, "01"), Int(127, "7f"), Int(128, "cc80"), Int(255, "ccff"), Int(256, "cd0100"),
        Int(65535, "cdffff"), Int(65536, "ce00010000"), Int(int.MaxValue, "ce7fffffff"),
        Int(-1, "ff"), Int(-32, "e0"), Int(-33, "d0df"), Int(-128, "d080"), Int(-129, "d1ff7f"), Int(-32768, "d18000"),
        Int(-32769, "d2ffff7fff"), Int(int.MinValue, "d280000000"),
        Long(5, "05"), Long(200, "ccc8"), Long(uint.MaxValue, "ceffffffff"), Long(4294967296, "cf0000000100000000"),
        Long(long.MaxValue, "cf7fffffffffffffff"), Long(-1, "ff"), Long(-2147483649, "d3ffffffff7fffffff"),
        Long(long.MinValue, "d38000000000000000"),
        ULong(127, "7f"), ULong(128, "cc80"), ULong(ulong.MaxValue, "cfffffffffffffffff"),
        new("byte 127", "7f", (byte)127, static (ref w) => w.Write((byte)127), static (ref r) => r.ReadStrictByte()),
        new("byte 255", "ccff", (byte)255, static (ref w) => w.Write((byte)255), static (ref r) => r.ReadStrictByte()),
        new(
            "sbyte -128",
            "d080",
            (sbyte)-128,
            static (ref w) => w.Write((sbyte)-128),
            static (ref r) => r.ReadStrictSByte()),
        new(
            "sbyte 127",
            "7f",
            (sbyte)127,
            static (ref w) => w.Write((sbyte)127),
            static (ref r) => r.ReadStrictSByte()),
        new(
            "short -32768",
            "d18000",
            short.MinValue,
            static (ref w) => w.Write(short.MinValue),
            static (ref r) => r.ReadStrictInt16()),
        new(
            "short 32767",
            "cd7fff",
            short.MaxValue,
            static (ref w) => w.Write(short.MaxValue),
            static (ref r) => r.ReadStrictInt16()),
        new(
            "ushort 65535",
            "cdffff",
            ushort.MaxValue,
            static (ref w) => w.Write(ushort.MaxValue),
            static (ref r) => r.ReadStrictUInt16()),
        new(
            "uint 4294967295",
            "ceffffffff",
            uint.MaxValue,
            static (ref w) => w.Write(uint.MaxValue),
            static (ref r) => r.ReadStrictUInt32()),
        new("char A", "41", 'A', static (ref w) => w.Write('A'), static (ref r) => r.ReadStrictChar()),
        new("char ffff", "cdffff", '\uffff', static (ref w) => w.Write('\uffff'), static (ref r) => r.ReadStrictChar()),
        new("fixed uint8", "cc01", 1, static (ref w) => w.WriteUInt8(1), s_int32),
        new("fixed int8", "d001", 1, static (ref w) => w.WriteInt8(1), s_int32),
        new("fixed uint16", "cd0001", 1, static (ref w) => w.WriteUInt16(1), s_int32),
        new("fixed int16", "d10001", 1, static (ref w) => w.WriteInt16(1), s_int32),
        new("fixed uint32", "ce00000001", 1, static (ref w) => w.WriteUInt32(1), s_int32),
        new("fixed int32", "d200000001", 1, static (ref w) => w.WriteInt32(1), s_int32),
        new("fixed uint64", "cf0000000000000001", 1, static (ref w) => w.WriteUInt64(1), s_int32),
        new("fixed int64", "d30000000000000001", 1, static (ref w) => w.WriteInt64(1), s_int32),
        new("float 1.5", "ca3fc00000", 1.5f, static (ref w) => w.Write(1.5f), static (ref r) => r.ReadStrictSingle()),
        new("float -0", "ca80000000", -0f, static (ref w) => w.Write(-0f), static (ref r) => r.ReadStrictSingle()),
        new(
            "double 1.5",
            "cb3ff8000000000000",
            1.5,
            static (ref w) => w.Write(1.5),
            static (ref r) => r.ReadStrictDouble()),
        new(
            "double max",
            "cb7fefffffffffffff",
            double.MaxValue,
            static (ref w) => w.Write(double.MaxValue),
            static (ref r) => r.ReadStrictDouble()),
        .. new[] { 0, 1, 31 }.Select(n => Text(new string('x', n), $"{0xa0 + n:x2}")),
        Text(new string('x', 32), "d920"), Text(new string('x', 255), "d9ff"), Text(new string('x', 256), "da0100"),
        Text(new string('x', 65535), "daffff"), Text(new string('x', 65536), "db00010000"),
        Text("é", "a2"), Text(new string('é', 16), "d920"), Text(new string('€', 10), "be"),
        Text(new string('€', 11), "d921"),
        Text(new string('€', 85), "d9ff"), Text(new string('€', 86), "da0102"), Text("😀", "a4"),
        Text(new string('€', 30000), "db00015f90"),
        Bytes(0, "c400"), Bytes(1, "c401"), Bytes(255, "c4ff"), Bytes(256, "c50100"), Bytes(65535, "c5ffff"),
        Bytes(65536, "c600010000"),
        Array(0, "90"), Array(15, "9f"), Array(16, "dc0010"), Array(65535, "dcffff"), Array(65536, "dd00010000"),
        Map(0, "80"), Map(15, "8f"), Map(16, "de0010"), Map(65535, "deffff"), Map(65536, "df00010000"),
        Extension(1, "d405"), Extension(2, "d505"), Extension(4, "d605"), Extension(8, "d705"), Extension(16, "d805"),
        Extension(0, "c70005"), Extension(3, "c70305"), Extension(255, "c7ff05"), Extension(256, "c8010005"),
        Extension(65536, "c90001000005"),
        Time("1970-01-01T00:00:00Z", "d6ff00000000"), Time("2106-02-07T06:28:15Z", "d6ffffffffff"),
        Time("2106-02-07T06:28:16Z", "d7ff0000000100000000"),
        Time("1970-01-01T00:00:00.0000001Z", "d7ff0000019000000000"),
        Time("2514-05-30T01:53:04Z", "c70cff000000000000000400000000"),
        Time("1969-12-31T23:59:59Z", "c70cff00000000ffffffffffffffff"),
        Time("0001-01-01T00:00:00Z", "c70cff00000000fffffff1886e0900"),
    ];

    private static object? Nil(ref MessagePackReader reader)
    {
        reader.ReadStrictNil();
        return null;
    }

    private static FormatRow Int(int value, string hex)
        => new($"int {value}", hex, value, (ref w) => w.Write(value), s_int32);

    private static FormatRow Long(long value, string hex)
        => new($"long {value}", hex, value, (ref w) => w.Write(value), s_int64);

    private static FormatRow ULong(ulong value, string hex)
        => new($"ulong {value}", hex, value, (ref w) => w.Write(value), s_uint64);

    private static FormatRow Text(string value, string header)
        => new(
            $"text of {value.Length} characters, {header}",
            header + Convert.ToHexString(System.Text.Encoding.UTF8.GetBytes(value)).ToLowerInvariant(),
            value,
            (ref w) => w.WriteStrict(value),
            static (ref r) => r.ReadStrictString());

    private static FormatRow Bytes(int length, string header)
    {
        byte[] value = Enumerable.Range(0, length).Select(i => (byte)i).ToArray();
        return new(
            $"{length} bytes",
            header + Convert.ToHexString(value).ToLowerInvariant(),
            value,
            (ref w) => w.WriteBinary(value),
            static (ref r) => r.ReadStrictBinary().ToArray());
    }

    private static FormatRow Array(int count, string header) => new(
        $"array of {count}",
        header + string.Concat(Enumerable.Repeat("c0", count)),
        count,
        (ref w) =>
        {
            w.WriteArrayHeader(count);
            for (int i = 0; i < count; i++)
            {
                w.WriteNil();
            }
        },
        static (ref r) =>
        {
            int found = r.ReadStrictArrayHeader();
            for (int i = 0; i < found; i++)
            {
                r.ReadStrictNil();
            }

            return found;
        });

    private static FormatRow Map(int count, string header) => new(
        $"map of {count}",
        header + string.Concat(Enumerable.Repeat("01c2", count)),
        count,
        (ref w) =>
        {
            w.WriteMapHeader(count);
            for (int i = 0; i < count; i++)
            {
                w.Write(1);
                w.Write(false);
            }
        },
        static (ref r) =>
        {
            int found = r.ReadStrictMapHeader();
            for (int i = 0; i < found; i++)
            {
                r.ReadStrictInt32();
                r.ReadStrictBoolean();
            }

            return found;
        });

    private static FormatRow Extension(int length, string header)
    {
        byte[] data = new byte[length];
        return new(
            $"extension of {length} bytes",
            header + Convert.ToHexString(data),
            data,
            (ref w) => w.WriteExtensionFormat(new ExtensionResult(5, data)),
            static (ref r) => r.ReadStrictExtensionHeader() is { TypeCode: 5 } found ? r.ReadStrictRaw(found.Length)
                .ToArray() : "another type");
    }

    private static FormatRow Time(string text, string hex)
    {
        DateTime value = DateTimeOffset.Parse(text, System.Globalization.CultureInfo.InvariantCulture).UtcDateTime;
        return new($"time {text}", hex, value, (ref w) => w.Write(value), static (ref r) => r.ReadStrictDateTime());
    }
}
