using System.Collections.Concurrent;
using Microsoft.CodeAnalysis;

namespace Multiprocess.Generator.Parsing;

/// <summary>The closed generic contracts that have code by the time a compilation's code runs.</summary>
/// <remarks>
/// Those are what the compilation itself closes, and what the assemblies of a contract and of its type arguments do,
/// whose initializers the runtime runs. An assembly is looked at when it is first asked for.
/// </remarks>
internal sealed class KnownRoots(Compilation compilation)
{
    private readonly ConcurrentDictionary<IAssemblySymbol, HashSet<ITypeSymbol>> _closed = new(SymbolEqualityComparer.Default);

    public bool Contains(INamedTypeSymbol root, CancellationToken cancellationToken)
        => AssembliesOf(root).Append(compilation.Assembly).Any(assembly => _closed.GetOrAdd(assembly, each => ClosedIn(each, cancellationToken)).Contains(root));

    /// <summary>Whether a type has type parameters of what is around it: what they will be nobody knows here.</summary>
    public static bool IsOpen(ITypeSymbol type) => type switch
    {
        ITypeParameterSymbol => true,
        IArrayTypeSymbol array => IsOpen(array.ElementType),
        INamedTypeSymbol named => named.TypeArguments.Any(IsOpen),
        _ => false,
    };

    private static IEnumerable<IAssemblySymbol> AssembliesOf(ITypeSymbol type) => type switch
    {
        IArrayTypeSymbol array => AssembliesOf(array.ElementType),
        INamedTypeSymbol named => named.TypeArguments.SelectMany(AssembliesOf).Append(named.ContainingAssembly),
        _ => [],
    };

    private HashSet<ITypeSymbol> ClosedIn(IAssemblySymbol assembly, CancellationToken cancellationToken)
    {
        var closed = new HashSet<ITypeSymbol>(SymbolEqualityComparer.Default);
        foreach (var attribute in ClosedContracts.NamedBy(assembly))
        {
            ClosedContracts.Parse(attribute, assembly, compilation, out var scope, out _, cancellationToken);
            closed.UnionWith(scope is null ? [] : scope.HasOptions ? [scope.Root] : scope.ClosedTypes.Append(scope.Root));
        }

        foreach (var type in TypesOf(assembly.GlobalNamespace).Where(IpcAnalyzer.IsMarked))
        {
            FileParser.Parse(type, compilation, out var scope, cancellationToken);
            closed.UnionWith(scope.HasOptions ? [] : scope.ClosedTypes); // Under another contract's options it is no root.
        }

        return closed;
    }

    private static IEnumerable<INamedTypeSymbol> TypesOf(INamespaceOrTypeSymbol space)
        => space.GetMembers().OfType<INamespaceOrTypeSymbol>()
            .SelectMany(member => member is INamedTypeSymbol type ? TypesOf(type).Prepend(type) : TypesOf(member));
}
