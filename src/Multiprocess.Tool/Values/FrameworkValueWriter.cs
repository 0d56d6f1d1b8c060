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

/// <summary>Writes JSON as values of the framework's types: numbers, texts, times, addresses.</summary>
internal static class FrameworkValueWriter
{
    /// <summary>Writes a value of one of the framework's types, in quotes or without.</summary>
    /// <param name="writer">The message.</param>
    /// <param name="value">The value.</param>
    /// <param name="type">The type of its place.</param>
    /// <param name="what">How an error names the place.</param>
    /// <returns>False, with nothing written, if the type is not one of these.</returns>
    public static bool TryWrite(ref MessagePackWriter writer, JsonNode value, TypeName type, string what)
    {
        string name = type.Name;
        if (TypeFamilies.IsText(name))
        {
            writer.WriteStrict(TextOf(name, value.GetValue<string>()));
            return true;
        }

        if (TypeFamilies.IsSigned(name) || TypeFamilies.IsUnsigned(name))
        {
            WriteInteger(ref writer, name, Number(value));
            return true;
        }

        switch (name)
        {
            case "System.Boolean":
                writer.Write(
                    value.GetValueKind() == JsonValueKind.String
                        ? bool.Parse(value.GetValue<string>())
                        : value.GetValue<bool>());
                break;
            case "System.Char":
                writer.Write(
                    value.GetValue<string>() is [var character]
                        ? (ushort)character
                        : throw ValueWriter.Unfit(what, type, value));
                break;
            case "System.Single" or "System.Half":
                float single = float.Parse(Number(value), NumberStyles.Float, CultureInfo.InvariantCulture);
                writer.Write(name == "System.Half" ? (float)(Half)single : single);
                break;
            case "System.Double":
                writer.Write(double.Parse(Number(value), NumberStyles.Float, CultureInfo.InvariantCulture));
                break;
            case "System.Decimal":
                writer.WriteStrict(
                    decimal.Parse(
                        Number(value),
                        NumberStyles.Float,
                        CultureInfo.InvariantCulture).ToString(CultureInfo.InvariantCulture));
                break;
            case "System.Int128":
                Span<byte> signed = stackalloc byte[16];
                BinaryPrimitives.WriteInt128BigEndian(
                    signed, Int128.Parse(Number(value), CultureInfo.InvariantCulture));
                writer.WriteBinary(signed);
                break;
            case "System.UInt128":
                Span<byte> unsigned = stackalloc byte[16];
                BinaryPrimitives.WriteUInt128BigEndian(
                    unsigned, UInt128.Parse(Number(value), CultureInfo.InvariantCulture));
                writer.WriteBinary(unsigned);
                break;
            case "System.Numerics.BigInteger":
                writer.WriteBinary(BigInteger.Parse(Number(value), CultureInfo.InvariantCulture).ToByteArray());
                break;
            case "System.Numerics.Complex":
                writer.WriteArrayHeader(2);
                writer.Write(
                    double.Parse(Number(value.AsArray()[0]!), NumberStyles.Float, CultureInfo.InvariantCulture));
                writer.Write(
                    double.Parse(Number(value.AsArray()[1]!), NumberStyles.Float, CultureInfo.InvariantCulture));
                break;
            case "System.DateTime":
                WriteDateTime(
                    ref writer,
                    DateTime.Parse(
                        value.GetValue<string>(), CultureInfo.InvariantCulture, DateTimeStyles.RoundtripKind));
                break;
            case "System.DateTimeOffset":
                DateTimeOffset moment = DateTimeOffset.Parse(
                    value.GetValue<string>(), CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal);
                writer.WriteArrayHeader(2);
                writer.Write(DateTime.SpecifyKind(moment.DateTime, DateTimeKind.Utc));
                writer.Write((int)moment.Offset.TotalMinutes);
                break;
            case "System.DateOnly":
                writer.Write(DateOnly.Parse(value.GetValue<string>(), CultureInfo.InvariantCulture).DayNumber);
                break;
            case "System.TimeOnly":
                writer.Write(TimeOnly.Parse(value.GetValue<string>(), CultureInfo.InvariantCulture).Ticks);
                break;
            case "System.TimeSpan":
                writer.Write(TimeSpan.Parse(value.GetValue<string>(), CultureInfo.InvariantCulture).Ticks);
                break;
            case "System.Text.Rune":
                string text = value.GetValue<string>();
                Rune rune = Rune.GetRuneAt(text, 0);
                writer.Write(
                    rune.Utf16SequenceLength == text.Length
                        ? (uint)rune.Value
                        : throw ValueWriter.Unfit(what, type, value));
                break;
            case "System.Index":
                WriteIndex(ref writer, Number(value));
                break;
            case "System.Range":
                string[] ends = value.GetValue<string>().Split("..");
                if (ends.Length != 2)
                {
                    throw ValueWriter.Unfit(what, type, value);
                }

                writer.WriteArrayHeader(2);
                WriteIndex(ref writer, ends[0].Length == 0 ? "0" : ends[0]);
                WriteIndex(ref writer, ends[1].Length == 0 ? "^0" : ends[1]);
                break;
            case "System.Net.IPAddress":
                WriteAddress(ref writer, IPAddress.Parse(value.GetValue<string>()));
                break;
            case "System.Net.IPEndPoint":
                IPEndPoint end = IPEndPoint.Parse(value.GetValue<string>());
                writer.WriteArrayHeader(2);
                WriteAddress(ref writer, end.Address);
                writer.Write(end.Port);
                break;
            case "System.Net.IPNetwork":
                IPNetwork network = IPNetwork.Parse(value.GetValue<string>());
                writer.WriteArrayHeader(2);
                WriteAddress(ref writer, network.BaseAddress);
                writer.Write(network.PrefixLength);
                break;
            case "System.Text.Json.JsonElement" or "System.Text.Json.Nodes.JsonNode":
                writer.WriteStrict(value.ToJsonString());
                break;
            default:
                return false;
        }

        return true;
    }

