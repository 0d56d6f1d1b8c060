using Microsoft.CodeAnalysis;
using Multiprocess.Generator.Model;

namespace Multiprocess.Generator.Parsing;

/// <summary>What contracts say of how their types cross, and what was found to cross so.</summary>
/// <param name="allowsUndefinedEnumValues">Whether one of them takes enum values that its reader does not define.</param>
/// <param name="contracts">The contracts whose converters hold: the file's, and the generic ones that it closes around the place.</param>
internal sealed class ContractOptions(bool allowsUndefinedEnumValues, IReadOnlyList<INamedTypeSymbol> contracts)
{
    public bool AllowsUndefinedEnumValues => allowsUndefinedEnumValues;

    public IReadOnlyList<INamedTypeSymbol> Contracts => contracts;

    /// <summary>How each type crosses that was found to cross, nullability included.</summary>
    public Dictionary<ITypeSymbol, TypeModel> Resolved { get; } = new(SymbolEqualityComparer.IncludeNullability);

    /// <summary>Codecs of by-value types by type, nullability included: the codec of <c>Page&lt;string?&gt;</c> lets nulls through.</summary>
    public Dictionary<ITypeSymbol, string?> ValueCodecs { get; } = new(SymbolEqualityComparer.IncludeNullability);

    /// <summary>The stubs of types whose contracts a signature closes, nullability included.</summary>
    public Dictionary<ITypeSymbol, string> Stubs { get; } = new(SymbolEqualityComparer.IncludeNullability);

    public static bool Allows(INamedTypeSymbol contract)
        => contract.FindAttribute(WellKnownTypes.IpcInterface)?.NamedArguments
            .Any(argument => argument is { Key: "AllowUndefinedEnumValues", Value.Value: true }) ?? false;

    /// <summary>Whether a contract says anything that holds for its own references alone.</summary>
    public static bool Has(INamedTypeSymbol contract) => Allows(contract) || contract.HasAttribute(WellKnownTypes.IpcConverter);
}
