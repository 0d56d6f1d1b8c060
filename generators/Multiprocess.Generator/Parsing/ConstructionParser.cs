using Microsoft.CodeAnalysis;
using Multiprocess.Generator.Diagnostics;

namespace Multiprocess.Generator.Parsing;

/// <summary>How a value is restored: by which constructor, and which members an object initializer sets.</summary>
internal sealed record Construction(
    IMethodSymbol Constructor,
    IReadOnlyList<ISymbol> Members,
    IReadOnlyList<Argument> Arguments,
    IReadOnlyList<ISymbol> Initialized)
{
    public IParameterSymbol? ParameterOf(ISymbol member)
        => Arguments.FirstOrDefault(
            argument => SymbolEqualityComparer.Default.Equals(argument.Member, member))?.Parameter;
}

/// <summary>A constructor argument: a member's value, or a supplied expression.</summary>
internal sealed record Argument(IParameterSymbol Parameter, ISymbol? Member, string? Supplied);

/// <summary>Chooses how a value is restored without losing any of its state.</summary>
internal sealed class ConstructionParser(FileScope scope)
{
    private static readonly string[] s_constructorAttributes =
        [WellKnownTypes.MessagePackConstructor, "System.Text.Json.Serialization.JsonConstructorAttribute"];

    /// <summary>
    /// Whether the author has marked the constructor as the one that restores a value from its members.
    /// </summary>
    public static bool IsMarked(IMethodSymbol constructor) => s_constructorAttributes.Any(constructor.HasAttribute);

    /// <summary>The construction; null if the type was refused.</summary>
    /// <param name="type">The type.</param>
    /// <param name="value">The part of the type that crosses.</param>
    /// <param name="site">Where it is used.</param>
    /// <param name="supplied">Expressions for parameters that belong to no member, by type; each is used once.</param>
    /// <param name="longestFirst">Whether the constructor with the most parameters is preferred.</param>
    public Construction? Choose(
        INamedTypeSymbol type,
        ValueState value,
        Site site,
        IReadOnlyDictionary<string, string> supplied,
        bool longestFirst = false)
    {
        ISymbol? lost = null;
        Construction? best = null;
        foreach (var constructor in Candidates(type, longestFirst || type.IsRecord))
        {
            // A member that one constructor stores may look computed to another: a struct always has a constructor
            // without parameters.
            if (TryUse(constructor, value, supplied, ref lost) is { } construction
                && !(construction.Members.Count <= best?.Members.Count))
            {
                best = construction;
            }
        }

        if (best is not null)
        {
            return SetsRequired(best, type, value, site) ? best : null;
        }

        if (lost is not null)
        {
            scope.Refusals.Add(
                Rules.HiddenState, site.Location, site.Path, TypeNames.Display(type), lost.Name,
                "which no accessible setter restores unchanged, and no constructor parameter of its name and type");
        }
        else
        {
            scope.Refusals.Add(
                Rules.NotConstructible, site.Location, site.Path, TypeNames.Display(type),
                "give it a public constructor without parameters, or one whose parameters have the names and types of its members");
        }

        return null;
    }

    /// <summary>
    /// Accessible constructors, the best first: the marked one; the longest of a record, which is the primary one;
    /// else the shortest.
    /// </summary>
    private IEnumerable<IMethodSymbol> Candidates(INamedTypeSymbol type, bool longestFirst)
    {
        var accessible = type.InstanceConstructors
            .Where(constructor => scope.IsAccessible(constructor) && !WellKnownTypes.IsObsoleteAsError(constructor))
            .Where(
                constructor => constructor.Parameters.All(parameter => parameter.RefKind is RefKind.None or RefKind.In))
            .Where(
                constructor => !(type.IsRecord
                    && constructor.Parameters.Length == 1
                    && SymbolEqualityComparer.Default.Equals(constructor.Parameters[0].Type, type)))
            .ToList();
        var marked = accessible.Where(IsMarked).ToList();
        return marked.Count != 0 ? marked
            : longestFirst ? accessible.OrderByDescending(constructor => constructor.Parameters.Length)
            : accessible.OrderBy(constructor => constructor.Parameters.Length);
    }

    private Construction? TryUse(
        IMethodSymbol constructor,
        ValueState value,
        IReadOnlyDictionary<string, string> supplied,
        ref ISymbol? lost)
    {
        var arguments = new List<Argument>();
        var members = value.Members;
        foreach (var parameter in constructor.Parameters)
        {
            var member = members.FirstOrDefault(candidate => Matches(parameter, candidate));
            string? other = null;
            if (member is not null
                || (supplied.TryGetValue(WellKnownTypes.FullName(parameter.Type), out other) && arguments.All(
                    argument => argument.Supplied != other)))
            {
                arguments.Add(new Argument(parameter, member, member is null ? other : null));
            }
            else if (!parameter.IsOptional && !parameter.IsParams)
            {
                return null;
            }
        }

        var taken = new HashSet<ISymbol>(
            arguments.Where(
                argument
                    => argument.Member is { } member && value.State.IsTaken(constructor, argument.Parameter, member))
                .Select(argument => argument.Member!),
            SymbolEqualityComparer.Default);
        bool setsRequired = constructor.HasAttribute(WellKnownTypes.SetsRequiredMembers);

        // Members that a constructor may have changed are set after it.
        members = value.State.IsDeclared
            ? [.. members.Where(member => taken.Contains(member) || !ValueMembers.IsComputed(member))]
            : members;
        var restored = value.State.IsDeclared ? members : value.Stored;
        var initialized = restored
            .Where(member => !taken.Contains(member) || (ValueMembers.IsRequired(member) && !setsRequired))
            .ToList();
        if (initialized.FirstOrDefault(member => !value.State.IsRestoredBySetter(member)) is { } unreachable)
        {
            lost ??= unreachable;
            return null;
        }

        return new Construction(constructor, members, arguments, initialized);
    }

    /// <summary>Refuses a type with a required member that does not cross.</summary>
    private bool SetsRequired(Construction construction, INamedTypeSymbol type, ValueState value, Site site)
    {
        if (construction.Constructor.HasAttribute(WellKnownTypes.SetsRequiredMembers)
            || value.Required.FirstOrDefault(
                member => construction.Initialized.All(set => set.Name != member.Name)) is not { } missing)
        {
            return true;
        }

        scope.Refusals.Add(
            Rules.NotConstructible, Site.NameOf(missing, site.Location), site.Path, TypeNames.Display(type),
            $"'{missing.Name}' is required but does not cross; remove 'required', or let the member cross");
        return false;
    }

    private static bool Matches(IParameterSymbol parameter, ISymbol member)
        => string.Equals(parameter.Name, member.Name, StringComparison.OrdinalIgnoreCase)
            && SymbolEqualityComparer.Default.Equals(parameter.Type, ValueMembers.TypeOf(member));
}