    /// <summary>Converts the text to the form on the wire; throws if it is not a text of the type.</summary>
    private static string TextOf(string type, string text) => type switch
    {
        "System.Guid" => Guid.Parse(text).ToString(),
        "System.Version" => Version.Parse(text).ToString(),
        _ => text,
    };

    /// <summary>A number as it was typed, in quotes or without.</summary>
    public static string Number(JsonNode value)
        => value.GetValueKind() == JsonValueKind.String
            ? value.GetValue<string>().Trim()
            : value.AsValue().ToJsonString();

    /// <summary>Writes an integer, checked against the range of its type.</summary>
    public static void WriteInteger(ref MessagePackWriter writer, string type, string number)
    {
        // Each is checked against its own range: the callee would end the connection.
        switch (type)
        {
            case "System.SByte":
                writer.Write(sbyte.Parse(number, CultureInfo.InvariantCulture));
                break;
            case "System.Int16":
                writer.Write(short.Parse(number, CultureInfo.InvariantCulture));
                break;
            case "System.Int32":
                writer.Write(int.Parse(number, CultureInfo.InvariantCulture));
                break;
            case "System.Int64" or "System.IntPtr" or "nint":
                writer.Write(long.Parse(number, CultureInfo.InvariantCulture));
                break;
            case "System.Byte":
                writer.Write(byte.Parse(number, CultureInfo.InvariantCulture));
                break;
            case "System.UInt16":
                writer.Write(ushort.Parse(number, CultureInfo.InvariantCulture));
                break;
            case "System.UInt32":
                writer.Write(uint.Parse(number, CultureInfo.InvariantCulture));
                break;
            default:
                writer.Write(ulong.Parse(number, CultureInfo.InvariantCulture));
                break;
        }
    }

    private static void WriteDateTime(ref MessagePackWriter writer, DateTime value)
    {
        if (value.Kind == DateTimeKind.Utc)
        {
            writer.Write(value);
        }
        else
        {
            writer.WriteArrayHeader(1);
            writer.Write(value.ToBinary());
        }
    }

    private static void WriteIndex(ref MessagePackWriter writer, string text)
    {
        bool isFromEnd = text.StartsWith('^');
        int value = int.Parse(isFromEnd ? text[1..] : text, NumberStyles.None, CultureInfo.InvariantCulture);
        writer.Write(isFromEnd ? ~value : value);
    }

    private static void WriteAddress(ref MessagePackWriter writer, IPAddress address)
    {
        byte[] bytes = address.GetAddressBytes();
        if (bytes.Length == 16 && address.ScopeId != 0)
        {
            byte[] scope = new byte[4];
            BinaryPrimitives.WriteUInt32BigEndian(scope, (uint)address.ScopeId);
            bytes = [.. bytes, .. scope];
        }

        writer.WriteBinary(bytes);
    }
}
