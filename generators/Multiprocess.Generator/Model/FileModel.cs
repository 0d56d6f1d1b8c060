namespace Multiprocess.Generator.Model;

/// <summary>One generated file: everything that follows from one marked interface or exception.</summary>
/// <param name="HintName">The file's name within the compilation.</param>
/// <param name="Namespace">The namespace of the marked type, or null for the global one.</param>
/// <param name="Source">The marked type's name as a reader knows it.</param>
/// <param name="QualifyRuntimeNames">Whether the runtime's names need their namespaces, because the user's namespace has some of them too.</param>
/// <param name="Contract">The contract of a marked interface.</param>
/// <param name="Fault">The codec of a marked exception.</param>
/// <param name="References">The contracts of delegate types that are used.</param>
/// <param name="Values">The codecs of types that cross by value.</param>
/// <param name="Unions">The codecs of closed hierarchies.</param>
/// <param name="Formatters">The formatters of MessagePack-CSharp that are used.</param>
/// <param name="HasFlowAttributes">Whether members carry nullability attributes, which explicit implementations do not repeat.</param>
/// <param name="UsesObsolete">Whether it uses what is obsolete, which is no complaint inside of what is obsolete itself.</param>
/// <param name="Warnings">The ids of the warnings that come with what is used because it is experimental.</param>
/// <param name="Errors">Why nothing can be generated; empty for a valid type.</param>
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
    /// <summary>The contracts and types of the file in words, for whoever has them not compiled; empty without a contract.</summary>
    public string Description { get; init; } = "";

    /// <summary>The contracts of other files that those mention, as generated code names them.</summary>
    public EquatableArray<string> OtherContracts { get; init; }

    /// <summary>Whether there is code to emit; an open generic contract has none of its own.</summary>
    public bool HasCode => Contract is not null || Fault is not null;
}

/// <summary>A refusal, as the generated file repeats it for builds that run without analyzers.</summary>
internal sealed record ErrorModel(string Id, string Message);

/// <summary>A formatter of MessagePack-CSharp that the file makes.</summary>
/// <param name="Name">The name of the generated type that makes it.</param>
/// <param name="DisplayName">The formatter as a reader knows it.</param>
/// <param name="Make">The expression that makes it.</param>
internal sealed record FormatterModel(string Name, string DisplayName, string Make);
