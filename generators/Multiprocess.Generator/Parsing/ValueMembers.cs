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
        IPropertySymbol { SetMethod: { } setter } => scope.IsAccessible(setter),
        IFieldSymbol field => !field.IsReadOnly,
        _ => false,
    };

    public static bool IsRequired(ISymbol member) => member is IPropertySymbol { IsRequired: true } or IFieldSymbol { IsRequired: true };

    /// <summary>Whether the member only computes: a property without setter that stores nothing itself.</summary>
    public static bool IsComputed(ISymbol member)
        => member is IPropertySymbol { SetMethod: null } property && !IsAutomatic(property);

    /// <summary>The public members, those of base types first, of each type fields before properties, in declaration order; null when a part of the state is out of reach.</summary>
    /// <param name="type">The type.</param>
    /// <param name="stopAt">The full name of the base type whose members are not looked at.</param>
    /// <param name="scope">Where refusals go.</param>
    /// <param name="site">Where the type is used.</param>
    public static List<ISymbol>? Find(INamedTypeSymbol type, string? stopAt, FileScope scope, Site site)
    {
        var chain = new Stack<INamedTypeSymbol>();
        for (var current = type; current is not null && current.SpecialType is not (SpecialType.System_Object or SpecialType.System_ValueType); current = current.BaseType)
        {
            if (WellKnownTypes.FullName(current) == stopAt)
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
        // A compiled type does not tell how fields and properties were mixed, and must cross as its source does.
        foreach (var member in chain.SelectMany(level => level.GetMembers().Where(IsState).OrderBy(member => member is IFieldSymbol ? 0 : 1)))
        {
            if (member.DeclaredAccessibility != Accessibility.Public)
            {
                hidden.Add(member);
                continue;
            }

            // An override, or a member that hides the base's, takes its place.
            int before = members.FindIndex(other => other.Name == member.Name);
            if (before >= 0)
            {
                members[before] = member;
            }
            else
            {
                members.Add(member);
            }
        }

        return hidden.FirstOrDefault(member => !Stores(member, members)) is { } lost ? Refuse(lost, type, scope, site) : members;
    }

    private static List<ISymbol>? Refuse(ISymbol lost, INamedTypeSymbol type, FileScope scope, Site site)
    {
        scope.Refusals.Add(Rules.HiddenState, site.Location, site.Path, TypeNames.Display(type), lost.Name, "which is not public");
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
            IPropertySymbol { IsIndexer: false, GetMethod: { } getter, ExplicitInterfaceImplementations.IsEmpty: true } property
                => property.DeclaredAccessibility == Accessibility.Public
                    ? getter.DeclaredAccessibility == Accessibility.Public
                    : IsAutomatic(property),
            _ => false,
        };
    }

    private static bool IsIgnored(ISymbol member)
        => member.HasAttribute(WellKnownTypes.IgnoreDataMember)
            || member.HasAttribute(WellKnownTypes.MessagePackIgnore)
            || member.HasAttribute("System.NonSerializedAttribute");

    /// <summary>Whether a field that is not public is what a public property reads: <c>_name</c> for <c>Name</c>.</summary>
    private static bool Stores(ISymbol hidden, List<ISymbol> members)
        => hidden is IFieldSymbol && members.Any(member => member is IPropertySymbol
            && string.Equals(hidden.Name.TrimStart('_').Replace("m_", ""), member.Name, StringComparison.OrdinalIgnoreCase));

    /// <summary>Whether the compiler stores the property: an auto-property, or a positional one of a record.</summary>
    private static bool IsAutomatic(IPropertySymbol property)
        => property.DeclaringSyntaxReferences.Any(reference => reference.GetSyntax() is ParameterSyntax)
            || property.ContainingType.GetMembers().OfType<IFieldSymbol>()
                .Any(field => SymbolEqualityComparer.Default.Equals(field.AssociatedSymbol, property));
}
