namespace Multiprocess.Generator.Model;

internal enum MemberKind
{
    Method,
    Property,
    Indexer,
    Event,
}

/// <summary>A member of a contract, which is one call or, with two accessors, two.</summary>
/// <param name="Kind">What it is.</param>
/// <param name="Owner">The interface that declares it.</param>
/// <param name="Name">Its name, escaped where it is a keyword.</param>
/// <param name="Type">The type it returns or has.</param>
/// <param name="IndexParameters">The parameters of an indexer.</param>
/// <param name="Calls">A method's call; or get and set, or add and remove, as far as the member has them.</param>
/// <param name="Fallback">The class, nested in the proxy, through which the member's own body runs when the peer lacks the member; null without a body.</param>
internal sealed record MemberModel(
    MemberKind Kind,
    string Owner,
    string Name,
    string Type,
    EquatableArray<ParameterModel> IndexParameters,
    EquatableArray<CallModel> Calls,
    string? Fallback = null);
