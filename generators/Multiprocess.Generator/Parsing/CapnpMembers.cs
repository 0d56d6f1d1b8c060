using Microsoft.CodeAnalysis;

namespace Multiprocess.Generator.Parsing;

/// <summary>The members of a type that crosses as a struct, and how a value of it is created again.</summary>
internal static class CapnpMembers
{
    internal sealed record Member(ISymbol Symbol, ITypeSymbol Type, bool IsSettable);

    /// <summary>The public members with values, those of base classes first.</summary>
    public static List<Member> Of(INamedTypeSymbol type)
    {
        if (type.IsTupleType)
        {
            return [.. type.TupleElements.Select(element => new Member(
                element.CorrespondingTupleField ?? element, element.Type, IsSettable: true))];
        }

        var all = new List<Member>();
        for (INamedTypeSymbol? current = type;
            current is { SpecialType: SpecialType.None }
                && (SymbolEqualityComparer.Default.Equals(current, type) || !WellKnownTypes.IsFramework(current));
            current = current.BaseType)
        {
            var own = current.GetMembers().Select(MemberOf).OfType<Member>()
                .Where(member => all.All(other => other.Symbol.Name != member.Symbol.Name));
            all.InsertRange(0, own.ToList());
        }

        return all;
    }

    /// <summary>
    /// The names of the members that the constructor takes, in its order; null if no constructor fits.
    /// </summary>
    public static List<string>? Arguments(INamedTypeSymbol type, List<Member> members)
    {
        if (type.IsTupleType)
        {
            return [.. members.Select(member => member.Symbol.Name)];
        }

        foreach (var constructor in type.InstanceConstructors
            .Where(constructor => constructor.DeclaredAccessibility == Accessibility.Public)
            .OrderBy(constructor => constructor.Parameters.Length))
        {
            var taken = constructor.Parameters.Select(parameter => members.FirstOrDefault(member =>
                string.Equals(member.Symbol.Name, parameter.Name, StringComparison.OrdinalIgnoreCase)
                    && SymbolEqualityComparer.Default.Equals(member.Type, parameter.Type))).ToList();
            if (taken.All(member => member is not null)
                && members.All(member => member.IsSettable || taken.Contains(member)))
            {
                return [.. taken.Select(member => member!.Symbol.Name)];
            }
        }

        return null;
    }

    private static Member? MemberOf(ISymbol symbol) => symbol switch
    {
        IPropertySymbol
            {
                DeclaredAccessibility: Accessibility.Public,
                IsStatic: false,
                IsIndexer: false,
                GetMethod.DeclaredAccessibility: Accessibility.Public,
            } property
            when !property.HasAttribute(WellKnownTypes.IgnoreDataMember)
            => new(property, property.Type, property.SetMethod is { DeclaredAccessibility: Accessibility.Public }),
        IFieldSymbol { DeclaredAccessibility: Accessibility.Public, IsStatic: false, IsConst: false } field
            when !field.HasAttribute(WellKnownTypes.IgnoreDataMember)
            => new(field, field.Type, !field.IsReadOnly),
        _ => null,
    };
}
