using System.Globalization;
using Microsoft.CodeAnalysis;
using Multiprocess.Generator.Diagnostics;
using Multiprocess.Generator.Model;

namespace Multiprocess.Generator.Parsing;

/// <summary>The closed generic contracts that an assembly names with <c>[IpcClosedInterface]</c>.</summary>
internal static class ClosedContracts
{
    public static IEnumerable<AttributeData> NamedBy(IAssemblySymbol assembly)
        => assembly.GetAttributes()
            .Where(
                attribute => attribute.AttributeClass is { Name: "IpcClosedInterfaceAttribute" } type
                    && WellKnownTypes.FullName(type) == WellKnownTypes.IpcClosedInterface);

    /// <summary>The type that the attribute names; null if it does not compile.</summary>
    public static ITypeSymbol? TypeOf(AttributeData attribute)
        => attribute.ConstructorArguments.FirstOrDefault().Value is ITypeSymbol { TypeKind: not TypeKind.Error } type
            ? type
            : null;

    /// <summary>The file for the contract that an attribute names; null if the attribute does not compile.</summary>
    public static FileModel? Parse(
        AttributeData attribute,
        IAssemblySymbol assembly,
        Compilation compilation,
        out FileScope? scope,
        out Refusals refusals,
        CancellationToken cancellationToken)
    {
        scope = null;
        refusals = new Refusals();
        if (TypeOf(attribute) is not { } named)
        {
            return null;
        }

        var place = Site.ArgumentOf(attribute);
        if (ProblemOf(named) is { } problem)
        {
            refusals.Add(Rules.ClosedInterface, place, TypeNames.Display(named), problem);
            return new FileModel(
                Hint(TypeNames.Wire(named), named), Namespace: null, TypeNames.Display(named),
                QualifyRuntimeNames: true, Contract: null, Fault: null,
                References: default,
                Values: default,
                Unions: default,
                Formatters: default,
                HasFlowAttributes: false,
                UsesObsolete: false,
                Warnings: default,
                refusals.All.Select(FileParser.Error).ToEquatableArray());
        }

        var type = (INamedTypeSymbol)named;
        var here = scope = new FileScope(type, assembly, compilation, cancellationToken);
        refusals = scope.Refusals;
        string hint = Hint(WellKnownTypes.FullName(type.OriginalDefinition), type);
        return FileParser.Guard(hint, here, place, () =>
        {
            var contract = new ContractParser(type, here, new TypeResolver(here), place).ParseNamed();
            return FileParser.Build(hint, here, contract, fault: null);
        });
    }

    private static string? ProblemOf(ITypeSymbol type) => type switch
    {
        not INamedTypeSymbol { TypeKind: TypeKind.Interface }
            => "it is not an interface; name a generic interface with [IpcInterface]",
        INamedTypeSymbol { IsGenericType: false }
            => "it is not generic; mark it with [IpcInterface] where it is declared",
        INamedTypeSymbol { IsUnboundGenericType: true } => "it is open; give it its type arguments",
        _ when !type.OriginalDefinition.HasAttribute(WellKnownTypes.IpcInterface)
            => "it is not a contract; mark it with [IpcInterface]",
        _ => null,
    };

    /// <summary>
    /// A name for the file: the hash distinguishes contracts that differ only in their type arguments.
    /// </summary>
    private static string Hint(string name, ITypeSymbol type)
        => new string([.. name.Select(letter => char.IsLetterOrDigit(letter) || letter == '.' ? letter : '_')])
            + "_" + WireIds.OfSignature(TypeNames.Wire(type)).ToString("X8", CultureInfo.InvariantCulture) + ".g.cs";
}
