using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CSharp.Syntax;
using Multiprocess.Generator.Diagnostics;

namespace Multiprocess.Generator.Parsing;

/// <summary>Finds the members of a type that are its state.</summary>
internal static class ValueMembers
{
    public static ITypeSymbol TypeOf(ISymbol member) => member is IPropertySymbol property ? property.Type : ((IFieldSymbol)member).Type;

    /// <summary>Whether an object initializer of generated code can set the member.</summary>
    public static bool IsSettable(ISymbol member, FileScope scope) => member switch
    {
        IPropertySymbol { SetMethod: { } setter } => scope.IsAccessible(setter) && !WellKnownTypes.IsObsoleteAsError(setter),
        IFieldSymbol field => !field.IsReadOnly,
        _ => false,
    };

    public static bool IsRequired(ISymbol member) => member is IPropertySymbol { IsRequired: true } or IFieldSymbol { IsRequired: true };

    /// <summary>Whether the member only computes: a property without setter that stores nothing, itself or in a field of its name.</summary>
    public static bool IsComputed(ISymbol member)
        => member is IPropertySymbol { SetMethod: null } property
            && !IsAutomatic(property)
            && !property.ContainingType.GetMembers().Any(field => field is IFieldSymbol { IsStatic: false, IsConst: false } && IsIgnored(field) is false && IsFieldOf(field, property));

    /// <summary>The public members, those of base types first, of each type fields before properties, in declaration order; null when a part of the state is out of reach.</summary>
    /// <param name="type">The type.</param>
    /// <param name="stopAt">The full names of the base types whose members are not looked at.</param>
    /// <param name="scope">Where refusals go.</param>
    /// <param name="site">Where the type is used.</param>
    public static List<ISymbol>? Find(INamedTypeSymbol type, ICollection<string> stopAt, FileScope scope, Site site)
    {
        var chain = new Stack<INamedTypeSymbol>();
        for (var current = type; current is not null && current.SpecialType is not (SpecialType.System_Object or SpecialType.System_ValueType); current = current.BaseType)
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

        var members = new List<ISymbol>();
        var hidden = new List<ISymbol>();
        if (chain.SelectMany(level => level.GetMembers()).FirstOrDefault(member => member is IPropertySymbol { IsRequired: true, GetMethod: null }) is { } unreadable)
        {
            return Refuse(unreadable, type, "which has to be set and cannot be read", scope, site);
        }

        // A compiled type does not tell how fields and properties were mixed, and must cross as its source does.
        foreach (var member in chain.SelectMany(level => level.GetMembers().Where(IsState).OrderBy(member => member is IFieldSymbol ? 0 : 1)))
        {
            if (member.DeclaredAccessibility != Accessibility.Public || member is IPropertySymbol { GetMethod.DeclaredAccessibility: not Accessibility.Public })
            {
                hidden.Add(member);
                continue;
            }

            // An override, or a member that hides the base's, takes its place.
            int before = members.FindIndex(other => other.Name == member.Name);
            if (before >= 0)
            {
                if (!member.IsOverride && !IsComputed(members[before]))
                {
                    return Refuse(members[before], type, $"which '{member.ContainingType.Name}.{member.Name}' hides", scope, site);
                }

                members[before] = member;
            }
            else
            {
                members.Add(member);
            }
        }

        return hidden.FirstOrDefault(member => !Stores(member, members)) is { } lost ? Refuse(lost, type, "which is not public", scope, site) : members;
    }

    private static List<ISymbol>? Refuse(ISymbol lost, INamedTypeSymbol type, string why, FileScope scope, Site site)
    {
        string name = SymbolEqualityComparer.Default.Equals(lost.ContainingType, type) ? lost.Name : lost.ContainingType.Name + "." + lost.Name;
        scope.Refusals.Add(Rules.HiddenState, site.Location, site.Path, TypeNames.Display(type), name, why);
        return null;
    }

    private static bool IsState(ISymbol member)
    {
        if (member.IsStatic || member.IsImplicitlyDeclared || IsIgnored(member))
        {
            return false;
        }

        return member switch
        {
            IFieldSymbol field => !field.IsConst && field.CanBeReferencedByName,
            IPropertySymbol { IsIndexer: false, GetMethod: { } getter } property
                => getter.DeclaredAccessibility == Accessibility.Public || IsAutomatic(property),
            _ => false,
        };
    }

    private static bool IsIgnored(ISymbol member)
        => member.HasAttribute(WellKnownTypes.IgnoreDataMember)
            || member.HasAttribute(WellKnownTypes.MessagePackIgnore)
            || member.HasAttribute("System.NonSerializedAttribute");

    /// <summary>Whether a field that is not public is what a public property reads: <c>_name</c> for <c>Name</c>.</summary>
    private static bool Stores(ISymbol hidden, List<ISymbol> members)
        => hidden is IFieldSymbol && members.Any(member => member is IPropertySymbol && IsFieldOf(hidden, member));

    private static bool IsFieldOf(ISymbol field, ISymbol property)
        => field.DeclaredAccessibility != Accessibility.Public
            && string.Equals(field.Name.TrimStart('_').Replace("m_", ""), property.Name, StringComparison.OrdinalIgnoreCase);

    /// <summary>Whether the compiler stores the property: an auto-property, or a positional one of a record.</summary>
    private static bool IsAutomatic(IPropertySymbol property)
        => property.DeclaringSyntaxReferences.Any(reference => reference.GetSyntax() is ParameterSyntax)
            || property.ContainingType.GetMembers().OfType<IFieldSymbol>()
                .Any(field => SymbolEqualityComparer.Default.Equals(field.AssociatedSymbol, property));
}
