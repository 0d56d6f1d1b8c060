using Microsoft.CodeAnalysis;
using Multiprocess.Generator.Diagnostics;

namespace Multiprocess.Generator.Parsing;

/// <summary>The rules for a contract and its members that do not depend on the types used.</summary>
internal static class ContractRules
{
    public static bool Check(INamedTypeSymbol type, Location name, FileScope scope)
    {
        for (var current = type; current is not null; current = current.ContainingType)
        {
            if (current.TypeParameters.Length != 0)
            {
                scope.Refusals.Add(
                    Rules.GenericContract, name, TypeNames.Display(current),
                    type.TypeKind == TypeKind.Interface
                        ? "move the contract out of it"
                        : SymbolEqualityComparer.Default.Equals(current, type)
                        ? "derive a closed exception from it, and mark that"
                        : "move the exception out of it");
                return false;
            }

            bool isHidden = current.IsFileLocal
                || current.DeclaredAccessibility
                    is Accessibility.Private or Accessibility.Protected or Accessibility.ProtectedAndInternal;
            if (isHidden)
            {
                scope.Refusals.Add(Rules.InaccessibleType, name, TypeNames.Display(current));
                return false;
            }
        }

        return true;
    }

    /// <summary>
    /// Whether a member is a call: accessors belong to their property, static and private members are not called
    /// remotely.
    /// </summary>
    public static bool IsRemote(ISymbol member) => member switch
    {
        IMethodSymbol { MethodKind: not MethodKind.Ordinary } method
            => method is { MethodKind: MethodKind.UserDefinedOperator or MethodKind.Conversion, IsAbstract: true }
                && !IsExplicit(method),
        IMethodSymbol or IPropertySymbol or IEventSymbol
            => member.IsAbstract
                || (member.IsVirtual && !member.IsStatic && !member.HasAttribute(WellKnownTypes.IpcLocal)),
        _ => false,
    } && !IsExplicit(member);

    /// <summary>Refuses a member that a proxy cannot implement, whatever its types are.</summary>
    public static bool CheckMember(ISymbol member, Location name, FileScope scope)
    {
        if (member.IsStatic)
        {
            scope.Refusals.Add(
                Rules.NotImplementable,
                name,
                member.Name,
                "static and abstract",
                "a call needs an object; make it an instance member");
            return false;
        }

        if (member.HasAttribute(WellKnownTypes.IpcLocal))
        {
            scope.Refusals.Add(Rules.LocalWithoutBody, name, member.Name);
            return false;
        }

        bool isOpen = member.DeclaredAccessibility is Accessibility.Public or Accessibility.Internal
            && scope.IsAccessible(member);
        if (!isOpen)
        {
            scope.Refusals.Add(
                Rules.NotImplementable,
                name,
                member.Name,
                "not public",
                "make it public, or private with a body");
            return false;
        }

        if (WellKnownTypes.IsObsoleteAsError(member))
        {
            scope.Refusals.Add(
                Rules.NotImplementable,
                name,
                member.Name,
                "obsolete as an error",
                "remove it, or let it be obsolete as a warning");
            return false;
        }

        if (member is IMethodSymbol { IsVararg: true })
        {
            scope.Refusals.Add(Rules.NotImplementable, name, member.Name, "of variable arguments", "use params");
            return false;
        }

        if (member is IMethodSymbol { IsGenericMethod: true })
        {
            scope.Refusals.Add(Rules.GenericMethod, name, member.Name);
            return false;
        }

        if (member is IPropertySymbol { SetMethod.IsInitOnly: true })
        {
            scope.Refusals.Add(Rules.InitAccessor, InitKeyword(member, name), member.Name);
            return false;
        }

        if (member is IEventSymbol { Type: INamedTypeSymbol { DelegateInvokeMethod: { } invoke } }
            && member.HasAttribute(WellKnownTypes.IpcOneWay)
            && (!invoke.ReturnsVoid || invoke.Parameters.Any(
                parameter => parameter.RefKind is RefKind.Ref or RefKind.Out)))
        {
            scope.Refusals.Add(Rules.OneWay, name, member.Name, "what its handlers return");
            return false;
        }

        return CheckAccessors(member, name, scope);
    }

    private static bool CheckAccessors(ISymbol member, Location name, FileScope scope)
    {
        if (member is IPropertySymbol property
            && new[] { property.GetMethod, property.SetMethod }.Any(
                accessor
                    => accessor is { DeclaredAccessibility: not (Accessibility.Public or Accessibility.Internal) }))
        {
            scope.Refusals.Add(
                Rules.NotImplementable,
                name,
                member.Name,
                "not public in one accessor",
                "make the accessor public, or leave it out");
            return false;
        }

        return true;
    }

    private static Location InitKeyword(ISymbol property, Location name)
        => ((IPropertySymbol)property).SetMethod!.Locations.FirstOrDefault(location => location.IsInSource) ?? name;

    /// <summary>
    /// Whether an interface implements a member of a base interface; the proxy implements that member anyway.
    /// </summary>
    private static bool IsExplicit(ISymbol member) => member switch
    {
        IMethodSymbol method => !method.ExplicitInterfaceImplementations.IsEmpty,
        IPropertySymbol property => !property.ExplicitInterfaceImplementations.IsEmpty,
        IEventSymbol @event => !@event.ExplicitInterfaceImplementations.IsEmpty,
        _ => false,
    };
}
