using Microsoft.CodeAnalysis;

namespace Multiprocess.Generator.Parsing;

/// <summary>The types whose parts are being parsed, outermost first. Parsing stops if they grow without end.</summary>
internal sealed class Nesting
{
    /// <summary>
    /// How often the arguments of a generic type may get deeper inside the type itself. Types that close themselves
    /// over ever larger types have no end.
    /// </summary>
    private const int MostGrowths = 4;

    /// <summary>How many types may be nested. Each takes about 2 KiB of the compiler's stack.</summary>
    private const int MostLevels = 400;

    /// <summary>
    /// How many types one type may mention. The names of larger types would take too much memory of the compiler.
    /// </summary>
    private const int LargestType = 2_000;

    private readonly Dictionary<ITypeSymbol, Stack<int>> _growing = new(SymbolEqualityComparer.Default);
    private int _levels;

    /// <summary>Set when parsing has met a type without end: later findings would add nothing.</summary>
    public bool IsEndless { get; private set; }

    /// <summary>
    /// Begins the parts of a type; returns an error text if the type has no end. Each Begin needs an End.
    /// </summary>
    public string? Begin(INamedTypeSymbol type)
    {
        var definition = type.OriginalDefinition;
        if (!_growing.TryGetValue(definition, out var growths))
        {
            _growing.Add(definition, growths = new Stack<int>());
        }

        int before = growths.Count == 0 ? -1 : growths.Peek();
        int depth = DepthOf(type);
        if (depth > before && growths.Distinct().Count() > MostGrowths)
        {
            return End("the type contains ever deeper versions of itself; declare a type at which this ends");
        }

        if (_levels >= MostLevels || !HasStack())
        {
            return End(
                "it is inside of too many other types; send a part of them, or let one be an interface with "
                    + "[IpcInterface]");
        }

        growths.Push(Math.Max(before, depth));
        _levels++;
        return null;
    }

    public void End(INamedTypeSymbol type)
    {
        _growing[type.OriginalDefinition].Pop();
        _levels--;
    }

    /// <summary>An error text for a type that is too large; null for others.</summary>
    public string? Measure(ITypeSymbol type)
        => type is INamedTypeSymbol { IsGenericType: true } or IArrayTypeSymbol
            && SizeOf(type, new Dictionary<ITypeSymbol, int>(ReferenceComparer.Instance)) > LargestType
                ? End("it is made of too many others; declare a type for a part of it")
                : null;

    private string End(string problem)
    {
        IsEndless = true;
        return problem;
    }

    private static int DepthOf(ITypeSymbol type) => type switch
    {
        IArrayTypeSymbol array => 1 + DepthOf(array.ElementType),
        INamedTypeSymbol named => ArgumentsOf(named).Select(DepthOf).DefaultIfEmpty(-1).Max() + 1,
        _ => 0,
    };

    /// <summary>
    /// How many types a type mentions. Types are shared, so each size is computed once and added for every mention.
    /// </summary>
    private static int SizeOf(ITypeSymbol type, Dictionary<ITypeSymbol, int> known)
    {
        if (!known.TryGetValue(type, out int size))
        {
            size = 1 + type switch
            {
                IArrayTypeSymbol array => SizeOf(array.ElementType, known),
                INamedTypeSymbol named
                    => (int)Math.Min(LargestType, ArgumentsOf(named).Sum(argument => (long)SizeOf(argument, known))),
                _ => 0,
            };
            known[type] = size;
        }

        return size;
    }

    private static IEnumerable<ITypeSymbol> ArgumentsOf(INamedTypeSymbol type)
        => type.ContainingType is { } outer ? type.TypeArguments.Concat(ArgumentsOf(outer)) : type.TypeArguments;

    private static bool HasStack()
    {
        try
        {
            System.Runtime.CompilerServices.RuntimeHelpers.EnsureSufficientExecutionStack();
            return true;
        }
        catch (InsufficientExecutionStackException)
        {
            return false;
        }
    }

    private sealed class ReferenceComparer : IEqualityComparer<ITypeSymbol>
    {
        public static readonly ReferenceComparer Instance = new();

        public bool Equals(ITypeSymbol? x, ITypeSymbol? y) => ReferenceEquals(x, y);

        public int GetHashCode(ITypeSymbol type) => System.Runtime.CompilerServices.RuntimeHelpers.GetHashCode(type);
    }
}
