using Microsoft.CodeAnalysis;
using Multiprocess.Generator.Diagnostics;
using Multiprocess.Generator.Parsing.State;

namespace Multiprocess.Generator.Parsing;

/// <summary>The part of a type that crosses.</summary>
/// <param name="Members">The public members that cross.</param>
/// <param name="Stored">The members that must be restored: one for each stored value.</param>
/// <param name="Required">The <c>required</c> members.</param>
/// <param name="State">What the type stores, and which members return and restore it.</param>
internal sealed record ValueState(
    List<ISymbol> Members,
    List<ISymbol> Stored,
    IReadOnlyList<ISymbol> Required,
    TypeState State);

/// <summary>Finds the members that make up the state of a type.</summary>
internal static class ValueMembers
{
    public static ITypeSymbol TypeOf(ISymbol member)
        => member is IPropertySymbol property ? property.Type : ((IFieldSymbol)member).Type;

    public static bool IsRequired(ISymbol member)
        => member is IPropertySymbol { IsRequired: true } or IFieldSymbol { IsRequired: true };

    /// <summary>
    /// The public members that make up the type's state: base types first, fields before properties, in declaration
    /// order; null if a part of the state is not reachable.
    /// </summary>
    /// <param name="type">The type.</param>
    /// <param name="stopAt">The full names of the base types whose members are ignored.</param>
    /// <param name="scope">Where refusals go.</param>
    /// <param name="site">Where the type is used.</param>
    public static ValueState? Find(INamedTypeSymbol type, ICollection<string> stopAt, FileScope scope, Site site)
    {
        var chain = new Stack<INamedTypeSymbol>();
        for (var current = type; current is not null
            && current.SpecialType is not (SpecialType.System_Object
                or SpecialType.System_ValueType); current = current.BaseType)
        {
            if (stopAt.Contains(WellKnownTypes.FullName(current)))
            {
                break;
            }

            if (WellKnownTypes.IsFramework(current) && !WellKnownTypes.IsEventArgs(current))
            {
                scope.Refusals.Add(
                    Rules.NotConstructible, site.Location, site.Path, TypeNames.Display(type),
                    $"its base class '{TypeNames.Display(current)}' has state that is not known here; use a type without it");
                return null;
            }

            chain.Push(current);
        }

        if (chain.SelectMany(level => level.GetMembers()).FirstOrDefault(
            member => member is IPropertySymbol { IsRequired: true, GetMethod: null }) is { } unreadable)
        {
            return Refuse(unreadable, type, "which has to be set and cannot be read", scope, site);
        }

        var state = new TypeState(
            chain,
            scope.IsCompiled || type.HasAttribute(WellKnownTypes.MessagePackObject),
            scope);
        if (PublicMembers(chain, type, state, scope, site) is not { } visible)
        {
            return null;
        }

        var stored = state.IsDeclared ? [] : Stored(visible, state);
        var required = chain.SelectMany(level => level.GetMembers()).Where(IsRequired).ToList();
        return state.IsDeclared ? new ValueState(visible, [], required, state)
            : ShowsAll(stored, type, chain, state, scope, site)
                ? new ValueState(
                    [.. visible.Where(member => stored.Contains(member) || TypeState.IsSettable(member, scope))],
                    stored,
                    required,
                    state)
            : null;
    }

    /// <summary>Whether the user has excluded the member.</summary>
    public static bool IsIgnored(ISymbol member)
        => member.HasAttribute(WellKnownTypes.IgnoreDataMember)
            || member.HasAttribute(WellKnownTypes.MessagePackIgnore)
            || member.HasAttribute("System.NonSerializedAttribute")
            || (member is IFieldSymbol field && CompiledFacts.IsNotSerialized(field));

    /// <summary>The members that are publicly readable, each as its last override; null if one hides another.</summary>
    private static List<ISymbol>? PublicMembers(
        IEnumerable<INamedTypeSymbol> chain,
        INamedTypeSymbol type,
        TypeState state,
        FileScope scope,
        Site site)
    {
        var members = new List<ISymbol>();

        // Metadata does not tell how fields and properties were mixed, and a compiled type must cross like its source.
        foreach (var member in chain.SelectMany(
            level => level.GetMembers().Where(IsReadable).OrderBy(member => member is IFieldSymbol ? 0 : 1)))
        {
            // An override, or a member that hides a base member, replaces that member.
            int before = members.FindIndex(other => other.Name == member.Name);
            if (before >= 0)
            {
                if (!member.IsOverride
                    && (state.IsDeclared ? !IsComputed(members[before]) : state.ReadBy(members[before]) is not null))
                {
                    Refuse(
                        members[before],
                        type,
                        $"which '{member.ContainingType.Name}.{member.Name}' hides",
                        scope,
                        site);
                    return null;
                }

                members[before] = member;
            }
            else
            {
                members.Add(member);
            }
        }

        return members;
    }

