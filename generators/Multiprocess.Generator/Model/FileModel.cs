namespace Multiprocess.Generator.Model;

/// <summary>One generated file: everything that follows from one marked interface or exception.</summary>
/// <param name="HintName">The file's name within the compilation.</param>
/// <param name="Namespace">The namespace of the marked type, or null for the global one.</param>
/// <param name="Source">The marked type's name for messages and comments.</param>
/// <param name="QualifyRuntimeNames">Whether names of the runtime need their namespaces, because the user's namespace
/// has types of the same names.</param>
/// <param name="Contract">The contract of a marked interface.</param>
/// <param name="Fault">The codec of a marked exception.</param>
/// <param name="References">The contracts of delegate types that are used.</param>
/// <param name="Values">The codecs of types that cross by value.</param>
/// <param name="Unions">The codecs of closed hierarchies.</param>
/// <param name="Formatters">The formatters of MessagePack-CSharp that are used.</param>
/// <param name="HasFlowAttributes">Whether members have nullability attributes, which the explicit implementations do
/// not repeat.</param>
/// <param name="UsesObsolete">Whether the file uses obsolete symbols. The generated type is then obsolete too, so that
/// the compiler does not warn.</param>
/// <param name="Warnings">The ids of the warnings for experimental symbols that the file uses.</param>
/// <param name="Errors">The reasons why nothing can be generated; empty for a valid type.</param>
internal sealed record FileModel(
    string HintName,
    string? Namespace,
    string Source,
    bool QualifyRuntimeNames,
    ContractModel? Contract,
    FaultModel? Fault,
    EquatableArray<ContractModel> References,
    EquatableArray<ValueModel> Values,
    EquatableArray<UnionModel> Unions,
    EquatableArray<FormatterModel> Formatters,
    bool HasFlowAttributes,
    bool UsesObsolete,
    EquatableArray<string> Warnings,
    EquatableArray<ErrorModel> Errors)
{
    /// <summary>
    /// The description of the file's contracts and types, for programs without their code; empty without a contract.
    /// </summary>
    public string Description { get; init; } = "";

    /// <summary>
    /// The contracts of other files that these contracts and types mention, as generated code names them.
    /// </summary>
    public EquatableArray<string> OtherContracts { get; init; }

    /// <summary>Whether there is code to emit; an open generic contract has none.</summary>
    public bool HasCode => Contract is not null || Fault is not null;
}

/// <summary>A refusal, which the generated file repeats for builds without analyzers.</summary>
internal sealed record ErrorModel(string Id, string Message);

/// <summary>A formatter of MessagePack-CSharp that the file creates.</summary>
/// <param name="Name">The name of the generated type that creates the formatter.</param>
/// <param name="DisplayName">The formatter's name for comments.</param>
/// <param name="Make">The expression that creates the formatter.</param>
internal sealed record FormatterModel(string Name, string DisplayName, string Make);
