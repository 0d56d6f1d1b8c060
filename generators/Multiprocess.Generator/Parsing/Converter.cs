using Microsoft.CodeAnalysis;

namespace Multiprocess.Generator.Parsing;

/// <summary>A converter or a formatter that an attribute names.</summary>
/// <param name="Type">The class or struct.</param>
/// <param name="Make">The expression that creates it; null for a converter, whose methods are static.</param>
/// <param name="Place">The location of the attribute.</param>
/// <param name="IsMessagePacks">Whether the attribute is MessagePack's, which applies only to the member's own
/// type.</param>
internal sealed record Converter(INamedTypeSymbol Type, string? Make, Location Place, bool IsMessagePacks)
{
    /// <summary>The type without null.</summary>
    public static ITypeSymbol WithoutNull(ITypeSymbol type)
        => type is INamedTypeSymbol { OriginalDefinition.SpecialType: SpecialType.System_Nullable_T } nullable
            ? nullable.TypeArguments[0]
            : type.WithNullableAnnotation(NullableAnnotation.NotAnnotated);

    /// <summary>Whether the converter converts the type, or the type without null.</summary>
    public bool Converts(ITypeSymbol type)
        => IsOf(WellKnownTypes.ConverterInterface, WithoutNull(type)) || Formats(type) || Formats(WithoutNull(type));

    /// <summary>Whether the converter is a formatter of exactly this type.</summary>
    public bool Formats(ITypeSymbol type) => Make is not null && IsOf(WellKnownTypes.FormatterInterface, type);

    /// <summary>Whether both converters are the same and are created in the same way.</summary>
    public bool IsSame(Converter other)
        => SymbolEqualityComparer.Default.Equals(Type, other.Type) && Make == other.Make;

    private bool IsOf(string contract, ITypeSymbol type)
        => Type.AllInterfaces.Any(
            found => WellKnownTypes.FullName(found) == contract
                && SymbolEqualityComparer.Default.Equals(found.TypeArguments[0], type));
}
