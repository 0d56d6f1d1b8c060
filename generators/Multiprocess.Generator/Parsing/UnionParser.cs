using Microsoft.CodeAnalysis;
using Multiprocess.Generator.Diagnostics;
using Multiprocess.Generator.Model;

namespace Multiprocess.Generator.Parsing;

/// <summary>
/// Creates the codec of a closed hierarchy: <c>[IpcUnion]</c>, or MessagePack-CSharp's <c>[Union]</c>.
/// </summary>
internal sealed class UnionParser(FileScope scope, TypeResolver types)
{
    public static bool IsUnion(ITypeSymbol type) => UnionCases.Of(type).Any();

    /// <summary>The name of the union's codec; null if the union was refused.</summary>
    public string? Parse(INamedTypeSymbol type, Site site)
    {
        type = (INamedTypeSymbol)type.WithNullableAnnotation(NullableAnnotation.NotAnnotated);
        if (scope.Here.ValueCodecs.TryGetValue(type, out string? known))
        {
            return known;
        }

        string codecName = scope.Names.TakeCodec(type);
        scope.Here.ValueCodecs.Add(type, codecName); // Added before the cases are parsed: a case may contain the union.
        int place = scope.Unions.Count;
        if (scope.Nesting.Begin(type) is { } problem)
        {
            scope.Refusals.Add(Rules.UnsupportedType, site.Location, site.Path, TypeNames.Display(type), problem);
            return scope.Here.ValueCodecs[type] = null;
        }

        var found = ParseCases(type, site);
        scope.Nesting.End(type);
        if (found is not { } cases)
        {
            return scope.Here.ValueCodecs[type] = null;
        }

        scope.Unions.Insert(
            place,
            new UnionModel(TypeNames.CodeWithoutNull(type), TypeNames.Display(type), codecName, cases));
        return codecName;
    }

    private EquatableArray<UnionCaseModel>? ParseCases(INamedTypeSymbol type, Site site)
    {
        var cases = new List<UnionCaseModel>();
        var shapes = new List<(int Key, ITypeSymbol Type, EquatableArray<string> Uses)>();
        var keys = new HashSet<int>();
        var seen = new HashSet<ITypeSymbol>(SymbolEqualityComparer.Default);
        bool complete = type.IsAbstract
            || Refuse(type, null, site, "it is not abstract, so its own values are not a case");
        foreach (var attribute in UnionCases.Of(type))
        {
            if (UnionCases.Read(attribute) is not var (key, @case))
            {
                // An error type, which the compiler has reported, or a type name as text, which MessagePack-CSharp
                // allows.
                complete = Refuse(
                    type,
                    attribute,
                    site,
                    UnionCases.Unreadable);
                continue;
            }

            string? problem = !keys.Add(key) ? $"the key {key} is given twice"
                : !seen.Add(@case) ? $"'{TypeNames.Display(@case)}' is a case twice"
                : !scope.Compilation.HasImplicitConversion(@case, type)
                    || @case.IsUnboundGenericType
                    || SymbolEqualityComparer.Default.Equals(@case, type)
                    ? $"'{TypeNames.Display(@case)}' is not a type of this hierarchy"
                : null;
            if (problem is not null)
            {
                complete = Refuse(type, attribute, site, problem);
            }
            else if (types.Resolve(
                @case.WithNullableAnnotation(NullableAnnotation.NotAnnotated), site.Case(@case.Name)) is { } model)
            {
                cases.Add(new UnionCaseModel(key, model, IsExact: !@case.IsAbstract));
                shapes.Add((key, @case, model.Uses));
            }
            else
            {
                complete = false;
            }
        }

        scope.AddShape(type, ShapeParser.OfUnion(type, shapes));

        // Exact types first: an abstract case may be the base of another one.
        return complete ? cases.OrderByDescending(@case => @case.IsExact).ToEquatableArray() : null;
    }

    private bool Refuse(INamedTypeSymbol type, AttributeData? attribute, Site site, string problem)
    {
        var place = attribute is null ? site.Location : Site.Of(attribute, site.Location);
        scope.Refusals.Add(Rules.Union, place, TypeNames.Display(type), problem);
        return false;
    }
}
