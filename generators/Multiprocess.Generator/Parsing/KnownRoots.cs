using System.Collections.Concurrent;
using Microsoft.CodeAnalysis;

namespace Multiprocess.Generator.Parsing;

/// <summary>The closed generic contracts that have code when the program runs.</summary>
/// <remarks>
/// These are contracts closed by the compilation itself, and by the assemblies of a contract and of its type arguments,
/// whose initializers the runtime runs. An assembly is examined when it is first needed.
/// </remarks>
internal sealed class KnownRoots(Compilation compilation)
{
    private readonly ConcurrentDictionary<IAssemblySymbol, HashSet<ITypeSymbol>> _closed = new(
        SymbolEqualityComparer.Default);

    public bool Contains(INamedTypeSymbol root, CancellationToken cancellationToken)
        => AssembliesOf(root)
            .Append(compilation.Assembly)
            .Any(assembly => _closed.GetOrAdd(assembly, each => ClosedIn(each, cancellationToken)).Contains(root));

    /// <summary>
    /// Whether a type contains type parameters of the surrounding code, whose arguments are not known here.
    /// </summary>
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
            closed.UnionWith(
                scope is null ? [] : scope.HasOptions ? [scope.Root] : scope.ClosedTypes.Append(scope.Root));
        }

        foreach (var type in TypesOf(assembly.GlobalNamespace).Where(IpcAnalyzer.IsMarked))
        {
            FileParser.Parse(type, compilation, out var scope, cancellationToken);
            // A contract under another contract's options cannot be a root.
            closed.UnionWith(scope.HasOptions ? [] : scope.ClosedTypes);
        }

        return closed;
    }

    private static IEnumerable<INamedTypeSymbol> TypesOf(INamespaceOrTypeSymbol space)
        => space.GetMembers().OfType<INamespaceOrTypeSymbol>()
            .SelectMany(member => member is INamedTypeSymbol type ? TypesOf(type).Prepend(type) : TypesOf(member));
}
