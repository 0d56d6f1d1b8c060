using System.Buffers.Binary;
using System.Globalization;
using System.Net;
using System.Numerics;
using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using Multiprocess.Serialization;
using Multiprocess.Tool.Contracts;

namespace Multiprocess.Tool.Values;

/// <summary>Reads values of the framework's types as JSON: numbers, texts, times, addresses.</summary>
internal static class FrameworkValueReader
{
    /// <summary>Reads a value of one of the framework's types.</summary>
    /// <param name="reader">The message.</param>
    /// <param name="type">The type.</param>
    /// <param name="value">The value.</param>
    /// <returns>False, with nothing read, if the type is not one of these.</returns>
    /// <exception cref="IpcProtocolException">The bytes are not a value of the type.</exception>
    public static bool TryRead(ref MessagePackReader reader, TypeName type, out JsonNode? value)
    {
        bool isKnown = true;
        value = Read(ref reader, type.Name, ref isKnown);
        return isKnown;
    }

    private static JsonNode? Read(ref MessagePackReader reader, string name, ref bool isKnown)
    {
        if (TypeFamilies.IsText(name))
        {
            return JsonValue.Create(
                name == "Multiprocess.SecretString" ? Masked(ref reader) : reader.ReadStrictString());
        }

        if (TypeFamilies.IsSigned(name))
        {
            return JsonValue.Create(reader.ReadStrictInt64());
        }

        if (TypeFamilies.IsUnsigned(name))
        {
            return JsonValue.Create(reader.ReadStrictUInt64());
        }

        switch (name)
        {
            case "System.Boolean":
                return JsonValue.Create(reader.ReadStrictBoolean());
            case "System.Char":
                return JsonValue.Create(reader.ReadStrictChar().ToString());
            case "System.Single" or "System.Half":
                return Real(reader.ReadStrictSingle(), name == "System.Half");
            case "System.Double":
                return Real(reader.ReadStrictDouble());
            case "System.Decimal":
                return Number(reader.ReadStrictString());
            case "System.Int128":
                return Number(
                    BinaryPrimitives.ReadInt128BigEndian(Exactly(ref reader, 16)).ToString(
                        CultureInfo.InvariantCulture));
            case "System.UInt128":
                return Number(
                    BinaryPrimitives.ReadUInt128BigEndian(Exactly(ref reader, 16)).ToString(
                        CultureInfo.InvariantCulture));
            case "System.Numerics.BigInteger":
                return Number(new BigInteger(reader.ReadStrictBinary()).ToString(CultureInfo.InvariantCulture));
            case "System.Numerics.Complex":
                CheckCount(ref reader, 2);
                return new JsonArray(Real(reader.ReadStrictDouble()), Real(reader.ReadStrictDouble()));
            case "System.DateTime":
                return JsonValue.Create(ReadDateTime(ref reader).ToString("O", CultureInfo.InvariantCulture));
            case "System.DateTimeOffset":
                CheckCount(ref reader, 2);
                DateTime clock = DateTime.SpecifyKind(reader.ReadStrictDateTime(), DateTimeKind.Unspecified);
                return JsonValue.Create(
                    Checked(
                        () => new DateTimeOffset(clock, TimeSpan.Zero).ToString(
                            "yyyy-MM-ddTHH:mm:ss.fffffff",
                            CultureInfo.InvariantCulture)) + Offset(reader.ReadStrictInt32()));
            case "System.DateOnly":
                int day = reader.ReadStrictInt32();
                return JsonValue.Create(
                    Checked(() => DateOnly.FromDayNumber(day).ToString("O", CultureInfo.InvariantCulture)));
            case "System.TimeOnly":
                long time = reader.ReadStrictInt64();
                return JsonValue.Create(Checked(() => new TimeOnly(time).ToString("O", CultureInfo.InvariantCulture)));
            case "System.TimeSpan":
                return JsonValue.Create(
                    new TimeSpan(reader.ReadStrictInt64()).ToString("c", CultureInfo.InvariantCulture));
            case "System.Text.Rune":
                uint scalar = reader.ReadStrictUInt32();
                return JsonValue.Create(Checked(() => new Rune(scalar).ToString()));
            case "System.Index":
                return JsonValue.Create(ReadIndex(ref reader).ToString());
            case "System.Range":
                CheckCount(ref reader, 2);
                return JsonValue.Create($"{ReadIndex(ref reader)}..{ReadIndex(ref reader)}");
            case "System.Net.IPAddress":
                return JsonValue.Create(ReadAddress(ref reader).ToString());
            case "System.Net.IPEndPoint":
                CheckCount(ref reader, 2);
                IPAddress address = ReadAddress(ref reader);
                int port = reader.ReadStrictUInt16();
                return JsonValue.Create(new IPEndPoint(address, port).ToString());
            case "System.Net.IPNetwork":
                CheckCount(ref reader, 2);
                IPAddress first = ReadAddress(ref reader);
                int prefix = reader.ReadStrictByte();
                return JsonValue.Create(Checked(() => new IPNetwork(first, prefix).ToString()));
            case "System.Text.Json.JsonElement" or "System.Text.Json.Nodes.JsonNode":
                return ReadJson(reader.ReadStrictString());
            default:
                isKnown = false;
                return null;
        }
    }

