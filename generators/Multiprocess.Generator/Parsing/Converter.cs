using Microsoft.CodeAnalysis;

namespace Multiprocess.Generator.Parsing;

/// <summary>A converter or a formatter that an attribute names.</summary>
/// <param name="Type">The class or struct.</param>
/// <param name="Make">How code makes it; null for a converter, whose methods are static.</param>
/// <param name="Place">Where the attribute stands.</param>
/// <param name="IsMessagePacks">Whether the attribute is MessagePack's, which speaks of the member's own type alone.</param>
internal sealed record Converter(INamedTypeSymbol Type, string? Make, Location Place, bool IsMessagePacks)
{
    /// <summary>The type without null.</summary>
    public static ITypeSymbol WithoutNull(ITypeSymbol type)
        => type is INamedTypeSymbol { OriginalDefinition.SpecialType: SpecialType.System_Nullable_T } nullable
            ? nullable.TypeArguments[0]
            : type.WithNullableAnnotation(NullableAnnotation.NotAnnotated);

    /// <summary>Whether it converts the type, or the type without null.</summary>
    public bool Converts(ITypeSymbol type) => IsOf(WellKnownTypes.ConverterInterface, WithoutNull(type)) || Formats(type) || Formats(WithoutNull(type));

    /// <summary>Whether it is a formatter of exactly this type.</summary>
    public bool Formats(ITypeSymbol type) => Make is not null && IsOf(WellKnownTypes.FormatterInterface, type);

    /// <summary>Whether both are made alike.</summary>
    public bool IsSame(Converter other) => SymbolEqualityComparer.Default.Equals(Type, other.Type) && Make == other.Make;

    private bool IsOf(string contract, ITypeSymbol type)
        => Type.AllInterfaces.Any(found => WellKnownTypes.FullName(found) == contract && SymbolEqualityComparer.Default.Equals(found.TypeArguments[0], type));
}
