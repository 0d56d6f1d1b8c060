namespace Multiprocess.Generator.Model;

internal enum ContractKind
{
    Interface,
    Delegate,

    /// <summary>
    /// <c>IProgress&lt;T&gt;</c>, or a generic contract that a signature closes: proxy and stub are file-local, as for
    /// a delegate.
    /// </summary>
    Closed,

    /// <summary>A closed generic contract that the assembly names: it has its own file, like an interface.</summary>
    Named,
}

/// <summary>An interface or a delegate type whose objects cross by reference.</summary>
/// <param name="Kind">What it is.</param>
/// <param name="Type">The type as generated code names it.</param>
/// <param name="DisplayName">The type's name for messages and comments.</param>
/// <param name="WireName">The type's full name, as both sides know it.</param>
/// <param name="Fingerprint">A hash of the ids of all calls.</param>
/// <param name="ProxyName">The name of the generated proxy.</param>
/// <param name="StubName">The name of the generated stub.</param>
/// <param name="Members">The members in declaration order; members of base interfaces come last.</param>
internal sealed record ContractModel(
    ContractKind Kind,
    string Type,
    string DisplayName,
    string WireName,
    ulong Fingerprint,
    string ProxyName,
    string StubName,
    EquatableArray<MemberModel> Members)
{
    /// <summary>
    /// A hash of the encoding of all calls. It tells several stubs of one type apart; 0 for a type with a single stub.
    /// </summary>
    public ulong Form { get; init; }

    /// <summary>
    /// Whether a contract that a signature closes can be a root too: it does not depend on the options of another
    /// contract.
    /// </summary>
    public bool MayBeRoot { get; init; }

    /// <summary>
    /// Whether calls of the contract, or of a contract that it references, can carry descriptors. Only set for a
    /// contract that can be a root.
    /// </summary>
    public bool PassesDescriptors { get; init; }

    /// <summary>Whether a file is generated for the contract.</summary>
    public bool HeadsFile => Kind is ContractKind.Interface or ContractKind.Named;
}
