using System.Text.Json.Nodes;
using Multiprocess.Tool.Contracts;

namespace Multiprocess.Tool.Values;

/// <summary>The default values for places without a given value.</summary>
internal static class Defaults
{
    // A description comes from a peer, and its types may refer to each other in a cycle.
    private const int MaxDepth = 20;

    /// <summary>The default of a place; false if the default is not known here.</summary>
    public static bool TryGet(ContractBook book, Place place, DefaultValue? value, out JsonNode? node)
    {
        if (value is { IsOfType: false, IsParams: false })
        {
            node = value.Json;
            return true;
        }

        // A params parameter without arguments is an empty collection, not null.
        TypeName type = value is { IsParams: true } ? place.Type with { IsNullable = false } : place.Type;
        node = place.IsConverted ? null : Of(book, type);
        return node is not null || type.IsNullable;
    }

    /// <summary>
    /// The default of a type that crosses by value; null for a type without a default, or whose default is null.
    /// </summary>
    public static JsonNode? Of(ContractBook book, TypeName type) => Of(book, type, 0);

    private static JsonNode? Of(ContractBook book, TypeName type, int depth)
        => type.IsNullable || depth > MaxDepth ? null
            : TypeFamilies.IsBytes(type) || type.Name == "System.String" ? JsonValue.Create("")
            : TypeFamilies.IsDictionary(type) || TypeFamilies.IsSequence(type) ? new JsonArray()
            : TypeFamilies.IsSigned(type.Name) || TypeFamilies.IsUnsigned(type.Name) ? JsonValue.Create(0)
            : book.FindShape(type) is { } shape ? OfShape(book, shape, depth)
            : type is { Rank: 0, Name: "System.ValueTuple" } ? OfParts(book, type.Arguments, depth)
            : type.Name switch
            {
                "System.Boolean" => JsonValue.Create(false),
                "System.Char" => JsonValue.Create("\0"),
                "System.Single"
                    or "System.Double"
                    or "System.Half"
                    or "System.Decimal"
                    or "System.Int128"
                    or "System.UInt128"
                    or "System.Numerics.BigInteger"
                    or "System.Index" => JsonValue.Create(0),
                "System.Numerics.Complex" => new JsonArray(0, 0),
                "System.Range" => JsonValue.Create("0..0"),
                "System.Net.IPNetwork" => JsonValue.Create("0.0.0.0/0"),
                "System.Text.Rune" => JsonValue.Create("\0"),
                "System.Guid" => JsonValue.Create(Guid.Empty.ToString()),
                "System.TimeSpan" or "System.TimeOnly" => JsonValue.Create("00:00:00"),
                "System.DateTime" => JsonValue.Create("0001-01-01T00:00:00"),
                "System.DateTimeOffset" => JsonValue.Create("0001-01-01T00:00:00Z"),
                "System.DateOnly" => JsonValue.Create("0001-01-01"),

                // Enums of the framework are not described, and are values.
                _ when ValueTypes.IsEnumOfTheFramework(type) => JsonValue.Create(0),
                _ => null,
            };

    /// <summary>The default of an enum, or of a struct, which has the defaults of all its members.</summary>
    private static JsonNode? OfShape(ContractBook book, Shape shape, int depth)
    {
        if (shape.Kind == ShapeKind.Enum)
        {
            return JsonValue.Create(0);
        }

        if (!shape.IsStruct || shape.Kind is ShapeKind.Union or ShapeKind.Converted)
        {
            return null;
        }

        var value = new JsonObject();
        foreach (ShapeMember member in shape.Members)
        {
            JsonNode? part = member.Type!.IsConverted ? null : Of(book, member.Type.Type, depth + 1);
            if (part is null && !member.Type.Type.IsNullable)
            {
                return null;
            }

            value[member.Name] = part;
        }

        return value;
    }

    private static JsonArray? OfParts(ContractBook book, IReadOnlyList<TypeName> types, int depth)
    {
        var parts = new JsonArray();
        foreach (TypeName type in types)
        {
            JsonNode? part = Of(book, type, depth + 1);
            if (part is null && !type.IsNullable)
            {
                return null;
            }

            parts.Add(part);
        }

        return parts;
    }
}
