namespace Multiprocess.Generator.Model;

internal enum ContractKind
{
    Interface,
    Delegate,

    /// <summary><c>IProgress&lt;T&gt;</c>, or a generic contract that a signature closes: its proxy and stub only the file sees, as a delegate's.</summary>
    Closed,

    /// <summary>A closed generic contract that the assembly names: it heads a file of its own, as an interface does.</summary>
    Named,
}

/// <summary>An interface or a delegate type whose objects cross by reference.</summary>
/// <param name="Kind">What it is.</param>
/// <param name="Type">The type as generated code names it.</param>
/// <param name="DisplayName">The type as a reader knows it.</param>
/// <param name="WireName">The type's full name, as both sides know it.</param>
/// <param name="Fingerprint">A hash of the ids of all calls.</param>
/// <param name="ProxyName">The name of the generated proxy.</param>
/// <param name="StubName">The name of the generated stub.</param>
/// <param name="Members">The members, in declaration order, those of base interfaces last.</param>
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
    /// <summary>A hash of how each call carries what it carries, by which stubs of one type are told apart; 0 for a type that has one.</summary>
    public ulong Form { get; init; }

    /// <summary>Whether a contract that a signature closes serves a root too: what it carries is by no other contract's options.</summary>
    public bool MayBeRoot { get; init; }

    /// <summary>Whether a file is generated for the contract.</summary>
    public bool HeadsFile => Kind is ContractKind.Interface or ContractKind.Named;
}
