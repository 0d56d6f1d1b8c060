using System.Globalization;
using System.Text;
using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CSharp;

namespace Multiprocess.Generator.Parsing;

/// <summary>
/// The values of omitted members and parameters: members that an older peer does not send, and parameters that a caller
/// does not give.
/// </summary>
internal static class DefaultValues
{
    /// <summary>
    /// The default of the constructor parameter or of the type; null if there is none, as for a non-nullable string.
    /// </summary>
    public static string? Of(IParameterSymbol? parameter, ITypeSymbol type)
    {
        if (parameter is { HasExplicitDefaultValue: true, ExplicitDefaultValue: { } value })
        {
            return Literal(value, type);
        }

        return type.IsReferenceType && !TypeNames.AdmitsNull(type) ? null : "default";
    }

    /// <summary>
    /// The value of an optional parameter, as a description has it; null if the parameter is not optional.
    /// </summary>
    public static string? Described(IParameterSymbol? parameter)
        => parameter is null || parameter.RefKind is RefKind.Ref or RefKind.Out ? null
            : parameter.IsParams ? "params"
            : parameter is { HasExplicitDefaultValue: true, ExplicitDefaultValue: { } value } ? Json(value)
            : !parameter.IsOptional ? null
            : TypeNames.AdmitsNull(parameter.Type) || parameter.Type.IsReferenceType ? "null"
            : "default";

    /// <summary>
    /// The value of an omitted member, as a description has it; null for the default of its type, or for no default.
    /// </summary>
    public static string? DescribedMember(IParameterSymbol? parameter)
        => parameter is { HasExplicitDefaultValue: true, ExplicitDefaultValue: { } value } ? Json(value) : null;

    /// <summary>
    /// A constant as JSON without a plain quotation mark or equals sign inside a string. So the line of a description
    /// that ends with it can be split, and can stand in a raw string literal.
    /// </summary>
    private static string Json(object value) => value switch
    {
        bool truth => truth ? "true" : "false",
        string text => Quote(text),
        char character => Quote(character.ToString()),
        DateTime moment => Quote(moment.ToString("O", CultureInfo.InvariantCulture)),
        float number => float.IsNaN(number) || float.IsInfinity(number)
            ? Quote(number.ToString(CultureInfo.InvariantCulture))
            : number.ToString("R", CultureInfo.InvariantCulture),
        double number => double.IsNaN(number) || double.IsInfinity(number)
            ? Quote(number.ToString(CultureInfo.InvariantCulture))
            : number.ToString("R", CultureInfo.InvariantCulture),
        _ => Convert.ToString(value, CultureInfo.InvariantCulture)!,
    };

    private static string Quote(string text)
    {
        var quoted = new StringBuilder("\"");
        foreach (char character in text)
        {
            if (character is >= ' ' and <= '~' and not ('"' or '\\' or '='))
            {
                quoted.Append(character);
            }
            else
            {
                quoted.Append("\\u").Append(((int)character).ToString("X4", CultureInfo.InvariantCulture));
            }
        }

        return quoted.Append('"').ToString();
    }

    /// <summary>The argument of an attribute, as C# code.</summary>
    public static string Constant(TypedConstant constant, ITypeSymbol type) => constant.Kind switch
    {
        _ when constant.IsNull => "null",
        TypedConstantKind.Type => $"typeof({TypeNames.CodeWithoutNull((ITypeSymbol)constant.Value!)})",
        TypedConstantKind.Array
            => $"new {TypeNames.Code(((IArrayTypeSymbol)constant.Type!).ElementType)}[] {{ "
                + $"{string.Join(", ", constant.Values.Select(value => Constant(value, value.Type!)))} }}",
        _ => $"({TypeNames.Code(type)})({Literal(constant.Value!, constant.Type!)})",
    };

    /// <summary>
    /// Whether using the name of an enum value causes no warning. Another name may have the same number.
    /// </summary>
    private static bool IsPlain(IFieldSymbol member)
        => !member.HasAttribute(WellKnownTypes.Obsolete) && !member.HasAttribute(WellKnownTypes.Experimental);

    private static string Literal(object value, ITypeSymbol type)
    {
        var plain = type is INamedTypeSymbol { OriginalDefinition.SpecialType: SpecialType.System_Nullable_T } nullable
            ? nullable.TypeArguments[0]
            : type;
        if (plain.TypeKind == TypeKind.Enum
            && plain.GetMembers().OfType<IFieldSymbol>().FirstOrDefault(
                member => value.Equals(member.ConstantValue) && IsPlain(member)) is { } named)
        {
            return TypeNames.Code(plain) + "." + TypeNames.Escape(named.Name);
        }

        string literal = value switch
        {
            // [DateTimeConstant]: C# has no literal for a DateTime.
            DateTime moment => $"new global::System.DateTime({moment.Ticks}L)",
            float.NaN => "float.NaN",
            double.NaN => "double.NaN",
            float number when float.IsInfinity(number)
                => number > 0 ? "float.PositiveInfinity" : "float.NegativeInfinity",
            double number when double.IsInfinity(number)
                => number > 0 ? "double.PositiveInfinity" : "double.NegativeInfinity",
            float number => number.ToString("R", CultureInfo.InvariantCulture) + "F",
            double number => number.ToString("R", CultureInfo.InvariantCulture) + "D",
            decimal number => number.ToString(CultureInfo.InvariantCulture) + "M",
            _ => SymbolDisplay.FormatPrimitive(value, quoteStrings: true, useHexadecimalNumbers: false),
        };
        bool needsCast = plain.TypeKind == TypeKind.Enum
            || plain.SpecialType
                is SpecialType.System_Byte
                    or SpecialType.System_SByte or SpecialType.System_Int16 or SpecialType.System_UInt16
                or SpecialType.System_UInt32 or SpecialType.System_Int64 or SpecialType.System_UInt64;
        string operand = literal.StartsWith("-", StringComparison.Ordinal) ? $"({literal})" : literal;
        return needsCast ? $"({TypeNames.Code(plain)}){operand}" : literal;
    }
}
