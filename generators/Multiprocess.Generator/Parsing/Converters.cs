using Microsoft.CodeAnalysis;
using Multiprocess.Generator.Diagnostics;

namespace Multiprocess.Generator.Parsing;

/// <summary>Finds the converter that a user has written for a type.</summary>
internal sealed class Converters(FileScope scope)
{
    /// <summary>The converters of a place, from the attributes there; null when what they say was refused.</summary>
    public PlaceConverters? FindOwn(IEnumerable<AttributeData> attributes, Site site)
    {
        var own = new PlaceConverters();
        foreach (var attribute in attributes.Where(IsConverter))
        {
            var place = Site.Of(attribute, site.Location);
            if (Named(attribute, place) is not { } named)
            {
                return null;
            }

            own.Add(named, place);
        }

        return own;
    }

    /// <summary>The converter that a place names for a type that it has or is made of; false when there are several.</summary>
    public bool TryFind(ITypeSymbol type, PlaceConverters own, out INamedTypeSymbol? converter)
    {
        converter = null;
        foreach (var (named, place) in own.All)
        {
            if (!Converts(named, type))
            {
                continue;
            }

            own.Use(named);
            if (converter is not null)
            {
                scope.Refusals.Add(Rules.Converter, place, TypeNames.Display(named), $"'{TypeNames.Display(type)}' has another one here");
                return false;
            }

            converter = named;
        }

        return true;
    }

    /// <summary>Refuses a converter of a place that converts nothing there.</summary>
    public bool AreAllUsed(ITypeSymbol type, PlaceConverters own)
    {
        foreach (var (named, place) in own.Unused)
        {
            scope.Refusals.Add(
                Rules.Converter, place, TypeNames.Display(named),
                $"it implements IIpcConverter<T> neither for '{TypeNames.Display(WithoutNull(type))}' nor for a type that this is made of");
            return false;
        }

        return true;
    }

    /// <summary>The converter of a type wherever the contract uses it; false when there are several.</summary>
    public bool TryFind(ITypeSymbol type, Site site, out INamedTypeSymbol? converter)
    {
        converter = null;
        var attributes = type.GetAttributes().Concat(scope.Here.Contracts.SelectMany(contract => contract.GetAttributes())).Concat(scope.Assembly.GetAttributes());
        foreach (var attribute in attributes.Where(IsConverter))
        {
            var place = Site.Of(attribute, site.Location);
            if (Named(attribute, place) is not { } named)
            {
                return false;
            }

            if (!Converts(named, type) || SymbolEqualityComparer.Default.Equals(named, converter))
            {
                continue;
            }

            if (converter is not null)
            {
                scope.Refusals.Add(Rules.Converter, place, TypeNames.Display(named), $"'{TypeNames.Display(type)}' has '{TypeNames.Display(converter)}' already");
                return false;
            }

            converter = named;
        }

        return true;
    }

    private static bool IsConverter(AttributeData attribute)
        => attribute.AttributeClass is { Name: "IpcConverterAttribute" } type && WellKnownTypes.FullName(type) == WellKnownTypes.IpcConverter;

    private static ITypeSymbol WithoutNull(ITypeSymbol type)
        => type is INamedTypeSymbol { OriginalDefinition.SpecialType: SpecialType.System_Nullable_T } nullable
            ? nullable.TypeArguments[0]
            : type.WithNullableAnnotation(NullableAnnotation.NotAnnotated);

    private static IEnumerable<INamedTypeSymbol> ConverterInterfaces(INamedTypeSymbol type)
        => type.AllInterfaces.Where(contract => WellKnownTypes.FullName(contract) == WellKnownTypes.ConverterInterface);

    private static bool Converts(INamedTypeSymbol converter, ITypeSymbol type)
        => ConverterInterfaces(converter).Any(contract => SymbolEqualityComparer.Default.Equals(contract.TypeArguments[0], WithoutNull(type)));

    /// <summary>The type that an attribute names, or null when generated code cannot use it.</summary>
    private INamedTypeSymbol? Named(AttributeData attribute, Location place)
    {
        var named = attribute.ConstructorArguments.FirstOrDefault().Value as INamedTypeSymbol;
        if (named is null or { TypeKind: TypeKind.Error })
        {
            scope.HasCompilerErrors = true;
            return null;
        }

        string? problem = named.IsUnboundGenericType || named.TypeKind == TypeKind.Interface || named.IsAbstract ? "it is not a closed class or struct"
            : !ConverterInterfaces(named).Any() ? "it does not implement IIpcConverter<T>"
            : scope.AliasOf(named) is { } alias ? $"its assembly is referred to under the alias '{alias}' alone; refer to it as 'global' too"
            : named.IsFileLocal || !scope.IsAccessible(named) ? "generated code cannot name it; make it internal or public"
            : null;
        if (problem is not null)
        {
            scope.Refusals.Add(Rules.Converter, place, TypeNames.Display(named), problem);
            return null;
        }

        scope.AddWarnings(named);
        return named;
    }
}