    /// <summary>One member for each stored value, preferably the member whose setter restores the value.</summary>
    /// <remarks>
    /// Other members with a setter cross too, for compatibility, but are not set: their value follows from the rest.
    /// </remarks>
    private static List<ISymbol> Stored(List<ISymbol> visible, TypeState state)
    {
        var best = new Dictionary<Slot, ISymbol>();
        foreach (var member in visible)
        {
            if (state.ReadBy(member) is { IsIgnored: false } slot
                && (!best.TryGetValue(slot, out var other)
                    || (!state.IsRestoredBySetter(other) && state.IsRestoredBySetter(member))))
            {
                best[slot] = member;
            }
        }

        return [.. visible.Where(best.ContainsValue)];
    }

    /// <summary>Whether the members return everything that is stored; if not, the type was refused.</summary>
    private static bool ShowsAll(
        List<ISymbol> members,
        INamedTypeSymbol type,
        IReadOnlyCollection<INamedTypeSymbol> chain,
        TypeState state,
        FileScope scope,
        Site site)
    {
        var shown = new HashSet<Slot>(members.Select(state.ReadBy).OfType<Slot>());
        var all = chain.SelectMany(level => level.GetMembers()).Where(member => !member.IsStatic).ToList();
        shown.UnionWith(
            all.OfType<IPropertySymbol>()
                .Where(property => IsIgnored(property) && !property.IsIndexer)
                .Select(property => state.ReadBy(property))
                .OfType<Slot>());
        if (state.Slots.FirstOrDefault(
            slot => !slot.IsIgnored && !shown.Contains(slot) && !IsReplaced(slot, all, state)) is { } lost)
        {
            var replaced = lost.Property is { DeclaredAccessibility: Accessibility.Public } property
                ? all.LastOrDefault(
                    member => member.Name == property.Name
                        && !SymbolEqualityComparer.Default.Equals(member.OriginalDefinition, property))
                : null;
            var owner = lost.Symbol?.ContainingType ?? lost.Property?.ContainingType;
            string name = owner is null || SymbolEqualityComparer.Default.Equals(owner, type.OriginalDefinition)
                ? lost.Name
                : owner.Name + "." + lost.Name;
            scope.Refusals.Add(
                Rules.HiddenState, site.Location, site.Path, TypeNames.Display(type), name,
                replaced is null
                    ? lost.Why
                    : $"which '{replaced.ContainingType.Name}.{replaced.Name}' does not return unchanged");
            return false;
        }

        if (state.Unknown is { } unknown)
        {
            scope.Refusals.Add(
                Rules.HiddenState, site.Location, site.Path, TypeNames.Display(type), "private state",
                $"which '{unknown.Type.Name}.{unknown.Code}' may use and a reference assembly does not show");
            return false;
        }

        return true;
    }

    /// <summary>
    /// Whether an override stores the property itself, so that the field of the base property is never used.
    /// </summary>
    private static bool IsReplaced(Slot slot, IEnumerable<ISymbol> all, TypeState state)
        => slot.Property is { IsVirtual: true } or { IsOverride: true }
            && all.OfType<IPropertySymbol>()
                .Any(
                    property => Overrides(property, slot.Property) && state.ReadBy(property) is { } own && own != slot);

    private static bool Overrides(IPropertySymbol property, IPropertySymbol overridden)
    {
        for (var current = property.OverriddenProperty; current is not null; current = current.OverriddenProperty)
        {
            if (SymbolEqualityComparer.Default.Equals(current.OriginalDefinition, overridden))
            {
                return true;
            }
        }

        return false;
    }

    private static ValueState? Refuse(ISymbol lost, INamedTypeSymbol type, string why, FileScope scope, Site site)
    {
        string name = SymbolEqualityComparer.Default.Equals(lost.ContainingType, type)
            ? lost.Name
            : lost.ContainingType.Name + "." + lost.Name;
        scope.Refusals.Add(Rules.HiddenState, site.Location, site.Path, TypeNames.Display(type), name, why);
        return null;
    }

    private static bool IsReadable(ISymbol member)
    {
        if (member.IsStatic
            || member.IsImplicitlyDeclared
            || member.DeclaredAccessibility != Accessibility.Public
            || IsIgnored(member))
        {
            return false;
        }

        return member switch
        {
            IFieldSymbol field => !field.IsConst && field.CanBeReferencedByName,
            IPropertySymbol { IsIndexer: false } property
                => property.GetMethod is { } getter
                    ? getter.DeclaredAccessibility == Accessibility.Public
                    : property.IsOverride,
            _ => false,
        };
    }

    /// <summary>
    /// Whether a member is computed, in a type whose author has declared what crosses: it has no key, and nothing sets
    /// it.
    /// </summary>
    public static bool IsComputed(ISymbol member)
        => member is IPropertySymbol { SetMethod: null } property
            && !MessagePackKeys.HasKey(property)
            && !TypeState.IsAutomatic(property);
}
