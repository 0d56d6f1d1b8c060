using System.Globalization;
using System.Text.Json;
using System.Text.Json.Nodes;
using Microsoft.CodeAnalysis.CSharp;
using Multiprocess.Tool.Values;

namespace Multiprocess.Tool.Contracts;

/// <summary>Writes default values as C#.</summary>
internal static class CSharpLiterals
{
    /// <summary>The expression of a value.</summary>
    /// <param name="book">The description.</param>
    /// <param name="place">The place of the value.</param>
    /// <param name="value">The value.</param>
    /// <param name="spell">Writes a type.</param>
    /// <param name="escape">Writes a name.</param>
    public static string Of(
        ContractBook book, Place place, DefaultValue value, Func<TypeName, string> spell, Func<string, string> escape)
    {
        if (place.IsSensitive)
        {
            return "default! /* *** */";
        }

        if (value.IsOfType || value.IsParams)
        {
            return "default";
        }

        TypeName type = place.Type is { Name: "System.Nullable", Arguments: [var inner] } ? inner : place.Type;
        type = type with { IsNullable = false };
        return value.Json switch
        {
            null => place.Type.IsNullable ? "null" : "null!",
            JsonValue json when json.GetValueKind() == JsonValueKind.String => OfText(json.GetValue<string>(), type),
            JsonValue json when json.GetValueKind() == JsonValueKind.Number
                => OfNumber(book, json.ToJsonString(), type, spell, escape),
            var json => json.ToJsonString(),
        };
    }

    /// <summary>The ticks of a point in time, for which C# has no literal; null for another value.</summary>
    public static long? Ticks(Place place, DefaultValue value)
        => place.Type.Name == "System.DateTime"
            && !place.IsSensitive
            && value.Json is JsonValue json
            && DateTime.TryParse(
                json.GetValue<string>(),
                CultureInfo.InvariantCulture,
                DateTimeStyles.RoundtripKind,
                out DateTime moment)
            ? moment.Ticks
            : null;

    private static string OfText(string text, TypeName type) => type.Name switch
    {
        "System.Char" when text.Length == 1 => SymbolDisplay.FormatLiteral(text[0], quote: true),
        "System.Single" => "float." + OfUncommon(text),
        "System.Double" => "double." + OfUncommon(text),
        _ => SymbolDisplay.FormatLiteral(text, quote: true),
    };

    private static string OfUncommon(string text) => text switch
    {
        "Infinity" => "PositiveInfinity",
        "-Infinity" => "NegativeInfinity",
        _ => text,
    };

    private static string OfNumber(
        ContractBook book,
        string number,
        TypeName type,
        Func<TypeName, string> spell,
        Func<string, string> escape)
    {
        if (book.FindShape(type) is { Kind: ShapeKind.Enum } shape
            && EnumNames.Split(shape, EnumNames.Parse(shape, number)) is { Count: > 0 } names)
        {
            return string.Join(" | ", names.Select(name => $"{spell(type)}.{escape(name)}"));
        }

        string operand = number.StartsWith('-') ? $"({number})" : number;
        return type.Name switch
        {
            "System.Single" => number + "F",
            "System.Double" => number + "D",
            "System.Decimal" => number + "M",
            _ when TypeFamilies.IsSigned(type.Name) || TypeFamilies.IsUnsigned(type.Name) => number,

            // An enum, or a number that is none of its values.
            _ => $"({spell(type)}){operand}",
        };
    }
}
