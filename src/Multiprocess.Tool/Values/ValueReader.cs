using System.Globalization;
using System.Text.Json.Nodes;
using Multiprocess.Messages;
using Multiprocess.Serialization;
using Multiprocess.Tool.Contracts;

namespace Multiprocess.Tool.Values;

/// <summary>Reads values as JSON, by the types in a description.</summary>
/// <param name="book">The description.</param>
/// <param name="reference">Called for each reference; returns its JSON form.</param>
internal sealed class ValueReader(ContractBook book, Func<long, TypeName, JsonNode?> reference)
{
    /// <summary>Stands for a value that must not be shown.</summary>
    public const string Mask = "***";

    /// <summary>
    /// Most levels of values. Reading is recursive, and a peer may nest values as deep as a frame is long.
    /// </summary>
    public const int MaxDepth = 200;

    /// <summary>Reads the value of a place. A sensitive value is read and masked.</summary>
    /// <exception cref="IpcProtocolException">The bytes are not a value of the type.</exception>
    public JsonNode? Read(ref MessagePackReader reader, Place place) => Read(ref reader, place, 0);

    /// <summary>Reads a reference to an object of any contract, or nil.</summary>
    public JsonNode? ReadReference(ref MessagePackReader reader) => UntypedValueReader.Read(ref reader, 0, reference);

    /// <summary>Reads a value of any form, when its type is not known.</summary>
    public static JsonNode? ReadAny(ref MessagePackReader reader) => UntypedValueReader.Read(ref reader, 0, null);

    private JsonNode? Read(ref MessagePackReader reader, Place place, int depth)
    {
        JsonNode? value = place.IsConverted
            ? UntypedValueReader.Read(ref reader, depth, reference)
            : Read(ref reader, place.Type, depth);
        return place.IsSensitive ? JsonValue.Create(Mask) : value;
    }

    private JsonNode? Read(ref MessagePackReader reader, TypeName type, int depth)
    {
        if (depth > MaxDepth)
        {
            throw new IpcProtocolException($"A value: Expected at most {MaxDepth} levels, got more.");
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
            (JsonNode? key, JsonNode? item) = (pair[0], pair[1]);
            pair.Clear();
            return new JsonObject { ["key"] = key, ["value"] = item };
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
            : type.Name == "System.Collections.BitArray" ? ReadSequence(
                ref reader, TypeName.Parse("System.Boolean"), depth)
            : FrameworkValueReader.TryRead(ref reader, type, out JsonNode? value) ? value

            // An enum of the framework, which descriptions do not have, or a type of a later version.
            : UntypedValueReader.Read(ref reader, depth, reference);
    }

    private static bool IsReference(ref MessagePackReader reader)
        => reader.PeekStrictType() == MessagePackType.Extension
            && reader.PeekStrictExtension().TypeCode == ReferenceFormat.ExtensionType;

    private JsonNode? ReadStream(ref MessagePackReader reader, TypeName type)
    {
        FrameworkValueReader.CheckCount(ref reader, 2);
        JsonNode? stream = reference(ReferenceFormat.Read(ref reader), type);
        reader.ReadStrictByte();
        return stream;
    }

    private JsonArray ReadItems(ref MessagePackReader reader, IReadOnlyList<TypeName> types, int depth)
    {
        // A tuple of eight or more elements ends in an array of the rest, as its type does.
        var items = new JsonArray();
        FrameworkValueReader.CheckCount(ref reader, types.Count);
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
            throw new IpcProtocolException("A set: Expected one comparer, got another number.");
        }

        reader.ReadStrictByte();
        return ReadArray(ref reader, element, depth);
    }

    private JsonNode ReadDictionary(ref MessagePackReader reader, TypeName type, int depth)
    {
        if (reader.PeekStrictType() == MessagePackType.Array)
        {
            FrameworkValueReader.CheckCount(ref reader, 2);
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
        FrameworkValueReader.CheckCount(ref reader, type.Rank + 1);
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
            throw new IpcProtocolException($"A value: Expected {count} elements, got {all.Count}.");
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
                return JsonValue.Create(
                    EnumNames.Spell(
                        shape,
                        TypeFamilies.IsUnsigned(shape.Underlying!.Name)
                            ? (long)reader.ReadStrictUInt64()
                            : reader.ReadStrictInt64()));
            case ShapeKind.Union:
                return ReadUnion(ref reader, shape, depth);
            case ShapeKind.Converted:
                return UntypedValueReader.Read(ref reader, depth, reference);
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
            ShapeMember? member = shape.Kind == ShapeKind.Keyed
                ? shape.Members.FirstOrDefault(member => member.Key == i)
                : shape.Members.ElementAtOrDefault(i);
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
        FrameworkValueReader.CheckCount(ref reader, 2);
        long key = reader.ReadStrictInt64();
        ShapeMember? @case = shape.Members.FirstOrDefault(member => member.Key == key);
        JsonNode? inner = @case is null
            ? UntypedValueReader.Read(ref reader, depth, reference)
            : Read(ref reader, @case.Type!, depth + 1);
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
}
