using System.Globalization;
using System.Text.Json;
using System.Text.Json.Nodes;
using Multiprocess.Messages;
using Multiprocess.Serialization;
using Multiprocess.Tool.Contracts;

namespace Multiprocess.Tool.Values;

/// <summary>Writes JSON as the values that a method takes by its description, in the forms of the wire.</summary>
/// <param name="book">The description.</param>
/// <param name="reference">
/// Returns the handle for a value that is passed by reference, as on the wire: positive for an object of this side.
/// </param>
internal sealed class ValueWriter(ContractBook book, Func<JsonNode, TypeName, long> reference)
{
    /// <summary>Most levels of values. Writing is recursive, and typed values may nest to any depth.</summary>
    public const int MaxDepth = 200;

    /// <summary>Writes the value of a place.</summary>
    /// <param name="writer">The message.</param>
    /// <param name="value">The value.</param>
    /// <param name="place">The place of the value.</param>
    /// <param name="what">How an error names the place.</param>
    /// <exception cref="InputException">The value does not fit; nothing may be sent.</exception>
    public void Write(ref MessagePackWriter writer, JsonNode? value, Place place, string what)
    {
        try
        {
            Write(ref writer, value, place, what, 0);
        }
        catch (Exception exception) when (exception is FormatException
            or OverflowException
            or ArgumentException
            or InvalidOperationException
            or JsonException)
        {
            throw Unfit(what, place.Type, value, exception);
        }
    }

    /// <summary>Creates the error for a value that does not fit its place.</summary>
    public static InputException Unfit(string what, TypeName type, JsonNode? value, Exception? inner = null)
        => new($"{what}: Expected {type}, got {IpcText.Escape(value?.ToJsonString() ?? "null", 200)}.", inner);

    private void Write(ref MessagePackWriter writer, JsonNode? value, Place place, string what, int depth)
    {
        try
        {
            if (place.IsConverted)
            {
                UntypedValueWriter.Write(ref writer, value, depth);
            }
            else
            {
                Write(ref writer, value, place.Type, what, depth);
            }
        }
        catch (Exception exception) when (place.IsSensitive
            && exception is (InputException
                or FormatException
                or OverflowException
                or ArgumentException
                or InvalidOperationException
                or JsonException))
        {
            // The typed text may be the secret itself, in a wrong form.
            throw new InputException($"{what}: Expected {place.Type}, got a value that does not fit.");
        }
    }

    private void Write(ref MessagePackWriter writer, JsonNode? value, TypeName type, string what, int depth)
    {
        if (depth > MaxDepth)
        {
            throw new InputException($"{what}: Expected at most {MaxDepth} levels, got more.");
        }

        if (type is { Name: "System.Nullable", Arguments: [var inner] })
        {
            type = inner with { IsNullable = true };
        }

        if (value is null)
        {
            if (!type.IsNullable)
            {
                throw Unfit(what, type, value);
            }

            writer.WriteNil();
        }
        else if (type.Rank > 1)
        {
            WriteGrid(ref writer, value, type, what, depth);
        }
        else if (TypeFamilies.IsBytes(type))
        {
            writer.WriteBinary(Convert.FromBase64String(value.GetValue<string>()));
        }
        else if (TypeFamilies.IsDictionary(type))
        {
            WriteDictionary(ref writer, value, type, what, depth);
        }
        else if (TypeFamilies.IsSequence(type))
        {
            WriteSequence(ref writer, value.AsArray(), type.Arguments[0], what, depth);
        }
        else if (TypeFamilies.IsTuple(type))
        {
            WriteItems(ref writer, value.AsArray(), type, what, depth);
        }
        else if (type is { Name: "System.Collections.Generic.KeyValuePair", Arguments.Count: 2 })
        {
            writer.WriteArrayHeader(2);
            Write(ref writer, value["key"], type.Arguments[0], what + ".key", depth + 1);
            Write(ref writer, value["value"], type.Arguments[1], what + ".value", depth + 1);
        }
        else if (book.FindShape(type) is { } shape)
        {
            WriteShape(ref writer, value, shape, what, depth);
        }
        else if (type.Name == "System.Collections.BitArray")
        {
            WriteSequence(ref writer, value.AsArray(), TypeName.Parse("System.Boolean"), what, depth);
        }
        else if (IsReference(type))
        {
            long handle = reference(value, type);
            if (type.Name == "System.IO.Stream")
            {
                writer.WriteArrayHeader(2);
                ReferenceFormat.Write(ref writer, handle);
                writer.Write(1);
            }
            else
            {
                ReferenceFormat.Write(ref writer, handle);
            }
        }
        else if (!FrameworkValueWriter.TryWrite(ref writer, value, type, what))
        {
            // An enum of the framework, whose values are only known as numbers here.
            UntypedValueWriter.Write(ref writer, value, depth);
        }
    }

