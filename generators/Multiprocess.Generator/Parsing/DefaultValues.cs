using System.Globalization;
using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CSharp;

namespace Multiprocess.Generator.Parsing;

/// <summary>The value of a member that an older peer does not send.</summary>
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
            // [DateTimeConstant]: C# has no such literal.
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
