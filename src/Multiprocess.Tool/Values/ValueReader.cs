using System.Buffers.Binary;
using System.Globalization;
using System.Net;
using System.Numerics;
using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using Multiprocess.Messages;
using Multiprocess.Objects;
using Multiprocess.Serialization;
using Multiprocess.Tool.Contracts;

namespace Multiprocess.Tool.Values;

/// <summary>Reads values as JSON, by the types that a description says they have.</summary>
/// <param name="book">The description.</param>
/// <param name="reference">Takes note of a reference that arrived, and gives what stands for it.</param>
internal sealed class ValueReader(ContractBook book, Func<long, TypeName, JsonNode?> reference)
{
    /// <summary>What stands for a value that nobody may be shown.</summary>
    public const string Mask = "***";

    // What a peer sends may nest as deep as the frame is long, and this recurses.
    private const int MaxDepth = 200;

    /// <summary>Reads the value of a place; what is sensitive is read and masked.</summary>
    /// <exception cref="IpcProtocolException">The bytes are not what the type needs.</exception>
    public JsonNode? Read(ref MessagePackReader reader, Place place) => Read(ref reader, place, 0);

    /// <summary>Reads a reference of whatever contract, or nil.</summary>
    public JsonNode? ReadReference(ref MessagePackReader reader) => ReadAny(ref reader, 0, reference);

    /// <summary>Reads a value of whatever form, where nobody said which type it has.</summary>
    public static JsonNode? ReadAny(ref MessagePackReader reader) => ReadAny(ref reader, 0, null);

    private JsonNode? Read(ref MessagePackReader reader, Place place, int depth)
    {
        JsonNode? value = place.IsConverted ? ReadAny(ref reader, depth, reference) : Read(ref reader, place.Type, depth);
        return place.IsSensitive ? JsonValue.Create(Mask) : value;
    }

    private JsonNode? Read(ref MessagePackReader reader, TypeName type, int depth)
    {
        if (depth > MaxDepth)
        {
            throw new IpcProtocolException($"Expected values that nest at most {MaxDepth} levels.");
        }

        if (reader.TryReadStrictNil())
        {
            return null;
        }

        if (type.Rank > 1)
        {
            return ReadGrid(ref reader, type, depth);
        }

        if (TypeFamilies.IsBytes(type))
        {
            return JsonValue.Create(Convert.ToBase64String(reader.ReadStrictBinary()));
        }

        if (TypeFamilies.IsDictionary(type))
        {
            return ReadDictionary(ref reader, type, depth);
        }

        if (TypeFamilies.IsSequence(type))
        {
            return ReadSequence(ref reader, type.Arguments[0], depth);
        }

        if (TypeFamilies.IsTuple(type))
        {
            return ReadItems(ref reader, type.Arguments, depth);
        }

        if (type is { Name: "System.Collections.Generic.KeyValuePair", Arguments.Count: 2 })
        {
            JsonArray pair = ReadItems(ref reader, type.Arguments, depth);
            (JsonNode? key, JsonNode? value) = (pair[0], pair[1]);
            pair.Clear();
            return new JsonObject { ["key"] = key, ["value"] = value };
        }

        if (type is { Name: "System.Nullable", Arguments: [var inner] })
        {
            return Read(ref reader, inner, depth + 1);
        }

        if (book.FindShape(type) is { } shape)
        {
            return ReadShape(ref reader, shape, depth);
        }

        return IsReference(ref reader) ? reference(ReferenceFormat.Read(ref reader), type)
            : type.Name == "System.IO.Stream" ? ReadStream(ref reader, type)
            : ReadOfFramework(ref reader, type, depth);
    }

    private static bool IsReference(ref MessagePackReader reader)
        => reader.PeekStrictType() == MessagePackType.Extension && reader.PeekStrictExtension().TypeCode == ReferenceFormat.ExtensionType;

    private JsonNode? ReadStream(ref MessagePackReader reader, TypeName type)
    {
        CheckCount(ref reader, 2);
        JsonNode? stream = reference(ReferenceFormat.Read(ref reader), type);
        reader.ReadStrictByte();
        return stream;
    }

