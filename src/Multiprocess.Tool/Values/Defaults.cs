using System.Text.Json.Nodes;
using Multiprocess.Tool.Contracts;

namespace Multiprocess.Tool.Values;

/// <summary>The values that stand where nobody said any.</summary>
internal static class Defaults
{
    /// <summary>The default of a type by value that has one; null for what has none, or whose default is
    /// null.</summary>
    public static JsonNode? Of(ContractBook book, TypeName type)
        => type.IsNullable ? null
            : TypeFamilies.IsBytes(type) || type.Name == "System.String" ? JsonValue.Create("")
            : TypeFamilies.IsDictionary(type) || TypeFamilies.IsSequence(type) ? new JsonArray()
            : TypeFamilies.IsSigned(type.Name) || TypeFamilies.IsUnsigned(type.Name) ? JsonValue.Create(0)
            : book.FindShape(type) is { Kind: ShapeKind.Enum } ? JsonValue.Create(0)
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
                "System.Guid" => JsonValue.Create(Guid.Empty.ToString()),
                "System.TimeSpan" or "System.TimeOnly" => JsonValue.Create("00:00:00"),
                "System.DateTime" or "System.DateTimeOffset" => JsonValue.Create("0001-01-01T00:00:00Z"),
                "System.DateOnly" => JsonValue.Create("0001-01-01"),
                _ => null,
            };
}
