using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.Diagnostics;
using Multiprocess.Generator.Diagnostics;
using Multiprocess.Generator.Parsing;

namespace Multiprocess.Generator;

/// <summary>Reports implementations of a contract's methods that the linker of trimmed programs removes.</summary>
/// <remarks>
/// The linker finds the implementation of an interface's method by name and signature, and does not compare the ranks
/// of arrays: to the linker, <c>int[]</c> and <c>int[,]</c> are one type. Of overloads that differ only in a rank, it
/// keeps one, and then the class cannot be loaded. It finds an explicit implementation through metadata, so none is
/// lost. Native code is compiled without the linker.
/// </remarks>
internal static class TrimmingRules
{
    public static void Check(SymbolAnalysisContext context)
    {
        var type = (INamedTypeSymbol)context.Symbol;
        if (type.TypeKind is not (TypeKind.Class or TypeKind.Struct)
            || !type.AllInterfaces.Any(each => each.OriginalDefinition.HasAttribute(WellKnownTypes.IpcInterface)))
        {
            return;
        }

        var implementations = Implementations(type);
        var reported = new HashSet<ISymbol>(SymbolEqualityComparer.Default);
        foreach (var (implemented, method) in implementations)
        {
            context.CancellationToken.ThrowIfCancellationRequested();
            var other = implementations.TakeWhile(each => !SymbolEqualityComparer.Default.Equals(each.Method, method))
                .FirstOrDefault(each => DifferInRankAlone(each.Method, method)).Method;
            if (other is not null
                && !IsReportedAtBase(type, implemented.ContainingType)
                && reported.Add(method.AssociatedSymbol ?? method))
            {
                context.ReportDiagnostic(Diagnostic.Create(
                    Rules.LostOverload,
                    PlaceOf(method, type),
                    Display(method),
                    Display(other),
                    TypeNames.Display(implemented.ContainingType)));
            }
        }
    }

    /// <summary>
    /// The methods that implement methods of interfaces by name and mention arrays. Methods with fewer dimensions come
    /// first, so that <c>int[]</c> is not the reported one.
    /// </summary>
    private static List<(IMethodSymbol Implemented, IMethodSymbol Method)> Implementations(INamedTypeSymbol type)
    {
        var found = new List<(IMethodSymbol, IMethodSymbol)>();
        foreach (var implemented in type.AllInterfaces.SelectMany(each => each.GetMembers()).OfType<IMethodSymbol>())
        {
            if (Rank(implemented) != 0
                && type.FindImplementationForInterfaceMember(implemented)
                    is IMethodSymbol { ExplicitInterfaceImplementations.IsEmpty: true } method
                && method.ContainingType.TypeKind != TypeKind.Interface)
            {
                found.Add((implemented, method));
            }
        }

        return [.. found.OrderBy(each => Rank(each.Item2))];
    }

    private static bool IsReportedAtBase(INamedTypeSymbol type, INamedTypeSymbol contract)
        => type.BaseType is { } @base
            && @base.AllInterfaces.Contains(contract, SymbolEqualityComparer.Default)
            && !type.Interfaces.Contains(contract, SymbolEqualityComparer.Default);

    private static bool DifferInRankAlone(IMethodSymbol one, IMethodSymbol other)
        => one.Name == other.Name
            && SymbolEqualityComparer.Default.Equals(one.ContainingType, other.ContainingType)
            && one.Parameters.Length == other.Parameters.Length
            && one.TypeParameters.Length == other.TypeParameters.Length
            && one.Parameters.Zip(other.Parameters, (a, b) => IsSameToTheLinker(a, b)).All(same => same);

    private static bool IsSameToTheLinker(IParameterSymbol one, IParameterSymbol other)
        => one.RefKind == RefKind.None == (other.RefKind == RefKind.None)
            && IsSameToTheLinker(one.Type, other.Type);

    private static bool IsSameToTheLinker(ITypeSymbol one, ITypeSymbol other) => (one, other) switch
    {
        (IArrayTypeSymbol a, IArrayTypeSymbol b) => IsSameToTheLinker(a.ElementType, b.ElementType),
        (INamedTypeSymbol { IsGenericType: true } a, INamedTypeSymbol { IsGenericType: true } b)
            => SymbolEqualityComparer.Default.Equals(a.OriginalDefinition, b.OriginalDefinition)
                && a.TypeArguments.Zip(b.TypeArguments, (x, y) => IsSameToTheLinker(x, y)).All(same => same)
                && (a.ContainingType is null || IsSameToTheLinker(a.ContainingType, b.ContainingType)),
        _ => SymbolEqualityComparer.Default.Equals(one, other),
    };

    /// <summary>The dimensions of all arrays in a method's parameters.</summary>
    private static int Rank(IMethodSymbol method) => method.Parameters.Sum(parameter => Rank(parameter.Type));

    private static int Rank(ITypeSymbol type) => type switch
    {
        IArrayTypeSymbol array => array.Rank + Rank(array.ElementType),
        INamedTypeSymbol named => named.TypeArguments.Sum(Rank)
            + (named.ContainingType is { } outer ? Rank(outer) : 0),
        _ => 0,
    };

    private static string Display(IMethodSymbol method)
        => $"{method.ContainingType.Name}.{(method.AssociatedSymbol ?? method).Name}"
            + $"({string.Join(", ", method.Parameters.Select(parameter => TypeNames.Display(parameter.Type)))})";

    /// <summary>Where the method is declared, or the class that inherits it.</summary>
    private static Location PlaceOf(IMethodSymbol method, INamedTypeSymbol type)
        => SymbolEqualityComparer.Default.Equals(method.ContainingType, type)
            ? Site.NameOf(method.AssociatedSymbol ?? method, Location.None)
            : Site.NameOf(type, Location.None);
}