    private static void CheckCount(ref MessagePackReader reader, int expected)
    {
        int count = reader.ReadStrictArrayHeader();
        if (count != expected)
        {
            throw new IpcProtocolException($"Expected an array of {expected}, got one of {count}.");
        }
    }

    private JsonNode? ReadOfFramework(ref MessagePackReader reader, TypeName type, int depth)
    {
        string name = type.Name;
        if (TypeFamilies.IsText(name))
        {
            return JsonValue.Create(name == "Multiprocess.SecretString" ? Masked(ref reader) : reader.ReadStrictString());
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
                return Number(BinaryPrimitives.ReadInt128BigEndian(Exactly(ref reader, 16)).ToString(CultureInfo.InvariantCulture));
            case "System.UInt128":
                return Number(BinaryPrimitives.ReadUInt128BigEndian(Exactly(ref reader, 16)).ToString(CultureInfo.InvariantCulture));
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
                return JsonValue.Create(Checked(() => new DateTimeOffset(clock, TimeSpan.Zero).ToString("yyyy-MM-ddTHH:mm:ss.fffffff", CultureInfo.InvariantCulture)) + Offset(reader.ReadStrictInt32()));
            case "System.DateOnly":
                int day = reader.ReadStrictInt32();
                return JsonValue.Create(Checked(() => DateOnly.FromDayNumber(day).ToString("O", CultureInfo.InvariantCulture)));
            case "System.TimeOnly":
                long time = reader.ReadStrictInt64();
                return JsonValue.Create(Checked(() => new TimeOnly(time).ToString("O", CultureInfo.InvariantCulture)));
            case "System.TimeSpan":
                return JsonValue.Create(new TimeSpan(reader.ReadStrictInt64()).ToString("c", CultureInfo.InvariantCulture));
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
            case "System.Collections.BitArray":
                return ReadSequence(ref reader, TypeName.Parse("System.Boolean"), depth);
            case "System.Text.Json.JsonElement" or "System.Text.Json.Nodes.JsonNode":
                return ReadJson(reader.ReadStrictString());
            default:
                // An enum of the framework, which no description has, or a type of a later version.
                return ReadAny(ref reader, depth, reference);
        }
    }