    /// <summary>Reads the header of an array that has a fixed number of elements.</summary>
    public static void CheckCount(ref MessagePackReader reader, int expected)
    {
        int count = reader.ReadStrictArrayHeader();
        if (count != expected)
        {
            throw new IpcProtocolException($"A value: Expected an array of {expected} elements, got {count}.");
        }
    }

    private static string Masked(ref MessagePackReader reader)
    {
        reader.SkipStrict();
        return ValueReader.Mask;
    }

    private static JsonNode? ReadJson(string? text)
    {
        try
        {
            return text is null ? null : JsonNode.Parse(text);
        }
        catch (JsonException exception)
        {
            throw new IpcProtocolException($"Expected JSON: {exception.Message}");
        }
    }

    /// <summary>A number of any size, as JSON writes it.</summary>
    private static JsonNode? Number(string? text)
    {
        try
        {
            return text is null ? null : JsonNode.Parse(text);
        }
        catch (JsonException)
        {
            throw new IpcProtocolException($"'{IpcText.Escape(text, 100)}' is not a number.");
        }
    }

    /// <summary>A real number; a text where JSON has no number for it.</summary>
    public static JsonNode Real(double value)
        => double.IsFinite(value)
            ? JsonValue.Create(value)
            : JsonValue.Create(value.ToString(CultureInfo.InvariantCulture));

    private static JsonNode Real(float value, bool isHalf)
        => !float.IsFinite(value) ? JsonValue.Create(value.ToString(CultureInfo.InvariantCulture))
            : isHalf ? JsonValue.Create((double)(Half)value) : JsonValue.Create(value);

    private static ReadOnlySpan<byte> Exactly(ref MessagePackReader reader, int count)
    {
        ReadOnlySpan<byte> bytes = reader.ReadStrictBinary();
        return bytes.Length == count
            ? bytes
            : throw new IpcProtocolException($"A value: Expected {count} bytes, got {bytes.Length}.");
    }

    private static DateTime ReadDateTime(ref MessagePackReader reader)
    {
        if (reader.PeekStrictType() == MessagePackType.Extension)
        {
            return reader.ReadStrictDateTime();
        }

        CheckCount(ref reader, 1);
        long binary = reader.ReadStrictInt64();
        return Checked(() => DateTime.FromBinary(binary));
    }

    private static string Offset(int minutes)
        => string.Create(
            CultureInfo.InvariantCulture,
            $"{(minutes < 0 ? '-' : '+')}{Math.Abs((long)minutes) / 60:00}:{Math.Abs((long)minutes) % 60:00}");

    private static Index ReadIndex(ref MessagePackReader reader)
    {
        int value = reader.ReadStrictInt32();
        return value < 0 ? new Index(~value, fromEnd: true) : new Index(value);
    }

    private static IPAddress ReadAddress(ref MessagePackReader reader)
    {
        ReadOnlySpan<byte> bytes = reader.ReadStrictBinary();
        return bytes.Length switch
        {
            4 or 16 => new IPAddress(bytes),
            20 => new IPAddress(bytes[..16], BinaryPrimitives.ReadUInt32BigEndian(bytes[16..])),
            _ => throw new IpcProtocolException($"An address: Expected 4, 16 or 20 bytes, got {bytes.Length}."),
        };
    }

    private static T Checked<T>(Func<T> make)
    {
        try
        {
            return make();
        }
        catch (ArgumentException exception)
        {
            throw new IpcProtocolException(exception.Message);
        }
    }
}
