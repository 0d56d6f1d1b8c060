using System.Globalization;
using Microsoft.CodeAnalysis;

namespace Multiprocess.Generator.Parsing;

/// <summary>Names for the generated types that the whole assembly sees.</summary>
internal static class GeneratedNames
{
    /// <summary>The interface's name without its I: <c>Calculator</c> for the proxy and the stub of <c>ICalculator</c>.</summary>
    public static string OfContract(INamedTypeSymbol type, FileScope scope)
    {
        bool hasI = type.Name.Length > 1 && type.Name[0] == 'I' && char.IsUpper(type.Name[1]);
        string own = hasI ? type.Name.Substring(1) : type.Name;
        bool isTwin = hasI && type.ContainingType is null
            && type.ContainingNamespace.GetTypeMembers(own).Any(other => other.HasAttribute(WellKnownTypes.IpcInterface));
        return Take(type, own, isTwin, scope, "Proxy", "Stub");
    }

    /// <summary>The name of a closed contract: <c>RepositoryOfBlock</c> for <c>IRepository&lt;Block&gt;</c>.</summary>
    public static string OfClosed(INamedTypeSymbol type, FileScope scope)
    {
        string name = IdentifierOf(type);
        string own = name.Length > 1 && name[0] == 'I' && char.IsUpper(name[1]) ? name.Substring(1) : name;
        bool isTwin = type.ContainingNamespace.GetTypeMembers().Any(other => other.Name == own || other.Name == "I" + own)
            || ClosedContracts.NamedBy(scope.Assembly).Select(ClosedContracts.TypeOf).OfType<INamedTypeSymbol>().Any(other =>
                !SymbolEqualityComparer.Default.Equals(other, type) && string.Equals(IdentifierOf(other), name, StringComparison.OrdinalIgnoreCase));
        return Take(type, own, isTwin, scope, "Proxy", "Stub");
    }

    private static string IdentifierOf(INamedTypeSymbol type) => TypeNames.Identifier(type.WithNullableAnnotation(NullableAnnotation.NotAnnotated));

    /// <summary>The exception's name: <c>QuotaException</c> for <c>QuotaExceptionFaultCodec</c>.</summary>
    public static string OfFault(INamedTypeSymbol type, FileScope scope) => Take(type, type.Name, isTwin: false, scope, "FaultCodec");

    /// <summary>The name behind those of containing types, and with a hash behind it where the namespace has it already.</summary>
    private static string Take(INamedTypeSymbol type, string own, bool isTwin, FileScope scope, params string[] suffixes)
    {
        for (var outer = type.ContainingType; outer is not null; outer = outer.ContainingType)
        {
            own = outer.Name + "_" + own;
        }

        // A closed contract's namespace may be another assembly's, and yet have types here.
        var space = scope.Compilation.GetCompilationNamespace(type.ContainingNamespace) ?? type.ContainingNamespace;
        bool isTaken = isTwin || suffixes.Any(suffix => !space.GetTypeMembers(own + suffix).IsEmpty);
        string hash = WireIds.OfSignature(TypeNames.Wire(type)).ToString("X8", CultureInfo.InvariantCulture);
        return scope.TakeName(isTaken ? own + "_" + hash : own, suffixes);
    }
}
