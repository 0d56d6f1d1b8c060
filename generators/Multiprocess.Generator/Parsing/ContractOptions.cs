using Microsoft.CodeAnalysis;
using Multiprocess.Generator.Model;

namespace Multiprocess.Generator.Parsing;

/// <summary>The options of contracts for how their types cross, and the types that were resolved with them.</summary>
/// <param name="allowsUndefinedEnumValues">Whether one of the contracts allows enum values that the reader does not
/// define.</param>
/// <param name="contracts">The contracts whose converters apply: the file's contract, and generic contracts that it
/// closes around the place.</param>
internal sealed class ContractOptions(bool allowsUndefinedEnumValues, IReadOnlyList<INamedTypeSymbol> contracts)
{
    public bool AllowsUndefinedEnumValues => allowsUndefinedEnumValues;

    public IReadOnlyList<INamedTypeSymbol> Contracts => contracts;

    /// <summary>The types that were resolved, with nullability, and how they cross.</summary>
    public Dictionary<ITypeSymbol, TypeModel> Resolved { get; } = new(SymbolEqualityComparer.IncludeNullability);

    /// <summary>
    /// Codecs of by-value types, by type with nullability: the codec of <c>Page&lt;string?&gt;</c> allows null.
    /// </summary>
    public Dictionary<ITypeSymbol, string?> ValueCodecs { get; } = new(SymbolEqualityComparer.IncludeNullability);

    /// <summary>The stubs of types whose contracts a signature closes, by type with nullability.</summary>
    public Dictionary<ITypeSymbol, string> Stubs { get; } = new(SymbolEqualityComparer.IncludeNullability);

    public static bool Allows(INamedTypeSymbol contract)
        => contract.FindAttribute(WellKnownTypes.IpcInterface)?.NamedArguments
            .Any(argument => argument is { Key: "AllowUndefinedEnumValues", Value.Value: true }) ?? false;

    /// <summary>Whether a contract has options that apply only to its own types.</summary>
    public static bool Has(INamedTypeSymbol contract)
        => Allows(contract) || contract.HasAttribute(WellKnownTypes.IpcConverter);
}