    private bool IsReference(TypeName type)
        => book.FindContract(type) is not null
            || type.Name is "System.IO.Stream"
                or "System.Collections.Generic.IAsyncEnumerable"
                or "System.IO.Pipelines.IDuplexPipe";

    private void WriteSequence(ref MessagePackWriter writer, JsonArray items, TypeName element, string what, int depth)
    {
        writer.WriteArrayHeader(items.Count);
        for (int i = 0; i < items.Count; i++)
        {
            Write(ref writer, items[i], element, $"{what}[{i}]", depth + 1);
        }
    }

    private void WriteItems(ref MessagePackWriter writer, JsonArray items, TypeName type, string what, int depth)
    {
        if (items.Count != type.Arguments.Count)
        {
            throw Unfit(what, type, items);
        }

        writer.WriteArrayHeader(items.Count);
        for (int i = 0; i < items.Count; i++)
        {
            Write(ref writer, items[i], type.Arguments[i], $"{what}[{i}]", depth + 1);
        }
    }

    private void WriteDictionary(ref MessagePackWriter writer, JsonNode value, TypeName type, string what, int depth)
    {
        List<(JsonNode? Key, JsonNode? Value)> entries = value is JsonObject named
            ? [.. named.Select(entry => ((JsonNode?)JsonValue.Create(entry.Key), entry.Value))]
            : [.. value.AsArray().Select(
                entry => entry is JsonArray { Count: 2 } pair ? (pair[0], pair[1]) : throw Unfit(what, type, entry))];
        writer.WriteMapHeader(entries.Count);
        foreach ((JsonNode? key, JsonNode? item) in entries)
        {
            string place = $"{what}[{key?.ToJsonString()}]";
            Write(ref writer, key, type.Arguments[0], place, depth + 1);
            Write(ref writer, item, type.Arguments[1], place, depth + 1);
        }
    }

    private void WriteGrid(ref MessagePackWriter writer, JsonNode value, TypeName type, string what, int depth)
    {
        int[] sizes = new int[type.Rank];
        JsonNode? first = value;
        for (int i = 0; i < sizes.Length; i++)
        {
            sizes[i] = first is null && i > 0 ? 0 : first!.AsArray().Count;
            first = sizes[i] == 0 ? null : first!.AsArray()[0];
        }

        List<JsonNode?> elements = [];
        Flatten(value.AsArray(), 0);
        writer.WriteArrayHeader(type.Rank + 1);
        foreach (int size in sizes)
        {
            writer.Write(size);
        }

        writer.WriteArrayHeader(elements.Count);
        for (int i = 0; i < elements.Count; i++)
        {
            Write(ref writer, elements[i], type.Arguments[0], $"{what}[{i}]", depth + 1);
        }

        void Flatten(JsonArray row, int dimension)
        {
            if (row.Count != sizes[dimension])
            {
                throw new InputException($"{what}: Expected {sizes[dimension]} elements in each row, got {row.Count}.");
            }

            foreach (JsonNode? element in row)
            {
                if (dimension == sizes.Length - 1)
                {
                    elements.Add(element);
                }
                else
                {
                    Flatten(element!.AsArray(), dimension + 1);
                }
            }
        }
    }

