using Microsoft.CodeAnalysis;
using Multiprocess.Generator.Diagnostics;

namespace Multiprocess.Generator.Parsing;

/// <summary>How a value is made anew: through which constructor, and what an object initializer sets.</summary>
internal sealed record Construction(
    IMethodSymbol Constructor,
    IReadOnlyList<ISymbol> Members,
    IReadOnlyList<Argument> Arguments,
    IReadOnlyList<ISymbol> Initialized)
{
    public IParameterSymbol? ParameterOf(ISymbol member)
        => Arguments.FirstOrDefault(argument => SymbolEqualityComparer.Default.Equals(argument.Member, member))?.Parameter;
}

/// <summary>A constructor argument: a member's value, or an expression that is supplied.</summary>
internal sealed record Argument(IParameterSymbol Parameter, ISymbol? Member, string? Supplied);

/// <summary>Chooses how a value is made anew so that nothing of its state is lost.</summary>
internal sealed class ConstructionParser(FileScope scope)
{
    private static readonly string[] s_constructorAttributes =
        [WellKnownTypes.MessagePackConstructor, "System.Text.Json.Serialization.JsonConstructorAttribute"];

    /// <summary>Whether the author says by an attribute that the constructor makes a value anew of its members.</summary>
    public static bool IsMarked(IMethodSymbol constructor) => s_constructorAttributes.Any(constructor.HasAttribute);

    /// <summary>The construction, or null when the type was refused.</summary>
    /// <param name="type">The type.</param>
    /// <param name="value">What crosses of it.</param>
    /// <param name="site">Where it is used.</param>
    /// <param name="supplied">Parameters that get something else than a member, by type; each is given once.</param>
    /// <param name="longestFirst">Whether the constructor that takes most is the best.</param>
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
            // What one constructor takes may look computed to another: a struct can always be made of nothing.
            if (TryUse(constructor, value, supplied, ref lost) is { } construction && !(construction.Members.Count <= best?.Members.Count))
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
                "which no accessible setter restores as it is, and no constructor parameter of its name and type");
        }
        else
        {
            scope.Refusals.Add(
                Rules.NotConstructible, site.Location, site.Path, TypeNames.Display(type),
                "give it a public constructor without parameters, or one whose parameters have the names and types of its members");
        }

        return null;
    }

    /// <summary>Accessible constructors, the best first: the marked one; a record's longest, which is its primary one; else the shortest.</summary>
    private IEnumerable<IMethodSymbol> Candidates(INamedTypeSymbol type, bool longestFirst)
    {
        var accessible = type.InstanceConstructors
            .Where(constructor => scope.IsAccessible(constructor) && !WellKnownTypes.IsObsoleteAsError(constructor))
            .Where(constructor => constructor.Parameters.All(parameter => parameter.RefKind is RefKind.None or RefKind.In))
            .Where(constructor => !(type.IsRecord && constructor.Parameters.Length == 1 && SymbolEqualityComparer.Default.Equals(constructor.Parameters[0].Type, type)))
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
                || (supplied.TryGetValue(WellKnownTypes.FullName(parameter.Type), out other) && arguments.All(argument => argument.Supplied != other)))
            {
                arguments.Add(new Argument(parameter, member, member is null ? other : null));
            }
            else if (!parameter.IsOptional && !parameter.IsParams)
            {
                return null;
            }
        }

        var taken = new HashSet<ISymbol>(
            arguments.Where(argument => argument.Member is { } member && value.State.IsTaken(constructor, argument.Parameter, member)).Select(argument => argument.Member!),
            SymbolEqualityComparer.Default);
        bool setsRequired = constructor.HasAttribute(WellKnownTypes.SetsRequiredMembers);

        // What a constructor may have changed on the way is set behind it.
        members = value.State.IsDeclared ? [.. members.Where(member => taken.Contains(member) || !ValueMembers.IsComputed(member))] : members;
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

    /// <summary>Refuses a type with a member that has to be set and does not cross.</summary>
    private bool SetsRequired(Construction construction, INamedTypeSymbol type, ValueState value, Site site)
    {
        if (construction.Constructor.HasAttribute(WellKnownTypes.SetsRequiredMembers)
            || value.Required.FirstOrDefault(member => construction.Initialized.All(set => set.Name != member.Name)) is not { } missing)
        {
            return true;
        }

        scope.Refusals.Add(
            Rules.NotConstructible, Site.NameOf(missing, site.Location), site.Path, TypeNames.Display(type),
            $"'{missing.Name}' is required but does not cross; leave out 'required', or what keeps it from crossing");
        return false;
    }

    private static bool Matches(IParameterSymbol parameter, ISymbol member)
        => string.Equals(parameter.Name, member.Name, StringComparison.OrdinalIgnoreCase)
            && SymbolEqualityComparer.Default.Equals(parameter.Type, ValueMembers.TypeOf(member));
}