    private static string Masked(ref MessagePackReader reader)
    {
        reader.SkipStrict();
        return Mask;
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

    /// <summary>A number of any size as JSON has it.</summary>
    private static JsonNode? Number(string? text)
    {
        try
        {
            return text is null ? null : JsonNode.Parse(text);
        }
        catch (JsonException)
        {
            throw new IpcProtocolException($"'{IpcText.Escape(text, 100)}' is no number.");
        }
    }

    private static JsonNode Real(double value)
        => double.IsFinite(value) ? JsonValue.Create(value) : JsonValue.Create(value.ToString(CultureInfo.InvariantCulture));

    private static JsonNode Real(float value, bool isHalf)
        => !float.IsFinite(value) ? JsonValue.Create(value.ToString(CultureInfo.InvariantCulture))
            : isHalf ? JsonValue.Create((double)(Half)value) : JsonValue.Create(value);

    private static ReadOnlySpan<byte> Exactly(ref MessagePackReader reader, int count)
    {
        ReadOnlySpan<byte> bytes = reader.ReadStrictBinary();
        return bytes.Length == count ? bytes : throw new IpcProtocolException($"Expected {count} bytes, got {bytes.Length}.");
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
        => string.Create(CultureInfo.InvariantCulture, $"{(minutes < 0 ? '-' : '+')}{Math.Abs((long)minutes) / 60:00}:{Math.Abs((long)minutes) % 60:00}");

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
            _ => throw new IpcProtocolException($"Expected an address of 4, 16 or 20 bytes, got {bytes.Length}."),
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

    private JsonArray ReadItems(ref MessagePackReader reader, IReadOnlyList<TypeName> types, int depth)
    {
        // A tuple of eight and more ends in an array of the rest, which its type says too.
        var items = new JsonArray();
        CheckCount(ref reader, types.Count);
        foreach (TypeName type in types)
        {
            items.Add(Read(ref reader, type, depth + 1));
        }

        return items;
    }

    private JsonArray ReadArray(ref MessagePackReader reader, TypeName element, int depth)
    {
        var items = new JsonArray();
        for (int left = reader.ReadStrictArrayHeader(); left > 0; left--)
        {
            items.Add(Read(ref reader, element, depth + 1));
        }

        return items;
    }

    private JsonNode ReadSequence(ref MessagePackReader reader, TypeName element, int depth)
    {
        if (reader.PeekStrictType() != MessagePackType.Map)
        {
            return ReadArray(ref reader, element, depth);
        }

        // A set with a comparer.
        if (reader.ReadStrictMapHeader() != 1)
        {
            throw new IpcProtocolException("Expected a set with one comparer.");
        }

        reader.ReadStrictByte();
        return ReadArray(ref reader, element, depth);
    }

    private JsonNode ReadDictionary(ref MessagePackReader reader, TypeName type, int depth)
    {
        if (reader.PeekStrictType() == MessagePackType.Array)
        {
            CheckCount(ref reader, 2);
            reader.ReadStrictByte();
        }

        bool hasTextKeys = type.Arguments[0] is { Rank: 0, Name: "System.String" };
        var entries = new JsonArray();
        var named = new JsonObject();
        for (int left = reader.ReadStrictMapHeader(); left > 0; left--)
        {
            JsonNode? key = Read(ref reader, type.Arguments[0], depth + 1);
            JsonNode? value = Read(ref reader, type.Arguments[1], depth + 1);
            if (hasTextKeys)
            {
                named[key!.GetValue<string>()] = value;
            }
            else
            {
                entries.Add(new JsonArray(key, value));
            }
        }

        return hasTextKeys ? named : entries;
    }

    private JsonArray ReadGrid(ref MessagePackReader reader, TypeName type, int depth)
    {
        CheckCount(ref reader, type.Rank + 1);
        int[] sizes = new int[type.Rank];
        long count = 1;
        for (int i = 0; i < sizes.Length; i++)
        {
            sizes[i] = reader.ReadStrictInt32();
            count = sizes[i] < 0 ? -1 : Math.Min(count * sizes[i], int.MaxValue);
        }

        JsonArray all = ReadArray(ref reader, type.Arguments[0], depth);
        if (all.Count != count)
        {
            throw new IpcProtocolException($"Expected {count} elements, got {all.Count}.");
        }

        JsonNode?[] elements = [.. all];
        all.Clear();
        int next = 0;
        return Rows(sizes, 0, elements, ref next);
    }

    private static JsonArray Rows(int[] sizes, int dimension, JsonNode?[] elements, ref int next)
    {
        var row = new JsonArray();
        for (int i = 0; i < sizes[dimension] && (dimension == sizes.Length - 1 || elements.Length > 0); i++)
        {
            row.Add(dimension == sizes.Length - 1 ? elements[next++] : Rows(sizes, dimension + 1, elements, ref next));
        }

        return row;
    }

    private JsonNode? ReadShape(ref MessagePackReader reader, Shape shape, int depth)
    {
        switch (shape.Kind)
        {
            case ShapeKind.Enum:
                return JsonValue.Create(EnumNames.Spell(shape, TypeFamilies.IsUnsigned(shape.Underlying!.Name) ? (long)reader.ReadStrictUInt64() : reader.ReadStrictInt64()));
            case ShapeKind.Union:
                return ReadUnion(ref reader, shape, depth);
            case ShapeKind.Converted:
                return ReadAny(ref reader, depth, reference);
            case ShapeKind.Map:
                return ReadMap(ref reader, shape, depth);
            default:
                return ReadRecord(ref reader, shape, depth);
        }
    }

    private JsonObject ReadRecord(ref MessagePackReader reader, Shape shape, int depth)
    {
        var value = new JsonObject();
        int count = reader.ReadStrictArrayHeader();
        for (int i = 0; i < count; i++)
        {
            ShapeMember? member = shape.Kind == ShapeKind.Keyed ? shape.Members.FirstOrDefault(member => member.Key == i) : shape.Members.ElementAtOrDefault(i);
            if (member is null)
            {
                reader.SkipStrict();
            }
            else
            {
                value[member.Name] = Read(ref reader, member.Type!, depth + 1);
            }
        }

        return value;
    }

    private JsonObject ReadMap(ref MessagePackReader reader, Shape shape, int depth)
    {
        var value = new JsonObject();
        for (int left = reader.ReadStrictMapHeader(); left > 0; left--)
        {
            string? key = reader.ReadStrictString();
            if (shape.Members.FirstOrDefault(member => member.Name == key) is { } member)
            {
                value[member.Name] = Read(ref reader, member.Type!, depth + 1);
            }
            else
            {
                reader.SkipStrict();
            }
        }

        return value;
    }

    private JsonObject ReadUnion(ref MessagePackReader reader, Shape shape, int depth)
    {
        CheckCount(ref reader, 2);
        long key = reader.ReadStrictInt64();
        ShapeMember? @case = shape.Members.FirstOrDefault(member => member.Key == key);
        JsonNode? inner = @case is null ? ReadAny(ref reader, depth, reference) : Read(ref reader, @case.Type!, depth + 1);
        var value = new JsonObject { ["$type"] = @case?.Name ?? key.ToString(CultureInfo.InvariantCulture) };
        if (inner is JsonObject members)
        {
            foreach ((string name, JsonNode? member) in members.ToArray())
            {
                members.Remove(name);
                value[name] = member;
            }
        }
        else
        {
            value["value"] = inner;
        }

        return value;
    }

    private static JsonNode? ReadAny(ref MessagePackReader reader, int depth, Func<long, TypeName, JsonNode?>? reference)
    {
        if (depth > MaxDepth)
        {
            throw new IpcProtocolException($"Expected values that nest at most {MaxDepth} levels.");
        }

        switch (reader.PeekStrictType())
        {
            case MessagePackType.Nil:
                reader.ReadStrictNil();
                return null;
            case MessagePackType.Boolean:
                return JsonValue.Create(reader.ReadStrictBoolean());
            case MessagePackType.Integer when reader.NextCode == MessagePackCode.UInt64:
                return JsonValue.Create(reader.ReadStrictUInt64());
            case MessagePackType.Integer:
                return JsonValue.Create(reader.ReadStrictInt64());
            case MessagePackType.Float:
                return Real(reader.ReadStrictDouble());
            case MessagePackType.String:
                return JsonValue.Create(reader.ReadStrictString());
            case MessagePackType.Binary:
                return new JsonObject { ["$bytes"] = Convert.ToBase64String(reader.ReadStrictBinary()) };
            case MessagePackType.Array:
                var items = new JsonArray();
                for (int left = reader.ReadStrictArrayHeader(); left > 0; left--)
                {
                    items.Add(ReadAny(ref reader, depth + 1, reference));
                }

                return items;
            case MessagePackType.Map:
                var entries = new JsonArray();
                for (int left = reader.ReadStrictMapHeader(); left > 0; left--)
                {
                    JsonNode? key = ReadAny(ref reader, depth + 1, reference);
                    entries.Add(new JsonArray(key, ReadAny(ref reader, depth + 1, reference)));
                }

                return entries.All(entry => entry![0] is JsonValue value && value.GetValueKind() == JsonValueKind.String)
                    && entries.DistinctBy(entry => entry![0]!.GetValue<string>()).Count() == entries.Count
                    ? new JsonObject(entries.Select(entry => KeyValuePair.Create(entry![0]!.GetValue<string>(), entry[1]?.DeepClone())))
                    : entries;
            case MessagePackType.Extension when reader.PeekStrictExtension().TypeCode == ReferenceFormat.ExtensionType:
                long handle = ReferenceFormat.Read(ref reader);
                return reference is null ? new JsonObject { ["$ref"] = handle } : reference(handle, TypeName.Void);
            default:
                ExtensionHeader header = reader.ReadStrictExtensionHeader();
                return new JsonObject { ["$extension"] = header.TypeCode, ["$bytes"] = Convert.ToBase64String(reader.ReadStrictRaw((int)header.Length)) };
        }
    }
}