    private void WriteShape(ref MessagePackWriter writer, JsonNode value, Shape shape, string what, int depth)
    {
        switch (shape.Kind)
        {
            case ShapeKind.Enum:
                long number = EnumNames.Parse(shape, FrameworkValueWriter.Number(value));
                string digits = TypeFamilies.IsUnsigned(shape.Underlying!.Name)
                    ? ((ulong)number).ToString(CultureInfo.InvariantCulture)
                    : number.ToString(CultureInfo.InvariantCulture);
                FrameworkValueWriter.WriteInteger(ref writer, shape.Underlying.Name, digits);
                break;
            case ShapeKind.Union:
                WriteUnion(ref writer, value.AsObject(), shape, what, depth);
                break;
            case ShapeKind.Converted:
                UntypedValueWriter.Write(ref writer, value, depth);
                break;
            default:
                WriteMembers(ref writer, value.AsObject(), shape, what, depth);
                break;
        }
    }

    private void WriteMembers(ref MessagePackWriter writer, JsonObject value, Shape shape, string what, int depth)
    {
        var given = new Dictionary<string, JsonNode?>(StringComparer.OrdinalIgnoreCase);
        foreach ((string name, JsonNode? member) in value)
        {
            given[name] = shape.Members.Any(
                known => string.Equals(known.Name, name, StringComparison.OrdinalIgnoreCase))
                || name == "$type"
                ? member
                : throw new InputException(
                    $"{what}: Expected a member of {shape.Name} "
                        + $"({string.Join(", ", shape.Members.Select(known => known.Name))}), got '{name}'.");
        }

        // A member for which the callee has a default may be omitted: at the end of an array, or anywhere in an object.
        ShapeMember[] members = [.. shape.Members];
        int count = members.Length;
        while (shape.Kind != ShapeKind.Map
            && count > 0
            && members[count - 1].HasDefault
            && !given.ContainsKey(members[count - 1].Name))
        {
            count--;
        }

        ShapeMember[] sent = shape.Kind == ShapeKind.Map
            ? [.. members.Where(member => !member.HasDefault || given.ContainsKey(member.Name))]
            : members[..count];
        if (shape.Kind == ShapeKind.Map)
        {
            writer.WriteMapHeader(sent.Length);
        }
        else
        {
            writer.WriteArrayHeader(shape.Kind == ShapeKind.Keyed && count > 0 ? (int)sent[^1].Key + 1 : count);
        }

        long next = 0;
        foreach (ShapeMember member in sent)
        {
            for (; shape.Kind == ShapeKind.Keyed && next < member.Key; next++)
            {
                writer.WriteNil();
            }

            next++;
            if (shape.Kind == ShapeKind.Map)
            {
                writer.WriteStrict(member.Name);
            }

            string place = $"{what}.{member.Name}";
            if (given.TryGetValue(member.Name, out JsonNode? item))
            {
                Write(ref writer, item, member.Type!, place, depth + 1);
            }
            else if (member.HasDefault && Defaults.TryGet(book, member.Type!, member.Default, out JsonNode? instead))
            {
                Write(ref writer, instead, member.Type!, place, depth + 1);
            }
            else if (member.Type!.Type.IsNullable)
            {
                writer.WriteNil();
            }
            else
            {
                throw new InputException($"{place}: Expected a value of {member.Type.Type}, got none.");
            }
        }
    }

    private void WriteUnion(ref MessagePackWriter writer, JsonObject value, Shape shape, string what, int depth)
    {
        string? name = value["$type"]?.GetValue<string>();
        ShapeMember @case = shape.Members.FirstOrDefault(member => member.Name == name)
            ?? shape.Members.FirstOrDefault(
                member => name is not null && member.Name.EndsWith("." + name, StringComparison.OrdinalIgnoreCase))
            ?? throw new InputException(
                $"{what}: Expected \"$type\" to be one of "
                    + $"{string.Join(", ", shape.Members.Select(member => member.Name))}, got {name ?? "none"}.");
        writer.WriteArrayHeader(2);
        writer.Write(@case.Key);
        Write(
            ref writer,
            book.FindShape(@case.Type!.Type) is { Kind: ShapeKind.Record or ShapeKind.Keyed or ShapeKind.Map }
                ? value
                : value["value"],
            @case.Type!,
            what,
            depth + 1);
    }
}
