using Microsoft.CodeAnalysis;

namespace Multiprocess.Generator.Parsing;

/// <summary>The converters that one parameter, result or member names, for its own type or for those of its elements.</summary>
internal sealed class PlaceConverters
{
    private readonly List<(INamedTypeSymbol Converter, Location Place)> _all = [];
    private readonly HashSet<INamedTypeSymbol> _used = new(SymbolEqualityComparer.Default);

    public IReadOnlyList<(INamedTypeSymbol Converter, Location Place)> All => _all;

    public IEnumerable<(INamedTypeSymbol Converter, Location Place)> Unused => _all.Where(own => !_used.Contains(own.Converter));

    public void Add(INamedTypeSymbol converter, Location place) => _all.Add((converter, place));

    public void Use(INamedTypeSymbol converter) => _used.Add(converter);
}
